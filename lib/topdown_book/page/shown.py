"""What a notebook has shown, for machines: kept in the metadata of the output that shows it.

The pipeline reads it back from the executed notebook, to refuse a book in which something is
missing, empty or not what it says (`ci/gate.py`). Numbers that are not numbers are refused here.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from topdown.errors import UsageError
from topdown_book.figures import Drawing, Table

KEY = "topdown"
"""Where the description stands in the metadata of a notebook's output."""
ANSWER = "topdown-answer"
"""Where the answer to a page's question stands, as plain text."""
_NO_NUMBER = re.compile(r"\b(nan|inf)\b")


def missing_numbers(data: pd.DataFrame) -> list[str]:
    """Numeric columns with NaN or infinite values; a spread (`sd...`) of one seed may be NaN."""
    numeric = data.select_dtypes("number")
    spread = [c for c in numeric.columns if str(c).split("_")[0] == "sd"]
    wrong = ~np.isfinite(numeric.drop(columns=spread).to_numpy(dtype=float))
    names = numeric.columns.drop(spread)
    return [str(name) for name, bad in zip(names, wrong.any(axis=0)) if bad]


def check(name: str, drawn: Drawing | Table, failures: int = 0) -> None:
    """UsageError where the data hold NaN and neither failed runs nor `drawn.missing` say why.

    In words a number that is none is refused in any case.
    """
    columns = missing_numbers(drawn.data)
    if columns and not failures and not drawn.missing:
        raise UsageError(
            f"{name}: the data of the figure hold NaN or infinite numbers in {', '.join(columns)}, "
            "and no run failed; correct them, or say why in the drawing's `missing`")
    for part, text in (("caption", drawn.caption), ("alternative text", _alt(drawn))):
        if found := _NO_NUMBER.search(text):
            raise UsageError(f"{name}: the {part} says {found[0]!r}; say in words what is missing")


def _alt(drawn: Drawing | Table) -> str:
    return getattr(drawn, "alt", "")


def check_answer(name: str, text: str) -> None:
    """UsageError where an answer is empty, or holds a number that is none."""
    found = _NO_NUMBER.search(text)
    if found or not text.strip():
        what = f"says {found[0]!r}" if found else "is empty"
        raise UsageError(f"{name}: the answer {what}; say in words what is missing, and why")


def describe(name: str, drawn: Drawing | Table, settings: dict, records=(), failures=0,
             unread=()) -> dict:
    """The description, JSON-ready. `records`: paths of records, relative to the store.

    unread: parameters that nothing has used so far.
    """
    return {
        "name": name,
        "kind": "figure" if isinstance(drawn, Drawing) else "table",
        "alt": _alt(drawn),
        "caption": drawn.caption,
        "rows": len(drawn.data if isinstance(drawn, Drawing) else drawn.cells),
        "missing": drawn.missing,
        "failures": failures,
        "unread": list(unread),
        "settings": {k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()},
        "records": sorted(set(records)),
        "in_part": getattr(settings, "held", None) is not None,
    }
