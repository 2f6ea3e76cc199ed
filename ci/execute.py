"""Execute one notebook: python ci/execute.py SOURCE TARGET [-p NAME VALUE]... [--timeout SECONDS]

By papermill, with this very Python as its kernel. TARGET appears only when every cell has run; it
holds the source's cells with their outputs, and in its metadata the parameters, durations and
versions. Whatever goes wrong ends in exit code 1 and one line that names notebook, cell and cause;
what was executed until then is kept in build/failed/.
"""

import argparse
import ast
import contextlib
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("MPLCONFIGDIR", str(Path(tempfile.gettempdir()) / "topdown-matplotlib"))

import nbclient.exceptions
import nbformat
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from papermill.exceptions import PapermillException, PapermillExecutionError
from report import note

KERNEL = "python3"
FAILED = Path("build/failed")
_ADDED = {"injected-parameters", "papermill-error-cell-tag"}


class Failed(Exception):
    """The text says which notebook, which cell and why."""


@contextlib.contextmanager
def own_kernel():
    """A kernel named python3 that is this interpreter, whatever the user has registered."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "kernels" / KERNEL / "kernel.json"
        spec.parent.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "--log-level=50",
                "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": argv, "display_name": KERNEL, "language": "python"}))
        others = os.environ.get("JUPYTER_PATH")
        os.environ["JUPYTER_PATH"] = os.pathsep.join([folder, *filter(None, [others])])
        try:
            yield
        finally:
            os.environ["JUPYTER_PATH"] = others or ""


def execute(source: Path, target: Path, parameters: dict, timeout: int | None = None) -> None:
    """Run `source` and put the result in `target`; `Failed` says what went wrong."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.stem}.{os.getpid()}.ipynb")
    started = time.time()
    _check_names(source, parameters)
    try:
        with own_kernel():
            papermill.execute_notebook(
                source, part, parameters, cwd=source.parent, progress_bar=False,
                execution_timeout=timeout, start_timeout=120, log_output=False,
                request_save_on_cell_execute=True)
        finished = nbformat.read(part, as_version=4)
        _describe(finished, source, parameters, time.time() - started)
        nbformat.write(finished, part)
        _keep_records(part, target.parent.parent / "results")
        os.replace(part, target)
    except (PapermillException, nbclient.exceptions.CellExecutionError, NoSuchKernel,
            nbclient.exceptions.DeadKernelError, RuntimeError, TimeoutError) as error:
        raise Failed(_text(source, part, error)) from error
    finally:
        if part.exists():
            FAILED.mkdir(parents=True, exist_ok=True)
            os.replace(part, FAILED / target.name)


def _keep_records(executed: Path, folder: Path) -> None:
    """Copies of the records that the notebook links to, so that rendering needs no store."""
    from topdown_book.page.book_records import copy_records, linked
    from topdown_book.store.records import results_folder

    if absent := copy_records(linked(executed.read_text()), [results_folder()], folder):
        raise Failed(f"{executed.name}: record {absent[0]} went away while the notebook ran; "
                     "build again")


def _check_names(source: Path, parameters: dict) -> None:
    """Papermill itself only warns of a parameter that the notebook does not have."""
    from topdown.errors import unknown

    known = {}
    for cell in nbformat.read(source, as_version=4).cells:
        if "parameters" in _tags(cell):
            known |= {node.id: None for node in ast.walk(ast.parse(cell.source))
                      if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for name in parameters:
        if name not in known:
            raise Failed(f"{source}, parameter cell: {unknown('parameter', name, known)}")


def _describe(notebook, source: Path, parameters: dict, seconds: float) -> None:
    """The injected cell goes: what it set is in the metadata, and the page shows the source."""
    notebook.cells = [cell for cell in notebook.cells if not set(_tags(cell)) & _ADDED]
    ran = notebook.metadata.papermill
    ran.input_path, ran.output_path = source.name, source.name
    from topdown_book.store.provenance import commit, package_versions

    notebook.metadata.topdown = {
        "parameters": parameters, "seconds": round(seconds, 2), **commit(),
        "versions": {"python": platform.python_version(), **package_versions()}}


def _tags(cell) -> list:
    return cell.metadata.get("tags", [])


def _text(source: Path, part: Path, error: Exception) -> str:
    if isinstance(error, NoSuchKernel):
        return f"{source}: there is no kernel {error.name!r}; the book's notebooks use {KERNEL!r}"
    cells = nbformat.read(part, as_version=4).cells if part.exists() else []
    cells = [cell for cell in cells if not set(_tags(cell)) & _ADDED]
    if isinstance(error, PapermillExecutionError):
        return f"{source}, {_cell(cells)}: {error.ename}: {error.evalue}"
    return f"{source}, {_cell(cells)}: {_cause(error)}"


def _cause(error: Exception) -> str:
    if isinstance(error, nbclient.exceptions.CellTimeoutError):
        return "the cell took longer than the time allowed"
    if isinstance(error, nbclient.exceptions.DeadKernelError):
        return "the kernel died"
    return f"{type(error).__name__}: {str(error).strip() or 'no further word'}"


def _cell(cells) -> str:
    """"cell 4 (`figure = ...`)": the last one that was begun, numbered as in the source."""
    begun = [k for k, c in enumerate(cells) if c.metadata.get("papermill", {}).get("start_time")]
    if not begun:
        return "before its first cell"
    code = (line for line in cells[begun[-1]].source.splitlines() if line.strip())
    return f"cell {begun[-1] + 1} (`{next(code, '')[:60]}`)"


def _value(text: str):
    with contextlib.suppress(ValueError, SyntaxError):
        return ast.literal_eval(text)
    return text


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("-p", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--timeout", type=int, help="seconds that one cell may take")
    parser.add_argument("--note", action="store_true", help="leave a note for the report")
    given = parser.parse_args(arguments)
    parameters, started = {name: _value(text) for name, text in given.p}, time.time()
    try:
        execute(given.source, given.target, parameters, given.timeout)
    except Failed as error:
        print(f"book: {error}", file=sys.stderr)
        return 1
    if given.note:
        note(given.source.with_suffix("").as_posix(), "all", started, {"parameters": parameters})
    return 0


if __name__ == "__main__":
    sys.exit(main())
