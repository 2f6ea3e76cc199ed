"""Cells of tables: mean and standard deviation, marks for the best, words for what is not known."""

from __future__ import annotations

import html
import re

import pandas as pd

from topdown_book.figures._known import UNKNOWN
from topdown_book.figures._paired import values_and_lost

NOT_RUN, BEST = "–", "★"


def badge(verdict: str, text: str = "") -> str:
    """A verdict, or `text`, in the verdict's colour, as HTML."""
    kind = re.sub(r"\W+", "-", verdict)
    return f"<span class='verdict {kind}'>{html.escape(text or verdict)}</span>"


def mean_sd(values, digits: int = 2) -> str:
    """"97.12 ± 0.05"; the value alone, saying so, for one seed; "failed" where a seed has none."""
    values = pd.Series(list(values), dtype=float)
    if values.isna().any():
        return f"failed ({values.isna().sum()} of {len(values)} seeds)"
    if len(values) < 2:
        return f"{values.mean():.{digits}f} (1 seed)"
    return f"{values.mean():.{digits}f} ± {values.std():.{digits}f}"


def known_cell(value: float | None) -> str:
    """The paper's value, or that it is unknown."""
    return UNKNOWN if value is None else f"{value:g}"


def means(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row per group of `by`: `mean` (NaN where a seed has none) and `text` for its cell.

    Where the groups have not all as many seeds, each says how many.
    """
    found, differ = [], rows.groupby(by, sort=False).size().nunique() > 1
    for labels, own in rows.groupby(by, sort=False):
        _, lost = values_and_lost(own)
        text = mean_sd(own.value)
        if lost and own.value.notna().all():
            text = (f"{text.removesuffix(')')}, diverged)" if len(own) == 1
                    else f"{text} ({lost} of {len(own)} seeds diverged)")
        text += f" ({len(own)} seeds)" if differ and len(own) > 1 and not lost else ""
        found.append((*labels, own.value.mean(skipna=False), text))
    return pd.DataFrame(found, columns=[*by, "mean", "text"])


def cell(found: pd.DataFrame, absent: str = NOT_RUN, **labels) -> str:
    """The text of the group with these labels in a frame made by `means`; `absent` if none."""
    rows = found
    for name, value in labels.items():
        rows = rows[rows[name] == value]
    return rows.text.iloc[0] if len(rows) else absent


def mark_best(found: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """The frame with a star behind the text of the largest mean in every group of `within`."""
    best = found.groupby(within, sort=False)["mean"].transform("max") == found["mean"]
    return found.assign(text=found.text.where(~best, found.text + f" {BEST}"))
