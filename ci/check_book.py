"""Check that the book is whole: python ci/check_book.py [ROOT]

Every file of _toc.yml exists; every notebook and page of book/ is in _toc.yml (the build would
leave it out without a word); every notebook has a percent script of the same content, no outputs,
and is short; those below book/questions.md ask one, so that ci/gate.py wants an answer. Prints what
is wrong, one line each, and exits with 1.
"""

import sys
from pathlib import Path

import jupytext
import nbformat
import yaml

CODE_LINES, CELL_LINES = 100, 20
QUESTIONS = "book/questions"
QUESTION = "**Question.**"
"""In the first cell of a notebook it promises a computed answer as the page's next words."""


def toc_files(root: Path, below: str = "") -> list[str]:
    """Every file of _toc.yml, in order, without its suffix; `below`: only the sections of one."""
    found = []

    def collect(node, inside):
        if isinstance(node, dict):
            inside = inside or node.get("file") == below
            names = [node[key] for key in ("root", "file") if key in node]
            found.extend(name for name in names if inside and name != below)
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                collect(child, inside)

    collect(yaml.safe_load((root / "_toc.yml").read_text()), not below)
    return found


def sources(root: Path) -> list[Path]:
    """The pages and notebooks of book/, those of build folders left out."""
    files = [*root.glob("book/**/*.md"), *root.glob("book/**/*.ipynb")]
    hidden = {"_build", ".ipynb_checkpoints", "_static"}
    # out.ipynb is what the README tells readers to write there.
    return sorted(f for f in files if not hidden & set(f.parts) and f.name != "out.ipynb")


def toc_problems(root: Path):
    listed = toc_files(root)
    present = {file.relative_to(root).with_suffix("").as_posix(): file for file in sources(root)}
    for name in sorted({name for name in listed if listed.count(name) > 1}):
        yield f"_toc.yml lists {name} more than once"
    for name in listed:
        if name not in present:
            yield f"_toc.yml lists {name}, but there is no {name}.md or {name}.ipynb"
    for name, file in present.items():
        if name not in listed:
            yield f"{file.relative_to(root)} is not in _toc.yml: the book would leave it out"


def question_problems(root: Path):
    for name in toc_files(root, below=QUESTIONS):
        notebook = root / f"{name}.ipynb"
        if notebook.exists() and QUESTION not in nbformat.read(notebook, 4).cells[0].source:
            yield f"{name}.ipynb asks no question: its first cell lacks {QUESTION}"


def notebook_problems(notebook: Path):
    content = nbformat.read(notebook, as_version=4)
    script = notebook.with_suffix(".py")
    if not script.exists():
        yield f"{notebook.name} has no script {script.name}; make it with jupytext --sync"
    elif _content(jupytext.read(script)) != _content(content):
        yield f"{notebook.name} and {script.name} differ; run jupytext --sync {notebook.name}"
    if "formats" not in content.metadata.get("jupytext", {}):
        yield f"{notebook.name} is not paired; run jupytext --set-formats ipynb,py:percent on it"
    yield from _output_problems(notebook.name, content)
    yield from _length_problems(notebook.name, content)


def _content(notebook):
    return [(c.cell_type, c.source.strip(), c.metadata.get("tags", [])) for c in notebook.cells]


def _output_problems(name, content):
    for number, cell in enumerate(content.cells, start=1):
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{name}: cell {number} holds outputs; clear them before committing"


def _length_problems(name, content):
    lengths = [_code_lines(c.source) if c.cell_type == "code" else 0 for c in content.cells]
    for number, length in enumerate(lengths, start=1):
        if length > CELL_LINES:
            yield f"{name}: cell {number} has {length} lines of code (at most {CELL_LINES})"
    if sum(lengths) > CODE_LINES:
        yield f"{name} has {sum(lengths)} lines of code (at most {CODE_LINES})"


def _code_lines(source: str) -> int:
    lines = (line.strip() for line in source.splitlines())
    return sum(bool(line) and not line.startswith("#") for line in lines)


def problems(root: Path) -> list[str]:
    notebooks = [file for file in sources(root) if file.suffix == ".ipynb"]
    return [*toc_problems(root), *question_problems(root),
            *(p for n in notebooks for p in notebook_problems(n))]


if __name__ == "__main__":
    found = problems(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print(*(f"book: {problem}" for problem in found), sep="\n", end="\n" if found else "")
    sys.exit(bool(found))
