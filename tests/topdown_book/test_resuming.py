"""A run that is killed goes on within its seed, and its curve is that of an undisturbed run."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from topdown.recipes import Recipe
from topdown_book.store import checkpoints, running
from topdown_book.store.records import Store
from topdown_book.store.running import Job, run_jobs

DIGITS = Recipe(dataset="digits", hidden=(16, 12), epochs=6, decay_epochs=(3, 5), n_train=640)
MIRRORED = dict(feedback="normal", mirror_every=1, premirror_epochs=1, weight_decay=1e-4)
RUNS = {
    "mirroring": [replace(DIGITS, **MIRRORED)],
    "time-local": [replace(DIGITS, rule="pepita-time-local", lr=1e-3)],
    "Forward-Forward with read-out": [replace(
        DIGITS, rule="forward-forward", ff_prediction="readout", ff_peer_normalization=0.03)],
    "masks drawn twice": [replace(DIGITS, rule="pepita-hebbian", masks="redrawn")],
    "direct feedback": [replace(DIGITS, rule="dfa")],
    "convolution": [replace(DIGITS, hidden=(), kernels=3, kernel_size=3, dropout=0)],
    "two recipes in one program": [replace(DIGITS, **MIRRORED),
                                   replace(DIGITS, **MIRRORED | dict(lr=0.02))],
}
CHILD = """
import json, sys, time
from topdown.recipes import Recipe
from topdown.training.loop import Trainer
from topdown_book.store import checkpoints
from topdown_book.store.records import Store
from topdown_book.store.running import Job, run_jobs

checkpoints.EVERY, epoch, step = 0.0, Trainer.epoch, Trainer._step
place = {}

def noting(self, number, limit=None):
    place.update(epoch=number, step=0)
    return epoch(self, number, limit)

def waiting(self, *arguments):
    place["step"] += 1
    if (place["epoch"], place["step"]) == (4, 5):
        print("in the middle", flush=True)
        time.sleep(600)
    return step(self, *arguments)

Trainer.epoch, Trainer._step = noting, waiting
jobs = [Job(Recipe.from_dict(r), (0, 1)) for r in json.loads(sys.argv[2])]
run_jobs(jobs, Store(sys.argv[1]), "cpu", False, together=9)
"""


def killed(recipes, store: Store) -> None:
    """Train the recipes in a process that is killed in the fifth step of its fourth epoch."""
    words = [sys.executable, "-c", CHILD, str(store.root),
             json.dumps([r.to_dict() for r in recipes])]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "in the middle\n"
        child.kill()
    assert child.returncode == -9


def jobs(recipes):
    return [Job(recipe, (0, 1)) for recipe in recipes]


def train(recipes, store: Store):
    run_jobs(jobs(recipes), store, "cpu", progress=False, together=9)
    return [store.load(recipe) for recipe in recipes]


def checkpoint_files(store: Store):
    return sorted((store.root / ".checkpoints").iterdir())


@pytest.mark.tried("training killed in the middle of an epoch, for every kind of rule",
                   "it goes on from the last checkpoint; the curve is that of an undisturbed run")
@pytest.mark.parametrize("recipes", RUNS.values(), ids=RUNS)
def test_a_killed_run_continued_has_the_curve_of_an_undisturbed_one_bit_for_bit(
        recipes, tmp_path):
    store = Store(tmp_path / "killed")
    killed(recipes, store)
    assert not store.files() and len(checkpoint_files(store)) == 1
    continued = train(recipes, store)
    undisturbed = train(recipes, Store(tmp_path / "undisturbed"))
    for ours, theirs in zip(continued, undisturbed):
        assert ours.curves.equals(theirs.curves)  # NaN at the same places, all else equal
        for seed in (0, 1):
            assert ours.provenance[seed]["resumed_after_epochs"] == [3]
            assert ours.provenance[seed]["replay"] == theirs.provenance[seed]["replay"]
            assert "resumed_after_epochs" not in theirs.provenance[seed]
    assert checkpoint_files(store) == []


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A store with the checkpoint of a killed run, and its bytes."""
    store = Store(tmp_path_factory.mktemp("stopped"))
    killed([DIGITS], store)
    (file,) = checkpoint_files(store)
    return store, file, file.read_bytes()


def flipped(content: bytes, place: float) -> bytes:
    at = int(place * len(content))
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1:]


DAMAGE = {"cut short": lambda c: c[: len(c) // 2], "empty": lambda c: b"",
          "no archive": lambda c: b"x" * 1000,
          **{f"a byte flipped at {p}": lambda c, p=p: flipped(c, p) for p in (0.2, 0.5, 0.9)}}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_checkpoint_is_said_in_one_line_and_the_run_started_over(
        stopped, damage, caplog):
    store, file, content = stopped
    file.write_bytes(damage(content))
    store.path(DIGITS).unlink(missing_ok=True)
    (record,) = train([DIGITS], store)
    (said,) = [r.getMessage() for r in caplog.records if "checkpoint" in r.getMessage()]
    assert file.name in said and "started over" in said and "\n" not in said
    assert "resumed_after_epochs" not in record.provenance[0] and not file.exists()


def test_a_checkpoint_of_other_code_is_not_continued(stopped, caplog, monkeypatch):
    store, file, content = stopped
    file.write_bytes(content)
    store.path(DIGITS).unlink(missing_ok=True)
    monkeypatch.setattr(running, "training_hash", lambda *_: "0123456789abcdef")
    (record,) = train([DIGITS], store)
    assert "other code" in caplog.text
    assert record.provenance[0]["code"] == "0123456789abcdef"
    assert "resumed_after_epochs" not in record.provenance[0]


def test_a_checkpoint_needs_no_pickle(stopped):
    import zipfile
    _, file, content = stopped
    file.write_bytes(content)
    with zipfile.ZipFile(file) as archive:
        assert not any(b"|O" in archive.read(name)[:128] for name in archive.namelist())


def test_a_disk_that_is_full_costs_the_checkpoint_and_not_the_run(tmp_path, monkeypatch, caplog):
    def full(*_, **__):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints.np, "savez", full)
    (record,) = train([replace(DIGITS, epochs=2)], Store(tmp_path))
    assert record.seeds == [0, 1] and "No space left" in caplog.text


def test_seconds_of_a_continued_run_include_those_before_it_was_stopped(tmp_path, monkeypatch):
    store = Store(tmp_path)
    killed([DIGITS], store)
    file = checkpoint_files(store)[0]
    arrays, meta = checkpoints._read(file)
    meta["seconds"] = 1000.0
    checkpoints.np.savez(file, meta=json.dumps(meta), **arrays)
    (record,) = train([DIGITS], store)
    assert record.provenance[0]["seconds"] > 1000
