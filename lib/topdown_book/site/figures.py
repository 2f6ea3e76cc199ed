"""Outputs of a notebook become figures and tables of Sphinx, and its cells find their places.

On the page stand the answer, the verdicts, the figure and its caption, where the notebook has them;
at its foot, folded, come where the numbers come from, the data, how to change them, and the code.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from topdown_book.site.panels import note, note_answer

FILES = "_data"
"""Where files beside the pages lie: data, pictures, numbers of widgets."""


WIDE = 7
"""Columns from which on a table takes the page's margin too."""
PAIR, ENTRY = 100, 24
"""Points: narrower panels stand in pairs on a phone; lower ones are entries of a legend."""


def kept(app) -> Path:
    """Where they wait for the pages to be written."""
    return Path(app.doctreedir) / FILES


class Figures(SphinxTransform):
    """Runs once a page is parsed, before Sphinx collects labels and pictures."""

    default_priority = 200

    def apply(self, **kwargs) -> None:
        behind: dict[str, list] = {"origin": [], "smaller": [], "data": [], "change": []}
        for bundle in list(self.document.findall(_is("mime_bundle"))):
            forms = {form["mime_type"]: form for form in bundle}
            soup = BeautifulSoup("".join(f.astext() for f in forms.get("text/html", ())),
                                 "html.parser")
            if answer := soup.find(class_="answer"):
                note_answer(self.env, self.env.docname, answer.p.get_text())
            if soup.find(class_="topdown"):
                bundle.replace_self(self.taken_apart(soup, forms, behind))
        if any(behind.values()):
            self.document.next_node(nodes.section).extend(self.foot(behind))

    def taken_apart(self, soup: BeautifulSoup, forms: dict, behind: dict) -> list:
        """What stays in place; the rest goes to `behind`."""
        smaller = [part.extract() for part in soup.find_all("details", class_="smaller")]
        figure = soup.find("figure")
        name, found = figure["id"], []
        if figure["id"] in self.document.ids:
            name += "-2"
        for kind, parts in behind.items():
            for part in soup.find_all("details", class_=kind):
                parts.append((name, part.extract()))
        found += [raw(str(part)) for part in soup.find_all("details", class_="claims")]
        found += [raw(self.widget(part, name)) for part in soup.select("[data-widget]")]
        make = self.table if figure.find("table") else self.drawing
        made = make(figure, name, forms)
        self.document.note_explicit_target(made, made)
        found.append(made if isinstance(made, nodes.figure) or made[1]["cols"] < WIDE
                     else nodes.container("", made, classes=["full-width"]))
        for part in smaller:
            self.files_of(part)
        return [*found, *(raw(str(part)) for part in smaller)]

    def drawing(self, figure: Tag, name: str, forms: dict) -> nodes.figure:
        """A figure: SVG, or PNG where a format of the book cannot have SVG."""
        page = self.env.docname.rpartition("/")[2]
        stem = name if name == page else f"{page}-{name}"
        for mime, suffix in (("image/svg+xml", "svg"), ("image/png", "png")):
            image = forms[mime].next_node(nodes.image)
            source = Path(self.env.relfn2path(image["uri"])[1])
            self.keep(f"{stem}.{suffix}", source.read_bytes())
        note(self.env, name, self.env.docname, stem, json.loads(figure["data-panels"]))
        place = os.path.relpath(kept(self.app) / stem, self.app.srcdir)
        image = nodes.image(uri=f"/{place}.*", alt=figure.img["alt"], classes=["drawn"])
        image["panels"] = json.loads(figure["data-panels"])
        image["of"] = name
        found = nodes.figure("", image, classes=["topdown-figure"], names=[name], ids=[name])
        found += nodes.caption("", figure.figcaption.get_text())
        for letter, *_ in image["panels"]:
            if letter:
                panel = nodes.target(ids=[f"{name}-{letter}"], names=[f"{name}-{letter}"])
                self.document.note_explicit_target(panel, panel)
        return found

    def table(self, figure: Tag, name: str, forms: dict) -> nodes.table:
        """A table, its first cells the heads of their rows."""
        head, *rows = figure.find_all("tr")
        group = nodes.tgroup(cols=len(head.find_all("th")))
        group += [nodes.colspec(colwidth=1, stub=int(not k)) for k in range(group["cols"])]
        group += nodes.thead("", _row(head))
        group += nodes.tbody("", *(_row(row) for row in rows))
        title = nodes.title("", figure.caption.get_text())
        return nodes.table("", title, group, classes=["topdown-table"], names=[name], ids=[name])

    def widget(self, part: Tag, name: str) -> str:
        """A widget's place, its scripts, and its numbers as a file beside the page."""
        numbers = self.keep(f"{name}-numbers.js", f"learn.numbers = {part.script.string};".encode())
        static = "../" * self.env.docname.count("/") + "_static"
        files = [f"{static}/learn/matrix.js", f"{static}/learn/chart.js", numbers,
                 f"{static}/explore/{part['data-widget']}.js"]
        scripts = "".join(f'<script src="{file}"></script>' for file in files)
        return (f'<link rel="stylesheet" href="{static}/learn/learn.css">'
                f'<div class="topdown-interactive learn explore" id="explore"></div>{scripts}')

    def keep(self, name: str, content: bytes) -> str:
        """Put a file beside the pages; its address from this page."""
        place = kept(self.app) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return "../" * self.env.docname.count("/") + f"{FILES}/{name}"

    def foot(self, behind: dict) -> list:
        """The folded parts, in their order; what several figures have in common stands once."""
        cells = list(self.document.findall(_is("cell_code_source")))
        for cell in cells:
            cell.parent.remove(cell)
        found, seen = [raw('<div class="behind">')], set()
        for kind, parts in behind.items():
            for name, part in parts:
                self.files_of(part)
                if str(part) in seen:
                    continue
                seen.add(str(part))
                more = cells[:1] if kind == "change" else []
                named = kind in ("origin", "smaller") or kind == "data" and len(parts) > 1
                found += self.fold(part, name if named else "", more)
        found += [raw("<details class='code'><summary>Code</summary>"), *cells[1:],
                  raw("</details></div>")]
        return found

    def fold(self, part: Tag, name: str, more: list) -> list:
        summary = part.summary.extract().decode_contents()
        label = [_number(name, self.env.docname), raw(": ")] if name else []
        kind = " ".join(part["class"])
        return [raw(f"<details class='{kind}'><summary>"), *label, raw(summary + "</summary>"),
                raw(part.decode_contents()), *more, raw("</details>")]

    def files_of(self, part: Tag) -> None:
        """Data in an address become a file."""
        for tag in part.find_all(["a", "img"]):
            where = "href" if tag.name == "a" else "src"
            if tag[where].startswith("data:"):
                content = base64.b64decode(tag[where].partition("base64,")[2])
                name = tag.get("download") or f"{tag.find_parent('figure')['id']}.svg"
                tag[where] = self.keep(name, content)
                tag.attrs |= {"loading": "lazy"} if tag.name == "img" else {}


