"""A Sphinx extension: the records that pages link to lie beside the pages, as `results/...`.

They come from `results/` of the book's source folder, where the pipeline has put what the executed
notebooks have read, or else from the store itself.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from topdown_book.store.records import results_folder

LINK = re.compile(r"\.\./results/((?:[\w-][\w.-]*/)*[\w-][\w.-]*\.parquet)")
"""What `topdown_book.page.markup.record_list` writes; a name cannot lead out of the folder."""


def linked(text: str) -> list[str]:
    """The records a page links to, relative to the store."""
    return list(dict.fromkeys(LINK.findall(text)))


def copy_records(names, sources: list[Path], target: Path) -> list[str]:
    """Copy each record from the first of `sources` that has it; the names that none has."""
    absent = []
    for name in names:
        found = next((source / name for source in sources if (source / name).is_file()), None)
        if found is None:
            absent.append(name)
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, target / name)
    return absent


def _finished(app, exception) -> None:
    from sphinx.util import logging

    if exception is not None or app.builder.format != "html":
        return
    pages = [page.read_text() for page in sorted(Path(app.outdir, "book").glob("*.html"))]
    names = sorted({name for page in pages for name in linked(page)})
    sources = [Path(app.srcdir, "results"), results_folder()]
    for name in copy_records(names, sources, Path(app.outdir, "results")):
        logging.getLogger(__name__).warning("a page links to record %s, which is not there", name)


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("build-finished", _finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
