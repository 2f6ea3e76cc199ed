"""Records of other machines: checked, merged seed by seed, never half-written."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from topdown.errors import UsageError
from topdown.recipes import Recipe
from topdown_book.cli.main import app
from topdown_book.store import records
from topdown_book.store.importing import import_records
from topdown_book.store.records import Record, Store, read, write
from topdown_book.store.running import compute

TINY = Recipe(dataset="digits", hidden=(4,), epochs=2)


@pytest.fixture(scope="module")
def trained():
    return compute(TINY, [0, 1])


@pytest.fixture
def elsewhere(tmp_path):
    return Store(tmp_path / "elsewhere")


def test_new_seeds_join_those_already_there_and_a_second_import_adds_none(trained, elsewhere):
    store = Store()
    store.add(trained.only([0]))
    elsewhere.add(trained)
    (first,), (second,) = (list(import_records(elsewhere.root, store)) for _ in range(2))
    assert (first.new, first.present) == ((1,), (0,))
    assert (second.new, second.present) == ((), (0, 1))
    joined = store.load(TINY)
    assert joined.seeds == [0, 1] and joined.provenance == trained.provenance
    assert len(joined.curves) == len(trained.curves)


def altered(trained: Record, what: str) -> Record:
    curves, provenance = trained.curves.copy(), {s: dict(e) for s, e in trained.provenance.items()}
    match what:
        case "an epoch lost":
            curves = curves[~((curves.epoch == 1) & (curves.metric == "test_loss"))]
        case "a seed without curve":
            curves = curves[curves.seed == 0]
        case "no code":
            del provenance[1]["code"]
    return Record(trained.recipe, curves, provenance)


@pytest.mark.parametrize(("what", "words"), [
    ("an epoch lost", "not every epoch from 0 to 2"), ("a seed without curve", "same seeds"),
    ("no code", "seed 1 does not say its code"),
])
def test_an_incomplete_record_is_refused_and_nothing_of_it_stored(trained, elsewhere, what, words):
    write(elsewhere.path(TINY), altered(trained, what))
    (found,) = import_records(elsewhere.root, Store())
    assert words in found.refused and Store().files() == []


def test_a_damaged_or_misnamed_record_is_refused_and_the_others_are_taken(trained, elsewhere):
    elsewhere.add(trained)
    other = replace(TINY, lr=0.02)
    write(elsewhere.path(other), trained)
    elsewhere.path(replace(TINY, lr=0.03)).write_bytes(b"no Parquet file")
    result = CliRunner().invoke(app, ["import-records", str(elsewhere.root)])
    assert result.exit_code == 1
    assert "3 records read: 2 seeds new, 0 already there, 2 records refused" in result.output
    assert "damaged record" in result.output and f"belongs to pepita-{TINY.key}" in result.output
    assert Store().load(TINY).seeds == [0, 1] and Store().load(other) is None


def test_a_seed_with_other_values_does_not_replace_ours(trained, elsewhere):
    Store().add(trained)
    theirs = Record(TINY, trained.curves.assign(value=1.0), trained.provenance)
    elsewhere.add(theirs)
    (found,) = import_records(elsewhere.root, Store())
    assert "seed 0 is already there with other values" in found.refused
    assert Store().load(TINY).curves.value.nunique() > 1


def test_an_import_that_is_interrupted_leaves_the_old_record(trained, elsewhere, monkeypatch):
    store = Store()
    before = store.add(trained.only([0])).read_bytes()
    elsewhere.add(trained)
    monkeypatch.setattr(records.os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        list(import_records(elsewhere.root, store))
    assert store.path(TINY).read_bytes() == before and read(store.path(TINY)).seeds == [0]


def test_a_folder_without_records_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="no records in"):
        list(import_records(tmp_path, Store()))
