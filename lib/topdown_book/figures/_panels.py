"""Panels that several figures share, the rows behind them, and the same in words."""

from __future__ import annotations

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Results
from topdown_book.figures._paired import intervals, values_and_lost
from topdown_book.figures._theme import (
    DASHES,
    MARKERS,
    PALETTE,
    legend_below,
    panels,
    percent_axis,
    spread,
    styles,
    theme,
    whole_numbers,
)

NO_DATA, NOT_YET = "data not here", "not yet run"
FAILED = "a run that diverged has no angle and no later epochs"


def against(axis, rows: pd.DataFrame, x: str, hue: str, order=None, **options) -> None:
    """Mean with standard deviation over seeds of `value` against a numeric column `x`."""
    _lines(axis, rows, x, hue, order, err_style="bars",
           err_kws={"capsize": 2, "elinewidth": 1}, markers=True, **options)


def over_epochs(axis, rows: pd.DataFrame, hue: str, order=None, title: str = "",
                label: str | None = None) -> None:
    """Mean curve with a band of one standard deviation over seeds, against epochs."""
    _lines(axis, rows, "epoch", hue, order, err_style="band")
    axis.set(xlabel="epoch", title=title, **({} if label is None else {"ylabel": label}))
    whole_numbers(axis)


def _lines(axis, rows, x, hue, order, markers=False, **options) -> None:
    import seaborn as sns

    names = list(order or dict.fromkeys(rows[hue]))
    looks, given = styles(names), list(MARKERS[: len(names)]) if markers else None
    sns.lineplot(
        rows, x=x, y="value", hue=hue, style=hue, hue_order=names, style_order=names, ax=axis,
        palette={n: looks[n]["color"] for n in names}, dashes=list(DASHES[: len(names)]),
        errorbar="sd", **options, **({"markers": given} if given else {}))
    axis.legend(title=None)


def at_the_end(axis, final: pd.DataFrame, names: list[str], means: bool = False) -> None:
    """A row for every name: its seeds as points; `means`: and their mean as a bar."""
    looks = styles(names)
    for row, (name, rows) in enumerate(final.groupby("variant", sort=False)):
        axis.plot(rows.value, [row] * len(rows), ls="", color=looks[name]["color"],
                  marker=looks[name]["marker"], alpha=0.8)
        if means:
            axis.plot(rows.value.mean(), row, marker="|", ms=14, color=PALETTE["black"])
    axis.set(title="b  at the end", xlabel="test accuracy (%)", yticks=range(len(looks)),
             yticklabels=names)
    axis.invert_yaxis()


def learning(axis, curves: pd.DataFrame, order=None) -> None:
    """Test accuracy from the first epoch on."""
    over_epochs(axis, curves[curves.epoch > 0], "variant", order, "a  during training")
    percent_axis(axis)


def learning_figure(results: Results, names: list[str], caption: str) -> Drawing:
    """Panel a: accuracy against epochs; panel b: every seed at the end, in the order of `names`."""
    curves, final = results.curves("test_accuracy"), results.final()
    with theme():
        figure, (a, b) = panels(2, height=3.0, gridspec_kw={"width_ratios": [1.3, 1]})
        learning(a, curves, names)
        at_the_end(b, final, names)
        legend_below(figure, [a], 4)
    alt = f"Test accuracy in percent against epochs and at the end: {with_failures(final)}."
    return Drawing(figure, alt, caption, summary(curves, ["variant", "epoch"]), FAILED)


def right_angle(axis) -> None:
    """A dotted line at 90°: no alignment."""
    axis.axhline(90, color=PALETTE["grey"], lw=0.8, ls=":")


def no_data(axis, text: str = NO_DATA) -> None:
    axis.text(0.5, 0.5, text, ha="center", transform=axis.transAxes)


def absent(settings: dict) -> str:
    """What stands in the place of a case without record: why there is none."""
    return NO_DATA if getattr(settings, "held", None) is None else NOT_YET


def forest(axis, found: pd.DataFrame, by: str, order: list[str]) -> None:
    """A row for each name of `order`: the seeds as dots, their mean and its interval as a bar."""
    rows = intervals(found, [by]).set_index(by)
    for place, name in enumerate(order):
        if name not in rows.index:
            continue
        row, seeds = rows.loc[name], found[found[by] == name].value
        clear = abs(row["mean"]) > row.half_width
        axis.plot(seeds, [place] * len(seeds), ls="", marker="o", ms=3, color=PALETTE["grey"],
                  alpha=0.7, zorder=1)
        axis.errorbar(row["mean"], place, xerr=row.half_width, marker="s", capsize=3, zorder=2,
                      color=PALETTE["orange"] if clear else PALETTE["blue"])
    axis.axvline(0, color=PALETTE["black"], lw=0.8)
    axis.set(yticks=range(len(order)), yticklabels=order, ylim=(len(order) - 0.5, -0.5))
    axis.grid(axis="y", visible=False)


def summary(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """n, mean and standard deviation of `value` for every group."""
    groups = rows.groupby(by, sort=False, dropna=False).value
    return groups.agg(n="count", mean="mean", sd="std").reset_index()


def in_words(rows: pd.DataFrame, by: str = "variant") -> str:
    """"a 47.1 ± 0.3, b 46.0 ± 0.2" for the groups of one column."""
    parts = (f"{name} {spread(group.value)}" for name, group in rows.groupby(by, sort=False))
    return ", ".join(parts)


def with_failures(rows: pd.DataFrame) -> str:
    """"a 47.1 ± 0.3, b diverged in 2 of 3 seeds" for every variant."""
    parts = []
    for name, group in rows.groupby("variant", sort=False):
        (values, lost), total = values_and_lost(group), len(group)
        kept = [spread(values.dropna())] if values.notna().any() else []
        failed = [f"diverged in {lost} of {total} seeds"] if lost else []
        parts.append(f"{name} {', '.join(kept + failed)}")
    return ", ".join(parts)


def absent_in_words(rows: pd.DataFrame, datasets) -> str:
    """" No data here: cifar100.", or nothing."""
    absent = [name for name in datasets if name not in set(rows.dataset)]
    return f" No data here: {', '.join(absent)}." if absent else ""


def last(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last epoch of all."""
    return rows[rows.epoch == rows.epoch.max()]
