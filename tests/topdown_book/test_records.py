"""Recipes, the store of records, running and replay."""

import json
import multiprocessing
import os
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from topdown.errors import RecordError, StoreError
from topdown.recipes import Recipe
from topdown_book.store import records, running
from topdown_book.store.records import Store, read, write
from topdown_book.store.running import Job, compute, disagreement, plan, replay, run_jobs, verify

TINY = Recipe(dataset="digits", hidden=(8,), epochs=2)


def test_a_key_depends_on_values_and_not_on_spelled_out_defaults():
    assert Recipe().key == Recipe(lr=0.01, hidden=[1024]).key
    assert Recipe().key != Recipe(lr=0.02).key
    assert Recipe.from_dict(json.loads(json.dumps(TINY.to_dict()))) == TINY


def test_a_record_is_decoded_once_and_what_a_reader_does_to_it_reaches_no_other(monkeypatch):
    store, decoded = Store(), []
    run_jobs([Job(TINY, (0,))], store, "cpu", progress=False)
    monkeypatch.setattr(records, "read_frame", lambda *a, own=records.read_frame:
                        decoded.append(a) or own(*a))
    first, before = store.load(TINY), store.path(TINY).read_bytes()
    first.curves.loc[:, "value"] = -1.0
    first.provenance[0]["code"] = "another"
    again = store.load(TINY)
    assert len(decoded) == 1 and not (again.curves.value == -1).any()
    assert again.provenance[0]["code"] != "another"
    store.path(TINY).write_bytes(before[:-9] + bytes([before[-9] ^ 1]) + before[-8:])
    with pytest.raises(RecordError, match="damaged"):
        read(store.path(TINY))


GOLDEN = {
    "44136fa355b3": dict(),
    "08c510cce853": dict(decay_delay=1),
    "ff0cf011e54c": dict(sign=1, output_error="second", decay_delay=1),
    "7cc7cab01a33": dict(dataset="mnist", lr=0.1, sign=1, output_error="second", decay_delay=1),
}
"""Keys of records made when a delay of one epoch was called `late_decay`."""


@pytest.mark.parametrize(("key", "changes"), GOLDEN.items())
def test_a_delay_of_one_epoch_keeps_the_key_of_the_records_of_late_decay(key, changes):
    assert Recipe(**changes).key == key
    late = dict(changes, late_decay=bool(changes.get("decay_delay")))
    late.pop("decay_delay", None)
    assert Recipe.from_dict(late) == Recipe(**changes)


def test_a_stored_recipe_without_a_delay_has_none_and_two_epochs_have_a_key_of_their_own():
    stored = Recipe().to_dict()
    del stored["decay_delay"]
    assert Recipe.from_dict(stored) == Recipe()
    delayed = [Recipe(decay_delay=delay) for delay in (0, 1, 2)]
    assert len({recipe.key for recipe in delayed}) == 3
    assert [Recipe.from_dict(json.loads(json.dumps(r.to_dict()))) for r in delayed] == delayed


def test_a_recipe_without_decays_is_the_same_whatever_the_delay():
    assert Recipe(decay_epochs=(), decay_delay=1).key == Recipe(decay_epochs=()).key


@pytest.mark.parametrize(("changes", "words"), [
    (dict(decay_delay=3), "decay_delay=3"), (dict(decay_delay=True), "decay_delay=True"),
    (dict(rule="pepito"), "rule='pepito'"), (dict(epochs=-1), "epochs=-1"),
    (dict(hidden=(0,)), r"hidden=\(0,\)"), (dict(lr=float("nan")), "lr=nan"),
    (dict(dropout=1), "dropout=1"), (dict(mirror_every=1), "feedback='normal'"),
    (dict(rule="afa", hidden=(3, 3)), "one hidden layer"), (dict(epochs=True), "epochs=True"),
])
def test_an_impossible_recipe_is_an_error_that_names_the_field(changes, words):
    with pytest.raises(ValueError, match=words):
        Recipe(**changes)


def test_an_unknown_recipe_field_is_named_with_the_nearest_known_one():
    with pytest.raises(ValueError, match="did you mean 'momentum'"):
        Recipe.from_dict({"momemtum": 0.9})


def test_a_record_survives_the_round_trip_with_its_provenance(own_store):
    store, record = Store(), compute(TINY, [0, 1])
    path = store.add(record)
    back = store.load(TINY)
    assert path.is_relative_to(own_store)
    assert back.seeds == [0, 1]
    assert len(back.curves) == len(record.curves)
    entry = back.provenance[1]
    assert entry["status"] == "ok" and entry["packages"]["torch"] == torch.__version__
    assert entry["data_checksum"] and entry["started"] and "commit" in entry and "clean" in entry


def test_asking_for_more_seeds_adds_only_those_and_keeps_the_old():
    store = Store()
    run_jobs(plan([(TINY, [0, 1])], store, 1), store, "cpu", progress=False)
    before = store.load(TINY)
    jobs = plan([(TINY, [0, 1, 2])], store, 1)
    assert [job.seeds for job in jobs] == [(2,)]
    run_jobs(jobs, store, "cpu", progress=False)
    after = store.load(TINY)
    assert after.seeds == [0, 1, 2]
    kept = after.curves[after.curves.seed < 2].reset_index(drop=True)
    assert kept.equals(before.curves.reset_index(drop=True))
    assert plan([(TINY, [0, 1, 2])], store, 1) == []


def test_a_recipe_wanted_by_two_figures_is_trained_once():
    assert plan([(TINY, [0]), (replace(TINY), [0, 1])], Store(), 5) == [Job(TINY, (0, 1))]


