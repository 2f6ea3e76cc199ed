"""Panels that several figures of training runs share."""

from __future__ import annotations

import pandas as pd
import seaborn as sns

from topdown_book.figures._theme import DASHES, MARKERS, spread, styles


def against(axis, rows: pd.DataFrame, x: str, hue: str, order=None, **options) -> None:
    """Mean with standard deviation over seeds of `value` against a numeric column `x`."""
    names = list(order or dict.fromkeys(rows[hue]))
    looks = styles(names)
    sns.lineplot(
        rows, x=x, y="value", hue=hue, style=hue, hue_order=names, style_order=names, ax=axis,
        palette={n: looks[n]["color"] for n in names}, markers=list(MARKERS[: len(names)]),
        dashes=list(DASHES[: len(names)]), errorbar="sd", err_style="bars",
        err_kws={"capsize": 2, "elinewidth": 1}, **options)
    axis.legend(title=None)


def over_epochs(axis, rows: pd.DataFrame, hue: str, order=None) -> None:
    """Mean curve with a band of one standard deviation over seeds, against epochs."""
    names = list(order or dict.fromkeys(rows[hue]))
    looks = styles(names)
    sns.lineplot(
        rows, x="epoch", y="value", hue=hue, style=hue, hue_order=names, style_order=names,
        ax=axis, palette={n: looks[n]["color"] for n in names}, dashes=list(DASHES[: len(names)]),
        errorbar="sd", err_style="band")
    axis.set_xlabel("epoch")
    axis.legend(title=None)


def summary(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """n, mean and standard deviation of `value` for every group."""
    groups = rows.groupby(by, sort=False, dropna=False).value
    return groups.agg(n="count", mean="mean", sd="std").reset_index()


def in_words(rows: pd.DataFrame, by: str) -> str:
    """"a 47.1 +- 0.3, b 46.0 +- 0.2" for the groups of one column."""
    parts = (f"{name} {spread(group.value)}" for name, group in rows.groupby(by, sort=False))
    return ", ".join(parts)
