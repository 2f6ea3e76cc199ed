"""`topdown doctor` says what is wrong, and only that."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from topdown.recipes import Recipe
from topdown_book.cli import data_sets, doctor
from topdown_book.cli.main import app
from topdown_book.store.records import Store
from topdown_book.store.running import compute


@pytest.fixture(autouse=True)
def no_data(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("TOPDOWN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TOPDOWN_CACHE", str(tmp_path / "cache"))


def called():
    result = CliRunner().invoke(app, ["doctor"])
    return result.exit_code, result.output


def test_a_sound_machine_is_well_even_without_data():
    Store().add(compute(Recipe(dataset="digits", hidden=(4,), epochs=1), [0, 1]))
    code, said = called()
    assert code == 0 and "all is well" in said and "WRONG" not in said
    assert "1 records, 2 runs" in said and "not here (topdown data fetch mnist)" in said
    for subject in ("python", "torch", "device", "cache", "digits", "store"):
        assert f"ok    {subject}" in said


def test_a_damaged_record_is_named(own_store):
    path = Store().add(compute(Recipe(dataset="digits", hidden=(4,), epochs=1), [0]))
    path.write_bytes(path.read_bytes()[:-50])
    code, said = called()
    assert code == 1 and f"WRONG record         {path.name}" in said


@pytest.mark.parametrize("left", (slice(0, -1000), slice(0, 0)))
def test_digits_that_scikit_learn_holds_in_part_are_named(left, tmp_path, monkeypatch):
    import sklearn

    place = tmp_path / "datasets" / "data" / "digits.csv.gz"
    place.parent.mkdir(parents=True)
    whole = Path(sklearn.__file__).parent / "datasets" / "data" / "digits.csv.gz"
    place.write_bytes(whole.read_bytes()[left])
    monkeypatch.setattr(data_sets, "find_spec",
                        lambda _: SimpleNamespace(origin=str(tmp_path / "__init__.py")))
    code, said = called()
    assert code == 1 and "WRONG digits" in said and str(place) in said
    assert "install scikit-learn again" in said


def test_a_data_folder_that_is_named_but_nowhere_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPDOWN_DATA", str(tmp_path / "nowhere"))
    code, said = called()
    assert code == 1 and "WRONG data" in said and str(tmp_path / "nowhere") in said


def test_a_wrong_data_folder_and_a_wrong_store_are_named(tmp_path, monkeypatch):
    for name in ("TOPDOWN_DATA", "TOPDOWN_RESULTS"):
        (tmp_path / name).write_text("a file")
        monkeypatch.setenv(name, str(tmp_path / name))
    code, said = called()
    assert code == 1 and "2 things are wrong" in said
    assert "WRONG data" in said and "WRONG store" in said


def test_a_package_outside_its_range_is_named(monkeypatch):
    stated = ["torch>=99", "no-such-package>=1", "another; extra == 'y'"]
    monkeypatch.setattr(doctor, "requires", lambda _: stated)
    texts = [str(finding) for finding in doctor.packages()]
    assert [t.startswith("WRONG") for t in texts] == [True, True]
    assert "pip install 'torch>=99'" in texts[0] and "absent" in texts[1]
