"""Links from pages to records: what is linked is copied, and nothing else."""

import pytest

from topdown import markup
from topdown.book_records import copy_records, linked

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
