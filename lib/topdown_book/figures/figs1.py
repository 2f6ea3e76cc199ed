"""Drawing of Figure S1."""

from __future__ import annotations

from topdown.data import SPECS
from topdown_book.experiments import Results
from topdown_book.experiments.figs1 import READINGS, VARIANTS, WITHOUT, deviation
from topdown_book.figures._known import known_value
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, panels, percent_axis, theme
from topdown_book.figures._training import in_words, over_epochs, summary

_ORDER = [WITHOUT, *VARIANTS]


def figs1(results: Results) -> Drawing:
    """A panel for each reading of F's standard deviation, the F = 0 curve in both."""
    curves = results.curves("test_accuracy")
    known = _known(results)
    titles = _titles(results)
    with theme():
        figure, axes = panels(2, height=3.0, sharey=True)
        for axis, reading, letter in zip(axes, READINGS, "ab"):
            over_epochs(axis, _shown(curves, reading), "variant", _ORDER)
            axis.set(title=f"{letter}  {titles[reading]}", xlabel="epoch")
            axis.xaxis.get_major_locator().set_params(integer=True)
            percent_axis(axis)
            if known:
                axis.axhline(known, color=PALETTE["grey"], ls=":", lw=1, zorder=0)
        axes[0].get_legend().remove()
    return Drawing(figure, _alt(curves, titles), _caption(results, known),
                   summary(curves, ["variant", "reading", "epoch"]))


def _shown(curves, reading: str):
    return curves[curves.reading.isin([reading, "F = 0"])]


def _titles(results: Results) -> dict[str, str]:
    inputs = SPECS[results.settings["dataset"]].features
    return {r: f"std of F: {deviation(r, inputs):.2g} ({r})" for r in READINGS}


def _known(results: Results) -> float | None:
    """The approximate value of the time-local rule, if this is the paper's data set."""
    return known_value("figs1", dict(variant="time-local", reading="as typed"), results.settings)


def _alt(curves, titles) -> str:
    last = curves[curves.epoch == curves.epoch.max()]
    parts = [f"{letter}, {titles[r]}: {in_words(_shown(last, r), 'variant')}"
             for letter, r in zip("ab", READINGS)]
    return (f"Two panels of test accuracy in percent against epochs. After {last.epoch.max()} "
            f"epochs, {'; '.join(parts)}.")


def _caption(results: Results, known: float | None) -> str:
    recipe = results.records[0].recipe
    text = (
        "Test accuracy of time-local PEPITA, without feedback (F = 0, so that the error changes "
        "nothing in the second pass) and with it, one momentum buffer serving both half-steps, or "
        "one for each (two buffers); beside it PEPITA-Hebbian and PEPITA by the same "
        f"recipe: learning rate {recipe.lr:g}, weight decay {recipe.weight_decay:g}, rate times "
        f"0.1 at epoch {recipe.decay_epochs[0]} of {recipe.epochs}. The caption's formula for the "
        "standard deviation of F can be read in two ways: (a) as typed, 0.5·2√(6/D); (b) a tenth "
        "of it. Mean and standard deviation over seeds.")
    if known:
        text += (f" Dotted: about {known:g}, what a reviewer read off the paper's figure (1024 "
                 "units, 100 epochs).")
    return text