@pytest.mark.tried("a byte of a record flipped, at every seventh place in turn",
                   "noticed and named, or nothing of the record changed")
def test_a_flipped_byte_anywhere_is_noticed_or_changes_nothing():
    store = Store()
    path = store.add(compute(TINY, [0]))
    sound, content = read(path), path.read_bytes()
    noticed = 0
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            back = read(path)
        except RecordError as error:
            noticed += path.name in str(error)
        else:
            assert back.curves.equals(sound.curves) and back.provenance == sound.provenance
    assert noticed > 0.5 * len(content) / 7


def test_a_damaged_record_is_named_and_computed_again(caplog):
    store = Store()
    path = store.add(compute(TINY, [0]))
    path.write_bytes(path.read_bytes()[::-1])
    assert store.load(TINY) is None
    assert path.name in caplog.text and "computed again" in caplog.text
    run_jobs(plan([(TINY, [0])], store, 1), store, "cpu", progress=False)
    assert store.load(TINY).seeds == [0]


def test_a_damage_of_a_record_is_named_once_in_a_run_and_another_one_again(caplog):
    store = Store()
    path = store.add(compute(TINY, [0]))
    whole = path.read_bytes()
    path.write_bytes(whole[::-1])
    run_jobs(plan([(TINY, [0])], store, 1), store, "cpu", progress=False)
    assert caplog.text.count("damaged record") == 1
    pq.write_table(pa.table({"x": [1]}), path)
    assert store.load(TINY) is Store(quiet=True).load(TINY) is None
    assert caplog.text.count("damaged record") == 2


def test_a_truncated_record_and_a_foreign_file_are_damaged_records():
    store = Store()
    path = store.add(compute(TINY, [0]))
    path.write_bytes(path.read_bytes()[:-100])
    assert store.load(TINY) is None
    pq.write_table(pa.table({"x": [1]}), path)
    assert store.load(TINY) is None


def test_a_record_under_the_name_of_another_recipe_is_refused():
    store, other = Store(), replace(TINY, lr=0.5)
    write(store.path(other), compute(TINY, [0]))
    with pytest.raises(RecordError, match="another recipe"):
        read(store.path(other), other)


def test_a_store_that_cannot_be_written_is_a_clear_error(own_store):
    own_store.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="TOPDOWN_RESULTS"):
        Store().add(compute(TINY, [0]))


@pytest.mark.parametrize("place", ("", "digits"))
def test_where_nothing_can_be_written_nothing_is_trained(own_store, monkeypatch, place):
    (own_store / place).parent.mkdir(parents=True, exist_ok=True)
    (own_store / place).write_text("a file where the folder should be")
    monkeypatch.setattr(running, "compute_together", lambda *_: pytest.fail("it is trained"))
    with pytest.raises(StoreError, match="cannot write .*TOPDOWN_RESULTS"):
        run_jobs(plan([(TINY, [0])], Store(), 1), Store(), "cpu", progress=False)


def test_a_tilde_in_the_name_of_the_store_is_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for given in ("~/rr", "rr", "elsewhere/../rr"):
        monkeypatch.setenv("TOPDOWN_RESULTS", given)
        assert Store().root == Store(given).root == tmp_path / "rr"
    path = Store().add(compute(TINY, [0]))
    assert path.is_relative_to(tmp_path / "rr") and not (tmp_path / "~").exists()


def test_an_interrupted_write_leaves_the_old_record_and_no_litter(monkeypatch):
    store = Store()
    path = store.add(compute(TINY, [0]))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records.pq, "write_table", full)
    with pytest.raises(StoreError, match="No space left"):
        store.add(compute(TINY, [1]))
    assert read(path).seeds == [0]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def _add(root, seed):
    torch.set_num_threads(1)
    Store(root).add(compute(TINY, [seed]))


def test_two_processes_adding_to_one_record_lose_nothing(own_store):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add, args=(str(own_store), s)) for s in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Store().load(TINY).seeds == [0, 1, 2]


def test_the_store_lives_where_topdown_results_points(own_store, monkeypatch):
    assert Store().root == own_store
    monkeypatch.delenv("TOPDOWN_RESULTS")
    assert Store().root.name == "results"
    assert not os.path.samefile(Store().root.parent, own_store.parent)


def test_replay_agrees_here_and_notices_a_change_of_the_rule(monkeypatch):
    record = compute(replace(TINY, rule="pepita-hebbian", hidden=(8, 8)), [4])
    assert verify(record) == 0
    original = running.Trainer._gather

    def shifted(self, places):
        target = original(self, places)
        self.stepper.x.mul_(1.02)
        return target

    monkeypatch.setattr(running.Trainer, "_gather", shifted)
    assert verify(record) > running.REPLAY_TOLERANCE


def test_replay_covers_mirroring_before_and_during_training():
    changes = dict(feedback="normal", initialization="he_normal", premirror_epochs=3,
                   mirror_every=2)
    plain = replay(replace(TINY, feedback="normal", initialization="he_normal"), 0)
    mirrored = replay(replace(TINY, **changes), 0)
    assert disagreement(plain, mirrored) > 1e-6
    assert disagreement(plain, {}) == np.inf


def _train_all(root):
    torch.set_num_threads(1)
    jobs = [Job(replace(TINY, lr=0.01 * k), (0, 1)) for k in range(1, 5)]
    run_jobs(jobs, Store(root), "cpu", progress=False)


def test_two_processes_share_the_jobs_of_a_figure(own_store):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_train_all, args=(str(own_store),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert all(Store().load(replace(TINY, lr=0.01 * k)).seeds == [0, 1] for k in range(1, 5))
