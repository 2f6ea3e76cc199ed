"""Drawing and table of accuracy against the cost of training."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.figures._page import Drawing, Table
from topdown_book.figures._tables import mean_sd
from topdown_book.figures._theme import panels, percent_axis, styles, theme
from topdown_book.store.running import operations


def costs(results: Results) -> pd.DataFrame:
    """One row per rule and seed: accuracy, seconds and 10^9 operations per epoch, device."""
    final, rows = results.final(), []
    for record in results.records:
        mine = final[final.key == record.recipe.key]
        epochs = max(record.recipe.epochs, 1)
        for variant, seed, value in mine[["variant", "seed", "value"]].itertuples(index=False):
            entry = record.provenance[seed]
            rows.append(dict(
                variant=variant, seed=seed, accuracy=value,
                seconds=entry["seconds"] / entry["trained_together"] / epochs,
                operations=operations(record.recipe) / epochs / 1e9, device=entry["device"]))
    return pd.DataFrame(rows)


def wall_clock(results: Results) -> Drawing:
    """Accuracy against seconds (a) and against operations (b), per epoch."""
    rows = costs(results)
    with theme():
        figure, (a, b) = panels(2, height=3.0, sharey=True)
        _scatter(a, rows, "seconds")
        _scatter(b, rows, "operations")
        a.set(title="a  measured", xlabel="seconds per epoch")
        b.set(title="b  counted", xlabel="10⁹ operations per epoch")
        percent_axis(a)
        figure.legend(*a.get_legend_handles_labels(), ncols=4, loc="outside lower center")
    return Drawing(figure, _alt(rows), _CAPTION, rows)


def _scatter(axis, rows: pd.DataFrame, x: str) -> None:
    """A mark at the median cost and mean accuracy; bars: all seeds' costs, deviation upright."""
    looks = styles(rows.variant)
    for name, one in rows.groupby("variant", sort=False):
        middle = one[x].median()
        reach = [[middle - one[x].min()], [one[x].max() - middle]]
        axis.errorbar(middle, one.accuracy.mean(), xerr=reach, yerr=one.accuracy.std(),
                      fmt=looks[name]["marker"], color=looks[name]["color"], capsize=2, label=name)
    axis.set_xlim(left=0)


def wall_clock_table(results: Results) -> Table:
    """The same in numbers."""
    rows = costs(results)
    cells = [{
        "rule": name, "test accuracy (%)": mean_sd(one.accuracy),
        "seconds per epoch, median": f"{one.seconds.median():.3g}",
        "smallest to largest": f"{one.seconds.min():.3g} to {one.seconds.max():.3g}",
        "10⁹ operations per epoch": f"{one.operations.median():.3g}",
    } for name, one in rows.groupby("variant", sort=False)]
    return Table(pd.DataFrame(cells), _TABLE_CAPTION, rows)


def _alt(rows: pd.DataFrame) -> str:
    parts = (f"{name} {one.accuracy.mean():.1f} percent at {one.seconds.median():.3g} s and "
             f"{one.operations.median():.3g} billion operations per epoch"
             for name, one in rows.groupby("variant", sort=False))
    return f"Two panels of test accuracy against the cost of an epoch: {'; '.join(parts)}."


_CAPTION = (
    "Test accuracy at the end of training against the cost of an epoch. (a) Seconds as stored in "
    "the records, evaluation on the test set included: median over seeds, bars from the smallest "
    "to the largest. A machine with other work to do inflates them. (b) Floating-point operations "
    "counted from the rule and the sizes, which no machine disturbs: products of forward passes, "
    "backward passes and updates, mirroring, evaluation. Upright bars: standard deviation over "
    "seeds."
)
_TABLE_CAPTION = (
    "Test accuracy (mean ± standard deviation over seeds) and cost of an epoch: seconds measured "
    "where the records were made, evaluation included, and operations counted."
)
