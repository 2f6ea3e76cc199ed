"""`ci/gpu.sh`: what is done is not done again, and what is new is sent; `topdown` is a stand-in."""

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAND_IN = """#!/usr/bin/env bash
shift 2                                   # -m topdown_book
echo "$*" >> "$CALLS"
[ "$1" = "${DIES:-}" ] && exit 1
[ "$1" = run ] && echo trained > "$TOPDOWN_RESULTS/digits/new.parquet"
echo "said by $1"
"""


@pytest.fixture
def script(tmp_path):
    """Runs the script; returns its exit code and the commands of `topdown` that it called."""
    (tmp_path / "results" / "digits").mkdir(parents=True)
    old = tmp_path / "results" / "digits" / "old.parquet"
    old.write_text("from before")
    os.utime(old, (0, 0))
    python, calls = tmp_path / "python", tmp_path / "calls"
    python.write_text(STAND_IN)
    python.chmod(0o755)

    def run(**changes):
        calls.write_text("")
        environment = {**os.environ, "PYTHON": str(python), "CALLS": str(calls),
                       "TOPDOWN_RESULTS": str(tmp_path / "results"), "TOPDOWN_DEVICE": "cpu",
                       "TOPDOWN_PROFILE": "smoke", **changes}
        done = subprocess.run(["bash", ROOT / "ci" / "gpu.sh", "0.01", tmp_path / "tried"],
                              env=environment, capture_output=True, text=True, timeout=60)
        return done.returncode, [line.split()[0] for line in calls.read_text().splitlines()]

    return run


def test_what_was_done_before_a_stop_is_not_done_again(script, tmp_path):
    code, called = script(DIES="bench")
    assert code != 0 and called == ["doctor", "verify", "bench"]
    assert not (tmp_path / "tried.tar.gz").exists()
    assert script() == (0, ["doctor", "bench", "run"])
    assert script() == (0, ["doctor", "run"])
    assert (tmp_path / "tried" / "check.txt").read_text() == "said by verify\n"


def test_the_bundle_holds_what_is_new_and_what_was_said(script, tmp_path):
    script()
    with tarfile.open(tmp_path / "tried.tar.gz") as bundle:
        names = set(bundle.getnames())
    assert "./results/digits/new.parquet" in names
    assert "./results/digits/old.parquet" not in names
    assert {"./doctor.txt", "./check.txt", "./speed.txt", "./training.txt"} <= names


def test_training_that_fails_still_leaves_a_bundle_and_an_exit_code(script, tmp_path):
    code, called = script(DIES="run")
    assert code == 1 and called[-1] == "run" and (tmp_path / "tried.tar.gz").exists()
