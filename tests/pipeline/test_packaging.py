"""pyproject.toml, requirements.lock and environment.yml agree; set-up survives interruptions."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import topdown

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
LOCK_LINES = [
    line
    for line in (ROOT / "requirements.lock").read_text().splitlines()
    if line and not line.startswith("#")
]
LOCK = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in LOCK_LINES}
EXTRAS = PROJECT["optional-dependencies"]
WANTED = [
    *PYPROJECT["build-system"]["requires"],
    *PROJECT["dependencies"],
    *(wanted for extra in EXTRAS.values() for wanted in extra),
]


def test_the_lock_holds_plain_pins_and_nothing_else():
    assert [line for line in LOCK_LINES if not re.fullmatch(r"[\w.-]+==[\w.!]+", line)] == []
    assert len(LOCK) == len(LOCK_LINES), "a package is pinned twice"


@pytest.mark.parametrize("wanted", WANTED)
def test_the_lock_satisfies_every_range_of_pyproject(wanted):
    requirement = Requirement(wanted)
    name = canonicalize_name(requirement.name)
    assert name in LOCK, f"{name} is missing from requirements.lock; run ci/lock.sh"
    assert requirement.specifier.contains(LOCK[name], prereleases=True)


def test_the_command_says_what_is_wrong_in_one_line_and_ends_with_2(tmp_path):
    """The installed command, as a user calls it: no traceback."""
    assert PROJECT["scripts"] == {"topdown": "topdown_book.__main__:main"}
    installed = shutil.which("topdown", path=Path(sys.executable).parent)
    if installed is None:
        pytest.skip("the command topdown is not installed beside this Python")
    done = subprocess.run([installed, "list", "fig33"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "did you mean 'fig3'" in done.stderr


def imported(folder: Path) -> set[str]:
    """The packages that the modules below `folder` import, at whatever depth of their code."""
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"topdown", "topdown_book"}


def provided(*requirements: str) -> set[str]:
    """The names under which what is required is imported."""
    called = {"scikit-learn": "sklearn", "pillow": "PIL", "pyyaml": "yaml"}
    names = [canonicalize_name(Requirement(r).name) for r in requirements]
    return {called.get(name, name) for name in names}


def test_the_library_imports_its_own_dependencies_and_pandas_for_one_table_alone():
    found = imported(ROOT / "lib" / "topdown") | {"torchvision"}  # it is imported by its name
    assert found - {"pandas"} == provided(*PROJECT["dependencies"])
    with_pandas = [file.name for file in (ROOT / "lib" / "topdown").rglob("*.py")
                   if re.search("^ *(import|from) pandas", file.read_text(), re.M)]
    assert with_pandas == ["loop.py"]


LIBRARY_ALONE = """
import sys
for name in {blocked}:
    sys.modules[name] = None
import topdown
for name in topdown.__all__:
    getattr(topdown, name)
run = topdown.train(topdown.Recipe(dataset="digits", hidden=(8,), epochs=1), 2, progress=False)
print(run.status)
"""


def test_the_library_runs_without_any_package_of_the_companion():
    """In a process in which importing one of them fails, as where it is not installed."""
    blocked = provided(*(r for extra in EXTRAS.values() for r in extra)) | {
        "topdown_book", "matplotlib", "IPython", "jupyter_book"}
    blocked -= {"packaging", "filelock"}  # torch has these itself
    done = subprocess.run([sys.executable, "-c", LIBRARY_ALONE.format(blocked=sorted(blocked))],
                          capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "['ok', 'ok']"), done.stderr


@pytest.mark.parametrize("name", ["typer", "pandas"])
def test_the_command_without_the_companions_packages_says_what_to_install(name):
    code = (f"import sys; sys.modules[{name!r}] = None; sys.argv = ['topdown', 'list', 'fig3']\n"
            "from topdown_book.__main__ import main; main()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and f"{name} is not installed" in done.stderr
    assert "topdown[companion,figures]" in done.stderr


def test_conda_installs_the_lock_and_the_package_on_the_same_pythons():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict)]
    assert pip == ["-r requirements.lock", "-e ."]
    (python,) = [
        entry.removeprefix("python ")
        for entry in conda["dependencies"]
        if isinstance(entry, str) and entry.startswith("python ")
    ]
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert SpecifierSet(python).contains(f"{oldest}.0")
    assert not SpecifierSet(python).contains("3.10.9")


@pytest.mark.parametrize("name", ["requirements.lock", "environment.yml", "pyproject.toml"])
def test_no_package_index_is_named(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|file://|index-url|find-links|@ ", text)


def test_the_package_says_the_version_of_pyproject():
    assert topdown.__version__ == PROJECT["version"]


def test_the_citation_has_the_version_of_pyproject():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == PROJECT["version"]


def test_the_code_passes_ruff():
    result = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."],
        cwd=ROOT, capture_output=True, text=True,
    )
    assert result.returncode == 0, result.stdout


# --- ci/env.sh, with a stand-in for Python that installs nothing and keeps a diary ----------------

FAKE_PYTHON = """#!/usr/bin/env bash
case "$*" in
    "-c import sys, venv"*) exit 0 ;;
    "-c import sys; print"*) echo "$0"; exit 0 ;;
    "-m venv"*) rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
    "-m pip install"*) [ ! -e broken ] ;;
    "-") exec {real} - ;;
esac
code=$?
echo "$*" >> diary
exit $code
"""


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "ci").mkdir()
    for name in ("env.sh", "python.sh"):
        shutil.copy(ROOT / "ci" / name, tmp_path / "ci")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    fake = tmp_path / "fake-python"
    fake.write_text(FAKE_PYTHON.replace("{real}", sys.executable))
    fake.chmod(0o755)
    return tmp_path


def set_up(checkout, command="bash ci/env.sh"):
    """Run the set-up; the exit code, and what it did in the mean time."""
    diary = checkout / "diary"
    diary.unlink(missing_ok=True)
    result = subprocess.run(
        ["bash", "-c", command], cwd=checkout, capture_output=True, text=True, timeout=60,
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(checkout / "fake-python")},
    )
    return result, diary.read_text() if diary.exists() else ""


def test_a_complete_set_up_is_not_repeated(checkout):
    result, done = set_up(checkout)
    assert result.returncode == 0, result.stderr
    assert "-m venv --clear .venv" in done
    assert "--requirement requirements.lock" in done
    assert "--editable ." in done
    assert set_up(checkout)[1] == ""


def test_an_interrupted_set_up_is_started_over(checkout):
    (checkout / "broken").touch()
    result, _ = set_up(checkout)
    assert result.returncode != 0
    assert "set-up failed" in result.stderr
    assert not (checkout / ".venv/topdown.stamp").exists()
    (checkout / "broken").unlink()
    result, done = set_up(checkout)
    assert result.returncode == 0
    assert "-m venv --clear .venv" in done


def test_a_change_of_the_lock_updates_the_environment_in_place(checkout):
    set_up(checkout)
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("six==1.17.0\n")
    _, done = set_up(checkout)
    assert "--requirement requirements.lock" in done
    assert "-m venv" not in done
    assert set_up(checkout)[1] == ""


def test_a_moved_environment_is_made_anew(checkout):
    set_up(checkout)
    moved = checkout.with_name(checkout.name + "-moved")
    checkout.rename(moved)
    assert "-m venv --clear .venv" in set_up(moved)[1]


def test_a_script_that_sources_a_failing_set_up_stops(checkout):
    (checkout / "broken").touch()
    result, _ = set_up(checkout, "set -e; source ci/env.sh; echo reached")
    assert result.returncode != 0
    assert "reached" not in result.stdout
