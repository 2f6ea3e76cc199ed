"""Drawing of the alignment after mirroring has stopped."""

from __future__ import annotations

from topdown_book.experiments import Results
from topdown_book.experiments.forgetting import kinds
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, panels, theme
from topdown_book.figures._training import in_words, over_epochs, summary

_PANELS = {
    "angle_total": ("a  whole feedback", "angle of $F$ and $(W_2 W_1)^T$ (°)"),
    "angle_adaptive": ("b  effective feedback", "angle of $W_1 F$ and $W_2^T$ (°)"),
    "test_accuracy": ("c  accuracy", "test accuracy (%)"),
}


def forgetting(results: Results) -> Drawing:
    """Panels: angle of F, angle of W_1 F, test accuracy; a line where mirroring stops."""
    until = results.settings["until"]
    rows = results.frame[results.frame.metric.isin(_PANELS)]
    with theme():
        figure, axes = panels(3, height=3.1)
        for axis, (metric, (title, label)) in zip(axes, _PANELS.items()):
            over_epochs(axis, rows[rows.metric == metric], "variant", kinds(until))
            axis.axvline(until, color=PALETTE["grey"], lw=0.8, ls=":")
            axis.set(title=title, ylabel=label)
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.get_legend().remove()
        figure.legend(*axes[0].get_legend_handles_labels(), ncols=4, loc="outside lower center")
    return Drawing(figure, _alt(rows, until), _caption(results),
                   summary(rows, ["metric", "variant", "epoch"]))


def _alt(rows, until: int) -> str:
    def at(metric, epoch):
        chosen = rows[(rows.metric == metric) & (rows.epoch == epoch)]
        return in_words(chosen, "variant")
    end = rows.epoch.max()
    return (f"Three panels against epochs; mirroring stops after epoch {until}. Angle of F in "
            f"degrees then: {at('angle_total', until)}; at the end: {at('angle_total', end)}. "
            f"Angle of W1 F at the end: {at('angle_adaptive', end)}. Test accuracy at the end: "
            f"{at('test_accuracy', end)}.")


def _caption(results: Results) -> str:
    s = results.settings
    return (f"One hidden layer on {s['dataset']}, PEPITA normal, never mirrored, mirrored at every "
            f"batch throughout, and mirrored up to epoch {s['until']} (dotted line) only; the last "
            "also with the Hebbian rule. (a) Angle of F with the product of the weights. (b) Angle "
            "of the effective feedback with the output weights. (c) Test accuracy. Mean and "
            "standard deviation over seeds.")
