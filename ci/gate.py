"""Is every figure and table there, whole, and what it says it is? python ci/gate.py

Reads build/plan.json and the executed notebooks of build/book/. Prints what is wrong, one line
each, and exits with 1; else writes build/gate.json, the list of all that the book shows.
"""

import json
import sys
from pathlib import Path

import nbformat
from check_book import QUESTION
from inputs import BUILD, code_of, opened, write

from topdown.errors import UsageError
from topdown_book import figures
from topdown_book.page import shown
from topdown_book.store.records import Store

SHORTEST_ALT = 30
"""Characters; "Figure 3" is no alternative text."""
SMALLEST_PICTURE = 2000
"""Characters of a PNG in base64; an empty pair of axes has more."""


def displayed(notebook) -> list[tuple[int, dict, str]]:
    """(number of the cell, description, HTML) of all that `topdown_book.page` has shown."""
    return [(number, output.metadata[shown.KEY], output.data.get("text/html", ""))
            for number, cell in enumerate(notebook.cells, start=1)
            for output in cell.get("outputs", [])
            if output.output_type == "display_data" and shown.KEY in output.metadata]


def cell_problems(page: str, notebook):
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{page}, cell {number}: {output.ename}: {output.evalue}"
        if cell.execution_count is None:
            yield f"{page}, cell {number} was not executed"


def shape_problems(where: str, about: dict, html: str):
    if not about["rows"]:
        yield f"{where} is empty: it has no data"
    if not about["caption"].strip():
        yield f"{where} has no caption"
    if about["kind"] == "table":
        if "<td" not in html:
            yield f"{where} is empty: it has no cells"
        return
    if len(about["alt"].strip()) < SHORTEST_ALT or "<img alt=" not in html:
        yield f"{where} has no alternative text that says what it shows"
    if len(html.partition("base64,")[2].partition("'")[0]) < SMALLEST_PICTURE:
        yield f"{where} is empty: it has no picture"


def command_problems(where: str, page: str, html: str):
    if f"papermill {Path(page).name}.ipynb " not in html:
        yield f"{where} does not say by which command it is made"


def answer_problems(page: str, notebook):
    """A page that asks a question says the answer, in numbers that are some, above its figures."""
    answers = [(number, output.metadata[shown.ANSWER])
               for number, cell in enumerate(notebook.cells, start=1)
               for output in cell.get("outputs", []) if shown.ANSWER in output.get("metadata", {})]
    if QUESTION in notebook.cells[0].source and not answers:
        yield f"{page} asks a question, but no cell of it shows an answer"
    first = min((number for number, *_ in displayed(notebook)), default=len(notebook.cells))
    for number, text in answers:
        if number > first:
            yield f"{page}, cell {number}: the answer stands below the figure of cell {first}"
        try:
            shown.check_answer(page, text)
        except UsageError as error:
            yield f"{page}, cell {number}: {error}"


def plain(value):
    return list(value) if isinstance(value, tuple) else value


def profile_problems(where: str, about: dict, planned: str, store: Store):
    """Whether the figure's settings and records are those of the profile that it names."""
    settings, experiment = about["settings"], figures.get(about["name"])
    says = settings["profile"]
    shows = "auto" if about.get("in_part") else says
    if shows != planned:
        yield f"{where} shows profile {shows}, not {planned}"
    due = experiment.profiles[says]
    for name, value in due.items():
        if plain(settings.get(name)) != plain(value):
            yield f"{where} says profile {says}, whose {name} is {value}, not {settings.get(name)}"
    expected = experiment.settings({"profile": shows}, store)
    for case, seeds in experiment.shown(expected):
        name = str(store.path(case.recipe).relative_to(store.root))
        if name in about["records"]:
            yield from record_problems(where, store, case.recipe, seeds)
        elif not case.optional:
            yield f"{where} says profile {says}, but is not made from its record {name}"


def record_problems(where: str, store: Store, recipe, seeds):
    record = store.load(recipe)
    if record is None or not set(seeds) <= set(record.provenance):
        yield f"{where} is made from a record that is no longer complete: {store.path(recipe)}"
        return
    ends = record.curves.groupby("seed").epoch.max().drop(list(record.diverged))
    if (ends != recipe.epochs).any():
        yield f"{where}: {store.path(recipe)} ends before its {recipe.epochs} epochs"


def notebook_problems(page: str, line: dict, planned: dict, store: Store):
    path = BUILD / "book" / f"{page}.ipynb"
    if not path.exists():
        yield f"{page} was not executed: there is no {path}"
        return
    notebook = nbformat.read(path, as_version=4)
    yield from cell_problems(page, notebook)
    yield from answer_problems(page, notebook)
    found = displayed(notebook)
    if ".show(" in code_of(Path(f"{page}.ipynb")) and not found:
        yield f"{page} shows no figure and no table"
    for name in line["shows"]:
        if name not in {about["name"] for _, about, _ in found}:
            yield f"{page} opens {name}, but does not show it"
    for name in {about["name"] for _, about, _ in found}:
        unread = [set(about["unread"]) for _, about, _ in found if about["name"] == name]
        for parameter in sorted(set.intersection(*unread)):
            yield f"{page}: parameter {parameter!r} of {name} is declared, but never used"
    for number, about, html in found:
        where = f"{page}, cell {number}, {about['kind']} {about['name']}"
        yield from shape_problems(where, about, html)
        yield from command_problems(where, page, html)
        if about["name"] in figures.experiments():
            yield from profile_problems(where, about, planned[about["name"]], store)


def unshown(sources: list[str]):
    """Figures of the companion that no notebook of the book opens."""
    names = {name for code in sources for name in opened(code)}
    for name in figures.names():
        if name not in names:
            yield f"figures/{name}.py is there, but no notebook of _toc.yml opens it"


def problems(plan: dict, store: Store) -> list[str]:
    """All that is wrong, in the order of the book."""
    found = [p for page, line in plan["notebooks"].items()
             for p in notebook_problems(page, line, plan["figures"], store)]
    if plan["whole"]:
        found += unshown([code_of(Path(f"{page}.ipynb")) for page in plan["notebooks"]])
    return found


def contents(plan: dict) -> dict:
    """What the book shows: page -> descriptions."""
    pages = {page: nbformat.read(BUILD / "book" / f"{page}.ipynb", as_version=4)
             for page in plan["notebooks"]}
    return {page: [about for _, about, _ in displayed(book)] for page, book in pages.items()}


def main() -> int:
    plan = json.loads((BUILD / "plan.json").read_text())
    found = problems(plan, Store())
    if found:
        print(*(f"book: {problem}" for problem in found), sep="\n", file=sys.stderr)
        return 1
    shows = contents(plan)
    write(BUILD / "gate.json", shows)
    print(f"book: {sum(map(len, shows.values()))} figures and tables on {len(shows)} pages, "
          "all there and whole")
    return 0


if __name__ == "__main__":
    sys.exit(main())
