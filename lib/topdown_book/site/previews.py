"""What a link shows on hovering: the term, equation, reference, figure or table that it leads to.

Taken from the written pages, kept in one file that `topdown.js` loads at the first hover.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

FILE = "_static/previews.js"
_KINDS = (
    r'<div class="math[^>]*id="(?P<equation>equation-[^"]+)">.*?</div>',
    r'<div class="citation" id="(?P<citation>[^"]+)".*?</div>',
    r'<dt id="(?P<term>term-[^"]+)">.*?</dt>\s*<dd>.*?</dd>',
    r'<figure class="topdown-figure[^>]*id="(?P<figure>[^"]+)">.*?</figure>',
    r'<table class="topdown-table[^>]*id="(?P<table>[^"]+)">.*?</table>',
)
_TARGET = re.compile("|".join(_KINDS), re.S)
_EXTRA = re.compile(r'<a class="headerlink".*?</a>|<div class=.parts.>.*?</div>|\salt="[^"]*"'
                    r"|\sid=(?:'[^']*'|\"[^\"]*\")|<a [^>]*class='panel'[^>]*></a>", re.S)


def targets(page: str) -> dict[str, str]:
    """id -> HTML of every target of a page, without what only makes sense in its place."""
    return {found[found.lastgroup]: _EXTRA.sub("", found[0]).replace("<img ", '<img alt="" ')
            for found in _TARGET.finditer(page)}


def collect(folder: Path, names) -> dict[str, str]:
    """"book/rules.html#equation-eq-bp" -> what to show, for all pages; addresses from the root."""
    found = {}
    for name in names:
        path = folder / f"{name}.html"
        if path.exists():
            for key, shown in targets(path.read_text()).items():
                found[f"{name}.html#{key}"] = shown.replace('src="../', 'src="').replace(
                    'href="#', f'href="{name}.html#')
    return found


def _finished(app, exception) -> None:
    if exception is None and app.builder.name == "html":
        found = json.dumps(collect(Path(app.outdir), sorted(app.env.found_docs)))
        Path(app.outdir, FILE).write_text(f"window.topdownPreviews = {found};\n")


def setup(app) -> None:
    """Called by `topdown_book.site`."""
    app.connect("build-finished", _finished, priority=700)
