"""Join the rows that tests have left to one table: python ci/reliability.py FOLDER TABLE.csv

Tests of the same kind (one for each of several inputs) become one row.
"""

import csv
import json
import sys
from pathlib import Path

HEAD = ("tried", "must hold", "happened")


def table(rows: list[dict]) -> list[tuple[str, str, str]]:
    """(what was tried, what must hold, what happened), in the order of the tests' names."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["tried"], row["holds"]), []).append(row["happened"])
    return [(*key, in_words(happened)) for key, happened in found.items()]


def in_words(happened: list[str]) -> str:
    """ "held", "held (3 of 3)", or whatever else has happened. """
    held = happened.count("held")
    if held == len(happened):
        return "held" if held == 1 else f"held ({held} of {held} cases)"
    others = sorted({word for word in happened if word != "held"})
    return "; ".join([f"held ({held} of {len(happened)} cases)"] * bool(held) + others)


def main(folder: str, target: str) -> None:
    rows = [json.loads(file.read_text()) for file in sorted(Path(folder).glob("*.json"))]
    with open(target, "w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEAD, *table(rows)])
    print(f"{target}: {len(rows)} tests")


if __name__ == "__main__":
    main(*sys.argv[1:])
