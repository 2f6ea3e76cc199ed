"""The table of what is checked by what: from the tests, complete for the rules, up to date."""

import importlib.util
import re
from pathlib import Path

from topdown.rules import RULES

ROOT = Path(__file__).parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checked = script("checked")


def test_the_stored_tables_are_those_of_the_tests():
    assert checked.README.read_text() == checked.for_readme()
    assert checked.BOOK.read_text() == checked.for_book()


def test_every_rule_of_the_registry_is_in_the_table():
    named = {what.lower().replace(" ", "-") for what, _ in checked.checks()}
    assert set(RULES) <= named


def test_every_equation_of_the_table_is_one_of_the_book():
    labels = set()
    for page in (ROOT / "book").rglob("*.md"):
        labels |= set(re.findall(r"^\$\$ \((eq-[\w-]+)\)", page.read_text(), re.M))
    assert {equation for _, equation in checked.checks()} <= labels


def test_a_mark_is_read_with_the_name_of_its_test(tmp_path):
    file = tmp_path / "test_x.py"
    file.write_text('@pytest.mark.checks("A rule", "eq-a")\ndef test_it_holds():\n    pass\n'
                    "def test_other():\n    pass\n")
    assert checked.marked(file) == [("A rule", "eq-a", "test_x::test_it_holds")]
    assert checked.words("test_x::test_it_holds") == "it holds"


def test_every_file_that_the_readme_of_the_tests_names_is_there():
    text = (ROOT / "tests" / "README.md").read_text().partition("## ")[0]
    named = re.findall(r"`((?:\w+/)?test_[\w*]+\.py|ci/\w+\.\w+)", text)
    assert len(named) > 15
    for name in named:
        folder = ROOT if name.startswith("ci/") else ROOT / "tests"
        assert list(folder.rglob(name)), name
