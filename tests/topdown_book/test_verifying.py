"""`topdown verify`: every record is looked at, whatever the others are like."""

import pytest
from typer.testing import CliRunner

from topdown.recipes import Recipe
from topdown_book.cli.main import app
from topdown_book.store.dependencies import training_hash
from topdown_book.store.records import Record, Store, read
from topdown_book.store.running import compute
from topdown_book.store.verifying import verify_all


@pytest.fixture
def store(own_store):
    store = Store()
    for rule in ("bp", "dfa", "pepita"):
        store.add(compute(Recipe(dataset="digits", hidden=(8,), epochs=1, rule=rule), [0, 1]))
    return store


def altered(store, rule, **entries):
    """The stored record of a rule, every seed's provenance changed."""
    record = read(store.path(Recipe(dataset="digits", hidden=(8,), epochs=1, rule=rule)))
    store.add(Record(record.recipe, record.curves,
                     {s: {**entry, **entries} for s, entry in record.provenance.items()}))


def test_a_damaged_and_a_foreign_record_are_named_and_the_rest_is_verified(store):
    first, second, _ = store.files()
    first.write_bytes(first.read_bytes()[:-20])
    second.rename(second.with_name("dfa-000000000000.parquet"))
    done = CliRunner().invoke(app, ["verify"])
    assert done.exit_code == 1
    assert first.name in done.output and "dfa-000000000000" in done.output
    assert "1 records replayed, 0 differ, 2 damaged or foreign" in done.output


def test_records_of_earlier_code_that_agree_are_adopted_with_the_old_hash_kept(store):
    altered(store, "dfa", code="earlier")
    found = {one.path: one.adopted for one in verify_all(store, adopt=True)}
    assert sorted(found.values()) == [(), (), (0, 1)]
    entry = store.load(Recipe(dataset="digits", hidden=(8,), epochs=1, rule="dfa")).provenance[1]
    assert (entry["code"], entry["trained_by"]) == (training_hash("dfa"), "earlier")
    assert not any(one.adopted for one in verify_all(store, adopt=True)), "adopted twice"


def test_a_record_that_the_present_code_does_not_make_is_never_adopted(store):
    altered(store, "bp", code="earlier", replay={"change_layer_1": 1.0})
    before = store.files()[0].read_bytes()
    done = CliRunner().invoke(app, ["verify", "--adopt"])
    assert done.exit_code == 1 and "1 differ" in done.output
    assert store.files()[0].read_bytes() == before


@pytest.mark.parametrize(("most", "replayed"), ((1, 1), (2, 2), (3, 3), (9, 3)))
def test_a_sample_has_no_more_records_than_asked_for(store, most, replayed):
    done = CliRunner().invoke(app, ["verify", "--sample", str(most)])
    assert done.exit_code == 0 and f"{replayed} records replayed" in done.output
