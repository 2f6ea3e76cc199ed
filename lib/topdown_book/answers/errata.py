"""The answer of the measured errata."""

from __future__ import annotations

import pandas as pd

from topdown_book.answers._words import Estimate, estimate, joined, runs
from topdown_book.experiments import Results
from topdown_book.experiments.errata import PUBLISHED
from topdown_book.figures.errata import accuracy_differences


def errata(results: Results) -> str:
    """A departure changes accuracy if the interval of its paired difference excludes zero.

    Those that do come first, the largest in front. A departure of which seeds diverge is named.
    """
    found = accuracy_differences(results)
    each = {name: estimate(rows.value) for name, rows in found.groupby("change", sort=False)}
    changed = sorted((n for n in each if each[n].clear), key=lambda n: -abs(each[n].mean))
    if changed:
        lead = (f"{len(changed)} of {len(each)} departures change test accuracy beyond their "
                f"interval, released minus published: {_listed(changed, each)}.")
    else:
        lead = (f"None of the {len(each)} departures changes test accuracy by more than its "
                f"interval.{_largest(each)}")
    return f"{lead}{_rest(changed, each)}{_lost(results.final())} {runs(results)}"


def _listed(names: list[str], each: dict[str, Estimate]) -> str:
    return "; ".join(f"row {' '.join(name.split())}: {each[name].words()}" for name in names)


def _largest(each: dict[str, Estimate]) -> str:
    known = [name for name in each if each[name].n]
    if not known:
        return ""
    largest = max(known, key=lambda n: abs(each[n].mean))
    return f" The largest difference is that of row {_listed([largest], each)}."


def _rest(changed: list[str], each: dict[str, Estimate]) -> str:
    rest = [name for name in each if name not in changed and each[name].n > 1]
    if not changed or not rest:
        return ""
    widest = max(abs(each[n].mean) + each[n].half for n in rest)
    return (f" The other intervals include zero: none of those differences can be told from none, "
            f"and none is larger than {widest:.1f} points.")


def _lost(final: pd.DataFrame) -> str:
    rows = final[final.value.isna()]
    if rows.empty:
        return ""
    parts = [f"{'published' if side == PUBLISHED else 'released'} side of row {row}, {change} "
             f"({len(own)} runs)" for (row, change, side), own in
             rows.groupby(["row", "change", "side"], sort=False)]
    return f" Diverged: {joined(parts)}."
