"""Drawing of accuracy against width."""

from __future__ import annotations

from topdown_book.experiments import Results
from topdown_book.experiments.widths import RULES
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import COLUMN, panels, percent_axis, theme
from topdown_book.figures._training import against, in_words, summary


def widths(results: Results) -> Drawing:
    """One panel: test accuracy at the end against the units of the hidden layer."""
    final = results.final()
    sizes = sorted(set(final.width))
    with theme():
        figure, (axis,) = panels(1, width=1.3 * COLUMN, height=3.0)
        against(axis, final, "width", "variant", RULES)
        axis.set_xscale("log")
        axis.set_xticks(sizes, [str(size) for size in sizes])
        axis.minorticks_off()
        axis.set_xlabel("units in the hidden layer")
        percent_axis(axis)
    parts = (f"{size} units: {in_words(final[final.width == size], 'variant')}" for size in sizes)
    alt = f"Test accuracy in percent against width. {'; '.join(parts)}."
    return Drawing(figure, alt, _caption(results), summary(final, ["variant", "width"]))


def _caption(results: Results) -> str:
    s = results.settings
    return (f"Test accuracy on {s['dataset']} after {s['epochs']} epochs against the width of the "
            "single hidden layer, one recipe for all: learning rate 0.01, He-normal weights, no "
            "weight decay. Mean and standard deviation over seeds.")
