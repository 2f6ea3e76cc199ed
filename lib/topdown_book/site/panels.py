"""What a page shows of another one: `{panel} fig1-b`, `` {answer}`depth` ``.

A panel of a figure, or all of `fig1`, is the other page's own picture, so that nothing is drawn or
stored twice. An answer is the sentence with which the other page answers its question.
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


class quoted(nodes.Inline, nodes.Element):
    """Stands for the answer of the page `of` until all pages have been read."""


def answer_role(name, rawtext, text, line, inliner, options=None, content=None):
    """`` {answer}`PAGE` ``"""
    return [quoted(of=text)], []


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


def note_answer(env, page: str, text: str) -> None:
    """Remember the first answer of a page, by the page's name without its folders."""
    env.__dict__.setdefault("topdown_answers", {}).setdefault(page.rpartition("/")[2], text)


def view(panels: list, letter: str) -> tuple[float, float, float, float]:
    """x, y, width and height of a panel, or of all together."""
    boxes = [box for name, *box in panels if not letter or name == letter]
    x, y = min(b[0] for b in boxes), min(b[1] for b in boxes)
    return (x, y, round(max(b[0] + b[2] for b in boxes) - x, 1),
            round(max(b[1] + b[3] for b in boxes) - y, 1))


def _quote(app, document, page: str) -> None:
    known = getattr(app.env, "topdown_answers", {})
    for node in list(document.findall(quoted)):
        if node["of"] not in known:
            logging.getLogger(__name__).warning("no page answers as %s", node["of"], location=node)
        node.replace_self(nodes.inline("", known.get(node["of"], "?")))


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
    scale, kind = (1.8, " one") if letter else (1.35, "")
    return (f"<figure class='borrowed{kind}'><a href='{up}{found['page']}.html#{node['of']}'>"
            f"<img alt='{node['alt']}' src='{up}_images/{found['file']}.svg"
            f"#svgView(viewBox({x},{y},{width},{height}))' "
            f"style='aspect-ratio:{width}/{height};width:{round(scale * width)}px'></a></figure>")


def _forget(app, env, page: str) -> None:
    known = getattr(env, "topdown_figures", {})
    for figure in [name for name, found in known.items() if found["page"] == page]:
        del known[figure]
    getattr(env, "topdown_answers", {}).pop(page.rpartition("/")[2], None)


def _merge(app, env, pages, other) -> None:
    for name in ("topdown_figures", "topdown_answers"):
        env.__dict__.setdefault(name, {}).update(getattr(other, name, {}))


def setup(app) -> None:
    """Called by `topdown_book.site`."""
    app.add_node(borrowed)
    app.add_node(quoted)
    app.add_role("answer", answer_role)
    app.add_directive("panel", Panel)
    app.connect("doctree-resolved", _resolve)
    app.connect("doctree-resolved", _quote)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
