"""Figure 3 as its users run it: plain papermill in book/, with right and with wrong parameters."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parents[2] / "book"
TINY = ["-p", "profile", "smoke", "-p", "depth", "1", "-p", "epochs", "1", "-p", "seeds", "1"]


def papermill(target, *arguments):
    environment = {**os.environ, "OMP_NUM_THREADS": "1",
                   "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                   "PYTHONPATH": str(BOOK.parent / "lib")}
    return subprocess.run(
        [sys.executable, "-m", "papermill", "fig3.ipynb", str(target), *arguments],
        cwd=BOOK, env=environment, capture_output=True, text=True)


def test_papermill_makes_the_figure_with_alternative_text_and_provenance(tmp_path):
    done = papermill(tmp_path / "out.ipynb", *TINY, "-p", "rules", "hebbian")
    assert done.returncode == 0, done.stderr[-2000:]
    cells = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    shown = "".join(output.data.get("text/html", "") for cell in cells
                    for output in cell.get("outputs", []) if "data" in output)
    assert "<img alt='Three panels." in shown and "PEPITA-Hebbian" in shown
    assert "profile smoke" in shown and "depth = 1" in shown and "shown (CSV)" in shown
    assert "papermill fig3.ipynb out.ipynb -p profile smoke" in shown


@pytest.mark.parametrize(("name", "value", "words"), [
    ("deph", "3", "did you mean 'depth'"),
    ("depth", "banana", "depth='banana' is not a whole number"),
    ("depth", "0", "at least 1"),
    ("profile", "large", "profile='large' is not one of"),
    ("rules", "uniform,nromal", "one or more of uniform, normal, hebbian"),
])
def test_a_wrong_parameter_fails_at_once_under_plain_papermill(tmp_path, own_store, name, value,
                                                              words):
    done = papermill(tmp_path / "out.ipynb", *TINY, "-p", name, value)
    assert done.returncode != 0
    assert words in done.stderr
    assert not own_store.exists(), "something was trained before the parameters were checked"
