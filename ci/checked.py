"""Which test checks which rule or theorem: a table made from the tests' own marks.

    python ci/checked.py [--check]

A test that holds the code against a formula is marked `@pytest.mark.checks(what, equation)`, with
the label of the equation in the book. The table goes to tests/README.md and to book/checked.csv;
`--check` writes nothing, and the exit code is 1 where they are not up to date.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import re
import sys
from pathlib import Path

from topdown_book.page.tables import spelled

ROOT = Path(__file__).parents[1]
README, BOOK = ROOT / "tests" / "README.md", ROOT / "book" / "checked.csv"
START, END = "<!-- checked: made by ci/checked.py -->\n", "<!-- end -->\n"


def marked(file: Path) -> list[tuple[str, str, str]]:
    """(what, equation, test) for every mark in a file of tests."""
    found = []
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            marks = [d for d in node.decorator_list if isinstance(d, ast.Call)
                     and ast.unparse(d.func) == "pytest.mark.checks"]
            found += [(*map(ast.literal_eval, mark.args), f"{file.stem}::{node.name}")
                      for mark in marks]
    return found


def checks() -> dict[tuple[str, str], list[str]]:
    """(what, equation) -> the tests that check it, in the order of the tests' files."""
    table: dict[tuple[str, str], list[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        folder = file.parent.relative_to(ROOT / "tests").as_posix()
        for what, equation, test in marked(file):
            table.setdefault((what, equation), []).append(f"{folder}/{test}")
    return dict(sorted(table.items(), key=lambda item: item[0][0].lower()))


def words(test: str) -> str:
    """The claim that the test's name states, with the proper names of the rules."""
    claim = spelled(test.split("::")[1].removeprefix("test_").replace("_", " ")
                    .replace("pepita hebbian", "pepita-hebbian")
                    .replace("forward forward", "forward-forward"))
    return re.sub(r"\b1e(?=\d)", "1e-", claim)


def for_readme() -> str:
    """The README with the table between its two marks."""
    before, rest = README.read_text().split(START)
    rows = [f"| {what} | {equation} | {'; '.join(f'`{t}`' for t in tests)} |"
            for (what, equation), tests in checks().items()]
    table = "\n".join(["| Rule or theorem | Equation | Checked by |", "|---|---|---|", *rows])
    return f"{before}{START}{table}\n{END}{rest.split(END)[1]}"


def for_book() -> str:
    """The same as CSV, with the equations as references."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["rule or theorem", "equation", "checked by"])
    for (what, equation), tests in checks().items():
        claims = "; ".join(f"{words(t)} (`tests/{t.split('::')[0]}.py`)" for t in tests)
        writer.writerow([what, f"{{eq}}`{equation}`", claims])
    return stream.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    wanted = {README: for_readme(), BOOK: for_book()}
    if parser.parse_args().check:
        old = [file for file, text in wanted.items()
               if not file.exists() or file.read_text() != text]
        print(*(f"{file} is not up to date: python ci/checked.py" for file in old), sep="\n")
        return int(bool(old))
    for file, text in wanted.items():
        file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
