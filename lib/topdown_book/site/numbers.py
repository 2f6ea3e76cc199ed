"""Figures and tables have the paper's numbers, "Figure 3", "Table S1"; our own are C1, C2, ..."""

from __future__ import annotations

import re
from collections import Counter

from docutils import nodes

_PAPER = re.compile(r"(fig|tab)(s?)(\d+)([a-d]?)$")


def in_paper(name: str) -> str:
    """The number that the paper gives to the figure or table of this name, or nothing.

    "fig3" is Figure 3 and "tabs1" Table S1.
    """
    found = _PAPER.match(name)
    return f"{found[2].upper()}{found[3]}{found[4]}" if found else ""


def assign(app, env) -> list[str]:
    """Put the numbers where Sphinx has put its own; runs after it, each time that pages changed."""
    own = Counter()
    for page in pages(env, env.config.root_doc):
        given = env.toc_fignumbers.get(page, {})
        if not given.get("figure") and not given.get("table"):
            continue
        for node in env.get_doctree(page).findall(_ours):
            kind = "figure" if isinstance(node, nodes.figure) else "table"
            number = in_paper(node["ids"][0])
            if not number:
                own[kind] += 1
                number = f"C{own[kind]}"
            given[kind][node["ids"][0]] = (number,)
    return []


def _ours(node) -> bool:
    return isinstance(node, nodes.figure | nodes.table) and any(
        name.startswith("topdown-") for name in node["classes"])


def pages(env, page: str):
    """A page and all below it, in the order of the book."""
    yield page
    for below in env.toctree_includes.get(page, ()):
        yield from pages(env, below)


def setup(app) -> None:
    """Called by `topdown_book.site`."""
    app.connect("env-get-updated", assign, priority=900)
