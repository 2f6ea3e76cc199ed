"""Drawing of what pre-mirroring does before the first epoch, and what is left of it later."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, legend_below, panels, percent_axis, theme
from topdown_book.figures._training import in_words, over_epochs, summary

METRICS = {"angle_total": "angle", "test_accuracy": "accuracy"}


def premirroring(results: Results) -> Drawing:
    """Panel a: angle of F with the weights' product; panel b: test accuracy; both from epoch 0."""
    rows = named(results.frame)
    angles, accuracies = (rows[rows.metric == metric] for metric in METRICS)
    with theme():
        figure, (a, b) = panels(2, height=3.2)
        for axis, own, title in ((a, angles, "a  alignment"), (b, accuracies, "b  accuracy")):
            over_epochs(axis, own, "variant")
            axis.set_title(title)
            axis.xaxis.get_major_locator().set_params(integer=True)
        a.axhline(90, color=PALETTE["grey"], lw=0.8, ls=":")
        a.set_ylabel("angle of $F$ and the weights (°)")
        percent_axis(b)
        legend_below(figure, a)
        b.get_legend().remove()
    data = summary(rows[rows.metric.isin(METRICS)], ["metric", "variant", "epoch"])
    return Drawing(figure, _alt(angles, accuracies), _caption(results.settings), data)


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """With `variant`, the epochs of pre-mirroring in words: "none", "1 epoch", "2 epochs"."""
    words = {0: "none", 1: "1 epoch"}
    return frame.assign(variant=[words.get(n, f"{n} epochs") for n in frame.premirrored])


def _alt(angles, accuracies) -> str:
    first, last = (angles[angles.epoch == e] for e in (0, angles.epoch.max()))
    end = accuracies[accuracies.epoch == accuracies.epoch.max()]
    return ("Two panels against epochs, one curve for each length of pre-mirroring. a: angle of F "
            f"with the product of the weights, in degrees, at epoch 0: {in_words(first, 'variant')}"
            f"; at the end: {in_words(last, 'variant')}. b: test accuracy in percent at the end: "
            f"{in_words(end, 'variant')}.")


def _caption(settings: dict) -> str:
    return (f"PEPITA normal on {settings['dataset']}, one hidden layer of {settings['width']} "
            "units, after 0, 1, 2 and 4 epochs of pre-mirroring, in which F and the mirroring see "
            "noise alone and the forward weights stay as they are. (a) Angle between F and the "
            "product of the weights; dotted: no alignment. (b) Test accuracy. Epoch 0 is after "
            "pre-mirroring and before the first training step. Mean and standard deviation over "
            "seeds.")