def raw(text: str) -> nodes.raw:
    """HTML that other formats leave out."""
    return nodes.raw("", text, format="html")


def _number(name: str, page: str) -> nodes.Node:
    """"Figure 3", whatever its number will be; `_unlink` makes it plain words."""
    label = addnodes.pending_xref("", nodes.inline("", ""), refdomain="std", reftype="numref",
                                  reftarget=name, refdoc=page, refexplicit=False, refwarn=True)
    return nodes.inline("", "", label, classes=["number-of"])


def _unlink(app, document, page: str) -> None:
    """A line that opens when clicked must not hold a link."""
    for label in list(document.findall(nodes.inline)):
        if "number-of" in label["classes"]:
            label.replace_self(nodes.inline("", label.astext()))


def _is(element: str):
    return lambda node: isinstance(node, nodes.container) and node.get("nb_element") == element


def _row(row: Tag) -> nodes.row:
    found = nodes.row()
    for cell in row.find_all(["th", "td"]):
        text = nodes.paragraph("", "", *(_inline(part) for part in cell.children))
        found += nodes.entry("", text, classes=cell.get("class", []))
    return found


def _is_wide(panels) -> bool:
    """Whether panels stand side by side."""
    return any(a is not b and abs(a[2] - b[2]) < min(a[4], b[4]) / 2
               for a in panels for b in panels)


def _visit_image(self, node) -> None:
    """A drawn picture, a place to link to in each panel, and for a phone the panels one by one.

    The parts show the same file, each another view of it.
    """
    type(self).visit_image(self, node)
    panels = node.get("panels", ())
    if not _is_wide(panels):
        return
    drawn, source = self.body.pop(), node["uri"]
    anchors = "".join(f"<a id='{node['of']}-{p[0]}' class='panel' style='left:{p[1]}pt'></a>"
                      for p in panels if p[0])
    parts = "".join(
        f"<img alt='{'panel ' + letter if letter else ''}' loading='lazy' src='{source}"
        f"#svgView(viewBox({x},{y},{w},{h}))' "
        f"style='aspect-ratio:{w}/{h};max-width:{_widest(w, h)}'>"
        for letter, x, y, w, h in panels)
    self.body.append(f"<div class='whole'>{anchors}{drawn}</div><div class='parts'>{parts}</div>")


def _widest(width: float, height: float) -> str:
    """Of a panel on a phone: twice its size; small ones in pairs, entries of a legend in lines."""
    if height < ENTRY:
        return f"{1.4 * width:.0f}px"
    return f"min({2.1 * width:.0f}px,48%)" if width < PAIR else f"{2.1 * width:.0f}px"


def _visit_entry(self, node) -> None:
    """A head of a table says of what it is the head."""
    type(self).visit_entry(self, node)
    scope = "col" if isinstance(node.parent.parent, nodes.thead) else "row"
    self.body[-1] = self.body[-1].replace("<th", f'<th scope="{scope}"', 1)


def _finished(app, exception) -> None:
    if exception is None and app.builder.format == "html" and kept(app).is_dir():
        shutil.copytree(kept(app), Path(app.outdir, FILES), dirs_exist_ok=True)


def setup(app) -> None:
    """Called by `topdown_book.site`."""
    app.add_transform(Figures)
    for node, visit in ((nodes.image, _visit_image), (nodes.entry, _visit_entry)):
        name = node.__name__
        app.add_node(node, override=True, html=(visit, _as_usual(f"depart_{name}")))
    app.connect("doctree-resolved", _unlink)
    app.connect("build-finished", _finished)


def _as_usual(method: str):
    return lambda self, node: getattr(type(self), method)(self, node)


def _inline(part) -> nodes.Node:
    if not isinstance(part, Tag):
        return nodes.Text(str(part))
    kind = nodes.strong if part.name == "strong" else nodes.inline
    return kind("", part.get_text(), classes=part.get("class", []))
