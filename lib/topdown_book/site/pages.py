"""What every page's HTML lacks or has too much of, put right once the pages are written.

Less weight: no icon font (`topdown.css` draws the icons), no search index outside the search, no
script of an extension that the book does not use, MathJax only where there is a formula. More help:
descriptions, names for the sidebar's toggles, parts that fold, how to cite; where the book has an
address (`html_baseurl`), a sitemap and a preview for those who share a page.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import yaml

UNUSED = ("fontawesome", "togglebutton", "sphinx-thebe", "design-tabs", "sphinx-design")
SEARCH = ("searchtools", "language_data", "searchindex")
MATHJAX = ("mathjax/",)
INLINE = ("toggleHintShow", "toggleHintHide", "toggleOpenOnPrint", "togglebuttonSelector",
          "THEBE_JS_URL", "text/x-thebe-config")
THEME = re.compile(r"styles/theme\.css\?[^\"]*")
"""The theme's sheet, which does nothing but import basic.css: a request less, and none in a row."""
CITE = '<div class="cite"></div>'
"""Where the pages say how to cite the book."""
_SCRIPT = re.compile(r"[ \t]*<script\b[^>]*>.*?</script>\n?", re.S)
_LINK = re.compile(r"[ \t]*<link\b[^>]*>\n?")
_ARTICLE = re.compile(r'<article class="bd-article">(.*?)</article>', re.S)
_PART = re.compile(r'<p aria-level="2" class="caption" role="heading"><span class="caption-text">'
                   r'([^<]*)</span></p>\s*(<ul class="[^"]*bd-sidenav">.*?)'
                   r"(?=<p aria-level|</div>)", re.S)
_TOGGLE = re.compile(r"(<a [^>]*>([^<]*(?:<(?!/a>)[^<]*)*)</a><details[^>]*>)<summary>")


_NOTEBOOK = re.compile(r'(<a [^>]*?href="\w+)\.ipynb(?=["#])')
"""A link from an output to the notebook of another page, which Sphinx leaves as it is."""


def finish(page: str, cite: str = "", address: str = "", search: bool = False) -> str:
    """The page's HTML as it is served; doing it again changes nothing."""
    article = _ARTICLE.search(page)
    text = article[1] if article else ""
    unused = (*UNUSED, *(() if search else SEARCH), *(() if 'class="math' in text else MATHJAX))
    page = THEME.sub("basic.css", _lighter(page, unused, math='class="math' in text))
    page = re.sub(r'(<meta name="viewport"[^>]*>)(.*?)(?=</head>)', _one_viewport, page, count=1,
                  flags=re.S)
    page = _PART.sub(_folding, page)
    page = _TOGGLE.sub(r'\1<summary aria-label="Pages below \2">', page)
    page = _NOTEBOOK.sub(r"\1.html", page)
    page = page.replace(CITE, cite).replace('<div role="list" class="citation-list">',
                                            '<div class="citation-list">')
    if 'name="description"' not in page and text:
        page = page.replace("</head>", f"{_about(page, description(text), address)}</head>", 1)
    return page


def _lighter(page: str, unused, math: bool) -> str:
    inline = (*INLINE, *(() if math else ("window.MathJax",)))

    def kept(found: re.Match) -> str:
        tag, _, body = found[0].partition(">")
        drop = any(name in tag for name in (*unused, *INLINE)) or any(n in body for n in inline)
        return "" if drop else found[0]

    page = _SCRIPT.sub(kept, page)
    return _LINK.sub(lambda f: "" if any(n in f[0] for n in unused) else f[0], page)


def _one_viewport(found: re.Match) -> str:
    return found[1] + re.sub(r'<meta name="viewport"[^>]*>', "", found[2])


def _folding(found: re.Match) -> str:
    """A part of the sidebar folds; that of the present page is open."""
    opened = " open" if "current" in found[2] else ""
    return (f'<details class="part"{opened}><summary>{found[1]}</summary>\n{found[2].rstrip()}\n'
            "</details>\n")


def description(article: str, longest: int = 160) -> str:
    """The first sentences of the page's first paragraph, as plain text."""
    paragraph = re.search(r"<p>(.*?)</p>", article, re.S)
    words = re.sub(r"<[^>]+>|\\[()]", "", paragraph[1]).split() if paragraph else []
    text = html.unescape(" ".join(words))
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def _about(page: str, text: str, address: str) -> str:
    title = re.search(r"<title>(.*?)</title>", page, re.S)[1].strip()
    entries = {"og:title": title, "og:description": html.escape(text), "og:type": "article"}
    if address:
        entries["og:image"] = f"{address.rstrip('/')}/_data/index.png"
    tags = [f'<meta name="description" content="{html.escape(text)}">']
    tags += [f'<meta property="{name}" content="{value}">' for name, value in entries.items()]
    return "\n".join(tags) + "\n"


def citation(source: Path) -> str:
    """The BibTeX of the paper and of this book, from CITATION.cff, as HTML; "" without one."""
    if not source.is_file():
        return ""
    about = yaml.safe_load(source.read_text())
    paper = _bibtex("inproceedings", "srinivasan2024forward", about["preferred-citation"])
    text = html.escape(paper + "\n\n" + _bibtex("misc", "topdown", about))
    return (f'<details class="cite"><summary>Cite the paper and this book</summary>'
            f'<div class="highlight"><pre>{text}</pre></div></details>')


def _bibtex(kind: str, key: str, work: dict) -> str:
    names = " and ".join(f"{a['family-names']}, {a['given-names']}" if "family-names" in a
                         else f"{{{a['name']}}}" for a in work["authors"])
    place = work.get("collection-title") or work.get("journal")
    fields = {"title": work["title"], "author": names, "booktitle": place,
              "year": work.get("year") or str(work.get("date-released", ""))[:4],
              "version": work.get("version"), "url": work.get("url")}
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{key},\n{lines}\n}}"


def _finished(app, exception) -> None:
    if exception is not None or app.builder.name != "html":
        return
    cite, address = citation(Path(app.srcdir, "CITATION.cff")), app.config.html_baseurl or ""
    names = sorted(app.env.found_docs) + ["search", "genindex"]
    for name in names:
        path = Path(app.outdir, f"{name}.html")
        if path.exists():
            path.write_text(finish(path.read_text(), cite, address, name == "search"))
    if address:
        urls = "".join(f"<url><loc>{address.rstrip('/')}/{n}.html</loc></url>" for n in names)
        Path(app.outdir, "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n<urlset '
            f'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>\n')


def setup(app) -> None:
    """Called by `topdown_book.site`."""
    app.connect("build-finished", _finished, priority=600)
