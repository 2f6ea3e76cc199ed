"""Forward-Forward beside PEPITA, PEPITA-Hebbian and BP: the same network, the same data."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import at_the_end, in_words, learning, summary
from topdown_book.figures._recipes import (
    BASELINES,
    FF_PARAMETERS,
    FF_PROFILES,
    HEBBIAN,
    NORMAL,
    VARIANTS,
    each,
    forward_forward,
)
from topdown_book.figures._theme import legend_below, panels, theme
from topdown_book.figures._words import accuracies, paired, runs

FF = "FF"
KINDS = {
    FF: dict(probe="goodness_difference"),
    "FF, peer normalisation": dict(ff_peer_normalization=0.03),
    "FF, linear read-out": dict(ff_prediction="readout"),
}


def cases(settings: dict) -> list[Case]:
    """Three kinds of Forward-Forward by its own recipe; PEPITA, PEPITA-Hebbian, BP by theirs."""
    options = {name: forward_forward(settings["epochs"], **own) for name, own in KINDS.items()}
    options |= {NORMAL: VARIANTS["normal"], HEBBIAN: VARIANTS["hebbian"], "BP": BASELINES["BP"]}
    return each(settings, options, settings["depth"])


FIGURE = Experiment(title="Forward-Forward beside PEPITA", parameters=FF_PARAMETERS,
                    profiles=FF_PROFILES, cases=cases)


def draw(results: Results) -> Drawing:
    """Panel a: test accuracy against epochs; panel b: the end of training, every seed."""
    curves, final = results.curves("test_accuracy"), results.final()
    with theme():
        figure, (a, b) = panels(2, height=3.2, gridspec_kw={"width_ratios": [1.25, 1]})
        learning(a, curves)
        legend_below(figure, [a])
        at_the_end(b, final, list(dict.fromkeys(final.variant)), means=True)
    alt = ("Two panels of test accuracy in percent: curves against epochs, and the values at the "
           f"end of training: {in_words(final)}.")
    hidden = results.records[0].recipe.hidden
    caption = (
        f"Forward-Forward (FF) beside PEPITA, PEPITA-Hebbian and backpropagation (BP), "
        f"{len(hidden)} hidden layers of {hidden[0]} units. (a) Test accuracy, mean ± standard "
        "deviation over seeds. (b) At the end: seeds, and their means as bars. FF predicts the "
        "label with the largest goodness, or by a linear read-out. Each rule by its own recipe.")
    return Drawing(figure, alt, caption, summary(curves, ["variant", "epoch"]))


def answer(results: Results) -> str:
    """Forward-Forward is ahead or behind if the interval of the difference excludes zero."""
    final = results.final()
    gap = paired(final, "variant", FF, NORMAL)
    rest = paired(final, "variant", "BP", FF)
    lead = ("Forward-Forward is ahead of PEPITA" if gap.above else
            "Forward-Forward is behind PEPITA" if gap.below else
            "Forward-Forward and PEPITA cannot be told apart")
    return (f"{lead}: the difference in test accuracy, paired by seed, is {gap.words()}. "
            f"Backpropagation minus Forward-Forward is {rest.words()}. At the end of training: "
            f"{accuracies(final)}. {runs(results)}")
