"""Would the tests notice? One-line defects are put into a copy of the library, one at a time.

    python ci/mutants.py [--only WORD] [--table tests/mutants.md]

For every defect of ci/mutants.yml the tests named there run on a copy of lib/ and tests/ with that
one line changed. A defect is *noticed* if a test fails that passes without it; one that no
test can notice, since it changes no result, says why it is equivalent, and then its tests must
pass. The exit code is 1 if a defect is not noticed, or is noticed and was called equivalent. A text
that is no longer in its file, or stands there more than once, is an error: the defect must be
written anew.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import re
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PASSED, FAILED = 0, 1
SLOW_TO_IMPORT = ("torch", "pandas", "scipy.stats", "sklearn.datasets", "pyarrow.parquet", "numba",
                  "hypothesis", "statsmodels.stats.weightstats")


@dataclass(frozen=True)
class Mutant:
    """`old` becomes `new` in `file`; `tests` are those that should notice, as pytest takes them."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    equivalent: str = ""

    def source(self) -> str:
        """The file with the defect. ValueError where `old` is not there exactly once."""
        text = (ROOT / self.file).read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.old!r} stands {text.count(self.old)} times in "
                             f"{self.file}, not once; write the defect anew in ci/mutants.yml")
        return text.replace(self.old, self.new)


def mutants(word: str = "") -> list[Mutant]:
    """The defects whose name or file contains `word`."""
    entries = yaml.safe_load((ROOT / "ci" / "mutants.yml").read_text())
    found = [Mutant(**entry) for entry in entries]
    return [one for one in found if word in f"{one.name} {one.file}"]


def copy(place: Path) -> None:
    """What the tests need, without compiled files: a stale one would hide the defect."""
    for name in ("lib", "tests"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)


def run_tests(place: Path, tests: list[str]) -> tuple[int, str]:
    """pytest's exit code, and the first test that failed.

    In a fork of this process, which has what is slow to import, and nothing of the library.
    """
    log = place / "log"
    child = multiprocessing.get_context("fork").Process(target=_in_child, args=(place, log, tests))
    child.start()
    child.join()
    said = log.read_text()
    first = re.search(r"^FAILED tests/(\S+::\w+(?:\[.*?\])?)(?: - |$)", said, re.M)
    if child.exitcode not in (PASSED, FAILED):
        raise RuntimeError(f"the tests could not run: {tests}\n{said[-2000:]}")
    return child.exitcode, first[1] if first else ""


def _in_child(place: Path, log: Path, tests: list[str]) -> None:
    stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(stream, 1), os.dup2(stream, 2)
    os.chdir(place)
    sys.path.insert(0, str(place / "lib"))
    os.environ["PYTHONPATH"] = str(place / "lib")
    os.environ["NUMBA_CACHE_DIR"] = str(place / "numba")
    sys.dont_write_bytecode = True
    code = pytest.main(["-x", "-q", "-rf", "-p", "no:cacheprovider", *tests])
    sys.stdout.flush()
    os._exit(int(code))


def _words(tests: str) -> list[str]:
    """test_a.py test_b.py -k "word or word" with the folders in front of the files."""
    files = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}

    def placed(word: str) -> str:
        name, *rest = word.split("::")
        return "::".join([files[name].relative_to(ROOT).as_posix(), *rest])

    return [placed(word) if word.startswith("test_") and ".py" in word else word
            for word in shlex.split(tests)]


def check_whole(place: Path, tests: list[str]) -> None:
    """Without a defect these tests pass; else nothing could be learnt from one that failed."""
    code, first = run_tests(place, [f"tests/{test}" for test in tests])
    if tests and code != PASSED:
        raise RuntimeError(f"{first} fails without any defect")


def tried(place: Path, one: Mutant) -> tuple[bool, str]:
    """Whether a test failed with the defect, and which."""
    target, whole = place / one.file, (ROOT / one.file).read_text()
    target.write_text(one.source())
    try:
        code, first = run_tests(place, _words(one.tests))
    finally:
        target.write_text(whole)
    return code == FAILED, first


def row(one: Mutant, noticed: bool, first: str) -> str:
    missed = f"equivalent: {one.equivalent}" if one.equivalent else "NOT NOTICED"
    by = f"`{first.partition('[')[0]}`" if noticed else missed
    return f"| {one.name} | {one.file.removeprefix('lib/')} | {by} |"


TABLE = """# Defects that the tests notice

Made by `python ci/mutants.py --table tests/mutants.md`: each defect alone, in a copy.

| Defect | File | Noticed by |
|---|---|---|
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="defects whose name or file contains this")
    parser.add_argument("--table", type=Path, help="write the table there")
    chosen = parser.parse_args()
    rows, failed, wrong = [], {}, 0
    with tempfile.TemporaryDirectory() as folder:
        place, found = Path(folder), mutants(chosen.only)
        for one in found:
            one.source()  # all texts are there, before minutes are spent
        copy(place)
        for module in SLOW_TO_IMPORT:
            importlib.import_module(module)
        for one in found:
            noticed, first = tried(place, one)
            failed |= {first: None} if noticed else {}
            wrong += noticed == bool(one.equivalent)
            rows.append(row(one, noticed, first))
            print(rows[-1], flush=True)
        check_whole(place, list(failed))
    if chosen.table:
        chosen.table.write_text(TABLE + "\n".join(rows) + "\n")
    print(f"{len(rows) - wrong} of {len(rows)} as they should be")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
