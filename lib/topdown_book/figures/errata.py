"""Drawing of the errata: differences between the released code and the published rules."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.experiments.errata import PUBLISHED, RELEASED
from topdown_book.figures._page import Drawing
from topdown_book.figures._paired import clear, differences, forest, in_words, intervals
from topdown_book.figures._theme import panels, theme


def errata(results: Results) -> Drawing:
    """Released minus published, paired by seed: test accuracy (a) and the angle of F (b)."""
    accuracy = accuracy_differences(results)
    angle = _differences(results.final("angle_total"))
    order = list(dict.fromkeys(accuracy.change))
    with theme():
        figure, (a, b) = panels(2, height=0.31 * len(order) + 0.9, sharey=True)
        forest(a, accuracy, "change", order)
        forest(b, angle, "change", order)
        a.set(title="a  test accuracy", xlabel="released minus published (points)")
        b.set(title="b  angle of $F$ and weights", xlabel="released minus published (°)")
        for axis in (a, b):
            axis.set_xscale("symlog", linthresh=1.0)
            axis.xaxis.set_major_formatter("{x:g}")
            axis.margins(x=0.08)
    changed = clear(intervals(accuracy, ["change"]), "change")
    caption = f"{_caption(results)} Accuracies that differ beyond their interval: {changed}."
    return Drawing(figure, _alt(accuracy, angle), caption, _data(accuracy, angle),
                   "a run that diverged has no accuracy")


def accuracy_differences(results: Results) -> pd.DataFrame:
    """row, change, seed, value: released minus published in points of test accuracy."""
    final = results.final()
    found = pd.concat([_differences(final), _choices(final)], ignore_index=True)
    return found.sort_values("row", kind="stable")


def _differences(final: pd.DataFrame) -> pd.DataFrame:
    """row, change, seed, value, with the row's number in front of the change."""
    rows = final[final.row != 3]
    found = differences(rows, ["row", "change"], "side", RELEASED, PUBLISHED)
    return found.assign(change=_numbered(found))


def _choices(final: pd.DataFrame) -> pd.DataFrame:
    """Row 3: what each seed's test accuracy gains if the test set itself chooses the rate."""
    rows = final[final.row == 3]
    tested = rows[rows.side == RELEASED].pivot(index="seed", columns="rate", values="value")
    held_out = rows[rows.side == PUBLISHED].pivot(index="seed", columns="rate", values="value")
    chosen = held_out.idxmax(axis=1)
    honest = pd.Series({seed: tested.loc[seed, rate] for seed, rate in chosen.items()})
    found = (tested.max(axis=1) - honest).rename("value").rename_axis("seed").reset_index()
    found = found.assign(row=3, change=rows.change.iloc[0])
    return found.assign(change=_numbered(found))


def _numbered(found: pd.DataFrame) -> pd.Series:
    return found.row.astype(str) + "  " + found.change


def _data(accuracy, angle) -> pd.DataFrame:
    return pd.concat([intervals(accuracy, ["change"]).assign(metric="test_accuracy"),
                      intervals(angle, ["change"]).assign(metric="angle_total")])


def _alt(accuracy, angle) -> str:
    points, degrees = (in_words(intervals(found, ["change"]), "change", unit)
                       for found, unit in ((accuracy, "points"), (angle, "degrees")))
    return ("Two forest plots of paired differences, released minus published, mean and 95 % "
            f"interval over seeds. Test accuracy: {points}. Angle of F and the product of the "
            f"weights: {degrees}.")


def _caption(results: Results) -> str:
    settings = results.settings
    return (
        "What each departure of the released code changes at the end of training. The number in "
        "front is the row of the list of errata. Both sides of a comparison share their seeds, "
        "and with them initial weights, feedback and the order of the data; grey dots are the "
        "differences of single seeds, squares their mean with the 95 % t interval, orange where it "
        f"excludes zero. Row 3: {settings['tuning_dataset']}, learning rates compared on the test "
        f"set or on a twelfth of the training images; all others: {settings['dataset']}. The "
        "horizontal scales are linear between -1 and 1 and logarithmic beyond.")
