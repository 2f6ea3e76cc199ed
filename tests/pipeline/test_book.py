"""The book is whole, and a broken book does not build."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
check_book = runpy.run_path(str(ROOT / "ci" / "check_book.py"))
problems = check_book["problems"]


def test_book_is_whole():
    assert problems(ROOT) == []


@pytest.fixture
def small_book(tmp_path):
    """A book of one page and one paired notebook, with the project's own settings."""
    for name in ("_config.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "book" / "references.bib", tmp_path / "book")
    shutil.copytree(ROOT / "book" / "_static", tmp_path / "book" / "_static")
    (tmp_path / "book" / "page.md").write_text("# A page\n")
    write_toc(tmp_path, "book/page", "book/figure")
    write_notebook(tmp_path, ["print(1 + 1)"])
    return tmp_path


def write_toc(root, first, *others):
    chapters = "".join(f"  - file: {name}\n" for name in others)
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: {first}\nchapters:\n{chapters}")


def write_notebook(root, cells, name="figure"):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.update(
        kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"},
        jupytext={"formats": "ipynb,py:percent"},
    )
    notebook.cells = [nbformat.v4.new_markdown_cell(f"# The {name}")]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(notebook, root / "book" / f"{name}.ipynb")
    jupytext.write(notebook, root / "book" / f"{name}.py", fmt="py:percent")


def test_a_page_of_the_questions_asks_one(small_book):
    write_toc(small_book, "book/page", "book/questions\n    sections:\n      - file: book/figure")
    (small_book / "book" / "questions.md").write_text("# Questions\n")
    assert problems(small_book) == [
        "book/figure.ipynb asks no question: its first cell lacks **Question.**"]
    toc_files = check_book["toc_files"]
    assert toc_files(small_book) == ["book/page", "book/questions", "book/figure"]
    assert toc_files(small_book, below="book/questions") == ["book/figure"]


def build(root, plain=False):
    """Build by plain jupyter-book, with the very flags of ci/render.py or none."""
    flags = re.search(r"FLAGS = \[(.*?)\]", (ROOT / "ci" / "render.py").read_text())[1]
    flags = [flag.strip('" ') for flag in flags.split(",")]
    assert {"-n", "-W", "--keep-going"} <= set(flags)
    flags = [] if plain else flags
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", *flags]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)


def test_a_sound_book_has_no_problems(small_book):
    assert problems(small_book) == []


def test_a_notebook_outside_the_toc_is_a_problem(small_book):
    write_notebook(small_book, ["1"], name="forgotten")
    assert any("forgotten.ipynb is not in _toc.yml" in p for p in problems(small_book))


def test_a_toc_entry_without_a_file_is_a_problem(small_book):
    (small_book / "book" / "figure.ipynb").unlink()
    assert any("_toc.yml lists book/figure" in p for p in problems(small_book))


def test_a_script_that_differs_from_its_notebook_is_a_problem(small_book):
    script = small_book / "book" / "figure.py"
    script.write_text(script.read_text().replace("1 + 1", "1 + 2"))
    assert any("figure.ipynb and figure.py differ" in p for p in problems(small_book))


def test_a_notebook_without_script_is_a_problem(small_book):
    (small_book / "book" / "figure.py").unlink()
    assert any("no script figure.py" in p for p in problems(small_book))


def test_outputs_in_git_are_a_problem(small_book):
    path = small_book / "book" / "figure.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="2\n")]
    nbformat.write(notebook, path)
    assert any("cell 2 holds outputs" in p for p in problems(small_book))


@pytest.mark.parametrize(
    ("cells", "message"),
    [(["x = 1\n" * 21], "cell 2 has 21 lines"), (["x = 1\n" * 20] * 6, "has 120 lines of code")],
)
def test_a_long_notebook_is_a_problem(small_book, cells, message):
    write_notebook(small_book, cells)
    assert any(message in p for p in problems(small_book))


@pytest.mark.slow
def test_a_sound_book_builds_and_one_with_a_raising_cell_never_does(small_book):
    sound = build(small_book)
    assert sound.returncode == 0, sound.stderr
    assert (small_book / "_build/html/book/figure.html").exists()

    write_notebook(small_book, ["1 / 0"])
    for plain in (True, True, False):  # what a build has cached must not hide the failure
        broken = build(small_book, plain)
        assert broken.returncode != 0
        assert "ZeroDivisionError" in broken.stdout + broken.stderr
        assert re.search(r"figure.*WARNING", broken.stdout + broken.stderr)


@pytest.mark.slow
def test_a_missing_notebook_fails_the_build(small_book):
    (small_book / "book" / "figure.ipynb").unlink()
    (small_book / "book" / "figure.py").unlink()
    assert build(small_book).returncode != 0


FORMULAS = ROOT / "_build/html/book/appendix_odes.html"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.slow
@pytest.mark.skipif(not FORMULAS.exists(), reason="the book is not built (bash ci/book.sh)")
@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
def test_formulas_show_in_a_browser_without_a_network(tmp_path):
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=20000", "--dump-dom", FORMULAS.as_uri(),
    ]
    page = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    equations = (ROOT / "book/appendix_odes.md").read_text().count("\n$$ (eq-")
    assert equations > 15
    assert len(re.findall(r'<mjx-container[^>]*display="true"', page)) == equations
    assert "mjx-merror" not in page.split("</style>")[-1]
    assert "data-mjx-error" not in page
