"""Would the tests notice? One-line defects are put into a copy of the library, one at a time.

    python ci/mutants.py [--only WORD] [--table tests/mutants.md]

For every defect of ci/mutants.yml the tests named there run on a copy of lib/ and tests/ with that
one line changed. A defect is *noticed* if a test fails that passes without it; one that no
test can notice, since it changes no result, says why it is equivalent, and then its tests must
pass. The exit code is 1 if
a defect is not noticed, or is noticed and was called equivalent. A text that is no longer in its
file, or stands there more than once, is an error: the defect must be written anew.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PASSED, FAILED = 0, 1


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
    """pytest's exit code, and the first test that failed."""
    environment = {**os.environ, "PYTHONPATH": str(place / "lib"), "PYTHONDONTWRITEBYTECODE": "1",
                   "NUMBA_CACHE_DIR": str(place / "numba"), "OMP_NUM_THREADS": "1"}
    options = ["-x", "-q", "-rf", "-p", "no:cacheprovider", "-p", "no:randomly"]
    done = subprocess.run([sys.executable, "-m", "pytest", *options, *tests], cwd=place,
                          env=environment, capture_output=True, text=True)
    first = re.search(r"^FAILED tests/(\S+::\w+(?:\[.*?\])?)(?: - |$)", done.stdout, re.M)
    if done.returncode not in (PASSED, FAILED):
        raise RuntimeError(f"the tests could not run: {tests}\n{done.stdout[-2000:]}{done.stderr}")
    return done.returncode, first[1] if first else ""


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
    by = f"`{first.split('[')[0]}`" if noticed else f"equivalent: {one.equivalent}" if one.equivalent else "NOT"
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
