"""Accuracy against the cost of training: our own figure, in place of an unknown one."""

import pandas as pd

from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._parameters import COMMON
from topdown_book.figures._recipes import plain_rules, usual
from topdown_book.figures._tables import mean_sd
from topdown_book.figures._theme import legend_below, panels, percent_axis, styles, theme
from topdown_book.figures._words import runs


def cases(settings: dict) -> list[Case]:
    """The rows of Table 2 without technique, and PEPITA-Hebbian as in Figure 3."""
    return plain_rules(settings)


FIGURE = Experiment(title="Accuracy against the cost of training", parameters=COMMON,
                    profiles=usual("cifar10", "cifar10"), cases=cases)


def costs(results: Results) -> pd.DataFrame:
    """One row per rule and seed: accuracy, seconds and 10^9 operations per epoch, device."""
    from topdown_book.store.costs import operations

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


def answer(results: Results) -> str:
    """PEPITA's cost and accuracy over those of backpropagation."""
    rows = costs(results).groupby("variant")[["accuracy", "seconds", "operations"]].median()
    if not {"BP", "PEPITA"} <= set(rows.index):
        return "The records of BP and PEPITA are not both here."
    own, other = rows.loc["PEPITA"], rows.loc["BP"]
    operations, seconds = own.operations / other.operations, own.seconds / other.seconds
    return (f"An epoch of PEPITA takes {operations:.2f} times the operations of backpropagation "
            f"and took {seconds:.2f} times its seconds; its test accuracy minus that of "
            f"backpropagation is {own.accuracy - other.accuracy:+.1f} points. {runs(results)}")


def draw(results: Results) -> dict[str, Drawing | Table]:
    """Accuracy against seconds (a) and against operations (b), per epoch; `table`: in numbers."""
    rows = costs(results)
    with theme():
        figure, (a, b) = panels(2, height=3.0, sharey=True)
        _scatter(a, rows, "seconds")
        _scatter(b, rows, "operations")
        a.set(title="a  measured", xlabel="seconds per epoch")
        b.set(title="b  counted", xlabel="10⁹ operations per epoch")
        percent_axis(a)
        legend_below(figure, [a], columns=4)
    cells = [{
        "rule": name, "test accuracy (%)": mean_sd(one.accuracy),
        "seconds per epoch, median": f"{one.seconds.median():.3g}",
        "smallest to largest": f"{one.seconds.min():.3g} to {one.seconds.max():.3g}",
        "10⁹ operations per epoch": f"{one.operations.median():.3g}",
    } for name, one in rows.groupby("variant", sort=False)]
    return {"figure": Drawing(figure, _alt(rows), _CAPTION, rows),
            "table": Table(pd.DataFrame(cells), "The same in numbers.", rows)}


def _scatter(axis, rows: pd.DataFrame, x: str) -> None:
    """A mark at the median cost and mean accuracy; bars: all seeds' costs, deviation upright."""
    looks = styles(rows.variant)
    for name, one in rows.groupby("variant", sort=False):
        middle = one[x].median()
        reach = [[middle - one[x].min()], [one[x].max() - middle]]
        axis.errorbar(middle, one.accuracy.mean(), xerr=reach, yerr=one.accuracy.std(),
                      fmt=looks[name]["marker"], color=looks[name]["color"], capsize=2, label=name)
    axis.set_xlim(left=0)


def _alt(rows: pd.DataFrame) -> str:
    parts = (f"{name} {one.accuracy.mean():.1f} percent at {one.seconds.median():.3g} s and "
             f"{one.operations.median():.3g} billion operations per epoch"
             for name, one in rows.groupby("variant", sort=False))
    return f"Two panels of test accuracy against the cost of an epoch: {'; '.join(parts)}."


_CAPTION = (
    "Test accuracy at the end against the cost of an epoch, upright bars the standard deviation "
    "over seeds. (a) Seconds stored in the records, evaluation included: median over seeds, bars "
    "from the smallest to the largest. (b) Floating-point operations counted from the rule and the "
    "sizes: forward and backward products, updates, mirroring, evaluation."
)
