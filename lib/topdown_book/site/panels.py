"""The directive `{panel} fig1-b`: one panel of a figure of another page, or all of `fig1`.

It shows the other page's own picture, so that nothing is drawn or stored twice.
"""

from __future__ import annotations

import re

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

_LETTER = re.compile(r"(.*?)(?:-([a-z]))?$")


class borrowed(nodes.General, nodes.Element):
    """Stands for a panel until all pages have been read."""


class Panel(SphinxDirective):
    """`{panel} FIGURE-LETTER` with `:alt:`, what it shows in words."""

    required_arguments = 1
    option_spec = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        return [borrowed(of=self.arguments[0], alt=self.options["alt"])]


def note(env, figure: str, page: str, file: str, panels: list) -> None:
    """Remember where a figure is, for pages that show it or a part of it."""
    known = env.__dict__.setdefault("topdown_figures", {})
    known[figure] = dict(page=page, file=file, panels=panels)


def view(panels: list, letter: str) -> tuple[float, float, float, float]:
    """x, y, width and height of a panel, or of all together."""
    boxes = [box for name, *box in panels if not letter or name == letter]
    x, y = min(b[0] for b in boxes), min(b[1] for b in boxes)
    return (x, y, round(max(b[0] + b[2] for b in boxes) - x, 1),
            round(max(b[1] + b[3] for b in boxes) - y, 1))


def _resolve(app, document, page: str) -> None:
    known = getattr(app.env, "topdown_figures", {})
    for node in list(document.findall(borrowed)):
        figure, letter = _LETTER.match(node["of"]).groups()
        found = known.get(figure)
        if not found or letter and letter not in {p[0] for p in found["panels"]}:
            logging.getLogger(__name__).warning("no notebook shows %s", node["of"], location=node)
            node.parent.remove(node)
            continue
        node.replace_self(nodes.raw("", _html(page, node, found, letter), format="html"))


def _html(page: str, node, found: dict, letter: str) -> str:
    x, y, width, height = view(found["panels"], letter)
    up = "../" * page.count("/")
    scale = 2.0 if letter else 1.35
    return (f"<figure class='borrowed'><a href='{up}{found['page']}.html#{node['of']}'>"
            f"<img alt='{node['alt']}' src='{up}_images/{found['file']}.svg"
            f"#svgView(viewBox({x},{y},{width},{height}))' "
            f"style='aspect-ratio:{width}/{height};width:{round(scale * width)}px'></a></figure>")


def _forget(app, env, page: str) -> None:
    known = getattr(env, "topdown_figures", {})
    for figure in [name for name, found in known.items() if found["page"] == page]:
        del known[figure]


def _merge(app, env, pages, other) -> None:
    env.__dict__.setdefault("topdown_figures", {}).update(getattr(other, "topdown_figures", {}))


def setup(app) -> None:
    """Called by `topdown_book.site`."""
    app.add_node(borrowed)
    app.add_directive("panel", Panel)
    app.connect("doctree-resolved", _resolve)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
