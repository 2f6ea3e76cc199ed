"""Give every notebook its set-up cell: python ci/launch.py URL

Changes the notebooks of book/ where they are, so run it on a copy: ci/launch.sh does. The cell
installs the companion from the repository where it is missing, as on Colab, and else does nothing.
"""

import sys
from pathlib import Path

import nbformat

TAG = "set-up"
CELL = """\
# Where the companion is not installed yet, as on Colab; elsewhere it does nothing.
import importlib.util, os
if importlib.util.find_spec("topdown") is None:
    %pip install --quiet "topdown[companion,figures,tune] @ git+{url}"
    os.environ.setdefault("TOPDOWN_RESULTS", "results")"""


def prepare(notebook, url: str):
    """The notebook with the set-up cell after its title, once."""
    cells = [c for c in notebook.cells if TAG not in c.metadata.get("tags", [])]
    cell = nbformat.v4.new_code_cell(CELL.format(url=url), metadata={"tags": [TAG]})
    notebook.cells = [*cells[:1], cell, *cells[1:]]
    return notebook


def main(url: str) -> None:
    files = sorted(Path("book").glob("*.ipynb"))
    for file in files:
        nbformat.write(prepare(nbformat.read(file, as_version=4), url), file)
    print(f"launch: {len(files)} notebooks have a set-up cell for {url}")


if __name__ == "__main__":
    main(*sys.argv[1:])
