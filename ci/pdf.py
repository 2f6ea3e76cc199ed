"""The whole book as one PDF: python ci/pdf.py [HTML_FOLDER]

Chromium prints every page in the order of the book; the pages are joined with an outline, and links
among them lead inside the PDF. The landing page then links to it. Without Chromium there is none.
"""

import html
import io
import re
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from check_book import toc_files
from report import note

NAME = "topdown.pdf"
PLACE = re.compile(r'<span class="pdf">([^<]*)</span>')
"""Where a page speaks of the PDF, which becomes a link once there is one."""
READY = "() => !document.querySelector('.math') || !!document.querySelector('mjx-container')"
"""Whether the formulas of a page are typeset, where it has some."""
PAPER = dict(format="A4", print_background=True, scale=0.8, prefer_css_page_size=False,
             margin=dict(top="14mm", bottom="16mm", left="15mm", right="15mm"),
             display_header_footer=True, header_template="<span></span>",
             footer_template="<span style='font-size:8px;margin:auto'>TITLE</span>")


def chromium() -> str | None:
    """Debian's browser, or another one of its kind."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def print_pages(browser: str, pages: list[Path]) -> dict[str, bytes]:
    """File address -> PDF of every page, by two browsers side by side."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        parts = pool.map(_print_some, [browser] * 2, [pages[0::2], pages[1::2]])
        printed = {address: content for part in parts for address, content in part.items()}
    return {address: printed[address] for address in (p.resolve().as_uri() for p in pages)}


def _print_some(browser: str, pages: list[Path]) -> dict[str, bytes]:
    """PDF of these pages, pictures loaded and formulas typeset."""
    from playwright.sync_api import sync_playwright

    printed = {}
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_page(color_scheme="light")
        for path in pages:
            page.goto(path.resolve().as_uri(), wait_until="load")
            page.wait_for_function(READY, timeout=60_000)
            title = page.title().partition(" — ")[0].replace("<", "")
            footer = PAPER["footer_template"].replace("TITLE", title)
            printed[path.resolve().as_uri()] = page.pdf(**{**PAPER, "footer_template": footer})
        opened.close()
    return printed


def join(printed: dict[str, bytes], titles: dict[str, str]) -> bytes:
    """One PDF with an outline; a link to a page of the book becomes a link inside it."""
    from pypdf import PdfReader, PdfWriter

    writer, starts = PdfWriter(), {}
    for address, content in printed.items():
        starts[address] = len(writer.pages)
        writer.append(PdfReader(io.BytesIO(content)), import_outline=False)
        writer.add_outline_item(title=titles[address], page_number=starts[address])
    for page in writer.pages:
        for annotation in page.get("/Annots") or ():
            _turn_inside(writer, annotation.get_object(), starts)
    writer.compress_identical_objects()
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _turn_inside(writer, annotation, starts: dict[str, int]) -> None:
    from pypdf.generic import ArrayObject, NameObject

    address = str(annotation.get("/A", {}).get("/URI", "")).partition("#")[0]
    if address in starts:
        del annotation["/A"]
        target = writer.pages[starts[address]].indirect_reference
        annotation[NameObject("/Dest")] = ArrayObject([target, NameObject("/Fit")])


def make(folder: Path, names: list[str]) -> bool:
    """Write topdown.pdf beside the pages; False where there is no browser."""
    pages = {name: folder / f"{name}.html" for name in names}
    browser = chromium()
    if browser is None:
        print("book: no PDF, since there is no Chromium here (apt-get install chromium)")
        return False
    printed = print_pages(browser, list(pages.values()))
    titles = {path.resolve().as_uri(): _title(path) for path in pages.values()}
    (folder / NAME).write_bytes(join(printed, titles))
    link = rf'<a class="pdf" href="../{NAME}">\1</a>'
    for path in pages.values():
        path.write_text(PLACE.sub(link, path.read_text()))
    return True


def _title(page: Path) -> str:
    found = re.search(r"<title>(.*?)</title>", page.read_text(), re.S)[1]
    return html.unescape(found).strip().partition(" — ")[0]



def main(folder: str = "_build/html") -> None:
    started, place = time.time(), Path(folder)
    if make(place, toc_files(Path("."))):
        note("pdf", "all", started, {"bytes": (place / NAME).stat().st_size})


if __name__ == "__main__":
    main(*sys.argv[1:])
