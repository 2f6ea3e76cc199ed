"""Links from pages to records: what is linked is copied, and nothing else."""

import io

import pytest

from topdown_book.page import markup
from topdown_book.page.book_records import copy_records, linked

NAMES = ["mnist/pepita-0123.parquet", "theory/exact_rule.parquet", "cifar10/a-b_c.1.parquet"]


def test_the_links_that_the_library_writes_are_found_again():
    assert linked(markup.record_list([*NAMES, NAMES[0]])) == NAMES
    assert linked(markup.record_list([])) == []


@pytest.mark.parametrize("name", ["../../secret.parquet", "/etc/x.parquet", "a/../b.parquet",
                                  ".locks/x.parquet", "mnist/x.csv", "..%2fx.parquet"])
def test_no_link_leads_out_of_the_folder(name):
    assert linked(f"<a href='../results/{name}'>") == []


def test_the_first_folder_that_has_a_record_gives_it(tmp_path):
    one, other, target = (tmp_path / name for name in ("one", "other", "target"))
    for folder, name in ((one, NAMES[0]), (other, NAMES[0]), (other, NAMES[1])):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(folder.name)
    assert copy_records(NAMES, [one, other], target) == [NAMES[2]]
    assert (target / NAMES[0]).read_text() == "one" and (target / NAMES[1]).read_text() == "other"


@pytest.mark.parametrize("there", [True, False])
def test_sphinx_puts_linked_records_beside_the_pages_and_warns_of_absent_ones(
        tmp_path, monkeypatch, there):
    sphinx = pytest.importorskip("sphinx.application")
    source, store, html = tmp_path / "source", tmp_path / "store", tmp_path / "html"
    (source / "book").mkdir(parents=True)
    (source / "index.rst").write_text("Top\n===\n\n.. toctree::\n\n   book/page\n")
    link = markup.record_list(NAMES[:1])
    (source / "book" / "page.rst").write_text(f"Page\n====\n\n.. raw:: html\n\n   {link}\n")
    if there:
        (store / NAMES[0]).parent.mkdir(parents=True)
        (store / NAMES[0]).write_text("rows")
    monkeypatch.setenv("TOPDOWN_RESULTS", str(store))
    warnings = io.StringIO()
    app = sphinx.Sphinx(source, None, html, tmp_path / "doctrees", "html", status=None,
                        warning=warnings, freshenv=True,
                        confoverrides={"extensions": ["topdown_book.page.book_records"]})
    app.build()
    assert (html / "results" / NAMES[0]).exists() == there
    assert (f"record {NAMES[0]}, which is not there" in warnings.getvalue()) == (not there)
