"""Differences between runs of the same seeds, with t intervals; shares with theirs."""

from __future__ import annotations

import math

import pandas as pd

LEVEL = 0.95


def diverged(rows: pd.DataFrame) -> pd.Series:
    """For every row, whether its seed diverged: as `Results` says, or where it has no value."""
    return rows.diverged.eq(True) if "diverged" in rows else rows.value.isna()


def values_and_lost(rows) -> tuple[pd.Series, int]:
    """The values of rows (or of a list), and how many of their seeds diverged."""
    if not isinstance(rows, pd.DataFrame):
        rows = pd.DataFrame({"value": list(rows)}, dtype=float)
    return rows.value, int(diverged(rows).sum())


def half_width(values) -> float:
    """Half the 95 % interval of the mean, t_{n-1} sd / sqrt(n); NaN for fewer than two values."""
    from scipy.special import stdtrit  # long to import: only where it is needed

    values = pd.Series(list(values), dtype=float)
    if len(values) < 2:
        return math.nan
    quantile = stdtrit(len(values) - 1, (1 + LEVEL) / 2)
    return float(quantile * values.std() / len(values) ** 0.5)


def share(of: pd.Series, method: str = "wilson") -> dict[str, float]:
    """value, low, high: the fraction that is true, with its 95 % interval."""
    from scipy.stats import binomtest  # a second to import: only where it is needed

    interval = binomtest(int(of.sum()), len(of)).proportion_ci(LEVEL, method)
    return dict(value=of.mean(), low=interval.low, high=interval.high)


def differences(rows: pd.DataFrame, by: list[str], side: str, minuend, subtrahend) -> pd.DataFrame:
    """`by`, seed and value: for every seed the value at `minuend` minus that at `subtrahend`.

    rows: seed, value, the columns `by` and the column `side` that tells the two apart; where they
    have `diverged`, the result says it of a seed that did so on either side. No rows where one of
    the two is not among them.
    """
    told = [name for name in ("value", "diverged") if name in rows]
    if not {minuend, subtrahend} <= set(rows[side]):
        return rows.head(0)[[*by, "seed", *told]]
    wide = rows.set_index([*by, "seed", side])[told].unstack(side)
    found = (wide.value[minuend] - wide.value[subtrahend]).to_frame("value")
    if "diverged" in told:
        found["diverged"] = wide.diverged[minuend].eq(True) | wide.diverged[subtrahend].eq(True)
    return found.reset_index()


def intervals(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """n, mean and half-width of the 95 % interval for every group of `differences`."""
    groups = found.groupby(by, sort=False).value
    return groups.agg(n="count", mean="mean", half_width=half_width).reset_index()


def in_words(summary: pd.DataFrame, by: str, unit: str = "") -> str:
    """"a -0.12 ± 0.30 points, b ..." for the rows of `intervals`; one seed has no interval."""
    parts = []
    for _, row in summary.iterrows():
        spread = "" if math.isnan(row.half_width) else f" ± {row.half_width:.2f}"
        parts.append(f"{row[by]} {row['mean']:+.2f}{spread} {unit}".rstrip())
    return ", ".join(parts)
