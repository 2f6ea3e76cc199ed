"""CONTRIBUTING.md, followed line by line in a copy of the project.

A comment before each of its blocks of code says what a reader does with it: run it (`python`,
`run`), make a file of it (`file PATH`), or put it into one, after a line or instead of it
(`after PATH: LINE`, `instead PATH: LINE`).
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
BLOCKS = re.findall(r"^<!-- (\w+)(?: (\S+?))?(?:: (.*?))? -->\n```\w+\n(.*?)^```$", TEXT,
                    re.S | re.M)
SECTIONS = ("Add a rule", "Add a figure", "Add a data set")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project without its history, environment and records."""
    root = tmp_path_factory.mktemp("contributing") / "project"
    skipped = shutil.ignore_patterns(".*", "_build", "build", "results", "__pycache__", "out.ipynb")
    shutil.copytree(ROOT, root, ignore=skipped)
    return root


def call(copy, command):
    """Run it in the copy, with its code and a store and data of its own; what it said."""
    own = {"PYTHONPATH": str(copy / "lib"), "TOPDOWN_RESULTS": str(copy / "results"),
           "TOPDOWN_DATA": str(copy / "data"), "TOPDOWN_CACHE": str(copy / "cache"),
           "OMP_NUM_THREADS": "1", "JUPYTER_PREFER_ENV_PATH": "1",
           "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=copy, env={**os.environ, **own}, text=True, timeout=400,
                          capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def change(copy, what, path, line, code):
    """Do with a block of code what its comment says; what was said when it was run."""
    if what == "run":
        (copy / "data").mkdir(exist_ok=True)
        return call(copy, ["bash", "-euo", "pipefail", "-c", code])
    target = copy / path
    if what == "file":
        assert not target.exists(), f"{path} is there already: it is no example of a new file"
        target.write_text(code)
    else:
        old = target.read_text()
        assert old.splitlines().count(line) == 1, f"{path} has no such line: {line!r}"
        new = {"after": f"{line}\n{code}", "instead": code}[what]
        target.write_text(old.replace(f"{line}\n", new, 1))
    return ""


def follow(copy, section):
    """What is said on the way through one section, its Python blocks run as one program."""
    start = TEXT.index(f"\n## {section}\n")
    end = TEXT.find("\n## ", start + 1)
    blocks = [block for block in BLOCKS if block[3] in TEXT[start : end if end > 0 else None]]
    program = "".join(code for what, _, _, code in blocks if what == "python")
    said = call(copy, [sys.executable, "-c", program]) if program else ""
    return said + "".join(change(copy, *block) for block in blocks if block[0] != "python")


def test_every_block_of_code_says_what_to_do_with_it():
    assert len(BLOCKS) == len(re.findall("^```", TEXT, re.M)) / 2
    assert {what for what, *_ in BLOCKS} == {"python", "run", "file", "after", "instead"}
    assert re.findall("^## (.*)", TEXT, re.M) == list(SECTIONS)


@pytest.mark.slow
def test_a_rule_a_figure_and_a_data_set_are_added_as_the_page_says(copy):
    """In this order: the figure is one of the rule."""
    said = follow(copy, "Add a rule")
    assert "test_accuracy" in said and " passed" in said
    assert re.search(r"passed, \d+ deselected", said) and "no second implementation" in said
    said = follow(copy, "Add a figure")
    notebook = (copy / "out.ipynb").read_text()
    assert "sign of the error" in said + notebook and "The error itself is worth" in notebook
    said = follow(copy, "Add a data set")
    assert re.search(r"stripes +present +512 \+ 128 examples", said)
    accuracy = re.findall(r"train_accuracy +([\d.]+)", said)
    assert accuracy and float(accuracy[-1]) > 90
