"""Figure S1: time-local PEPITA, with feedback and without, and its relatives by its recipe."""

from topdown.data import SPECS
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._known import known_value
from topdown_book.figures._panels import (
    absent,
    in_words,
    last,
    no_data,
    over_epochs,
    summary,
)
from topdown_book.figures._parameters import COMMON
from topdown_book.figures._recipes import FIGURE_S1, READINGS, TIME_LOCAL, half_way, make, usual
from topdown_book.figures._theme import PALETTE, panels, percent_axis, theme
from topdown_book.figures._words import accuracies, joined, paired, runs

ONE_BUFFER, TWO_BUFFERS, HEBBIAN, VANILLA = (
    "time-local", "time-local, two buffers", "PEPITA-Hebbian", "PEPITA")
VARIANTS = {
    ONE_BUFFER: TIME_LOCAL,
    TWO_BUFFERS: dict(rule="pepita-time-local"),
    HEBBIAN: dict(rule="pepita-hebbian"),
    VANILLA: dict(rule="pepita"),
}
WITHOUT, SILENT = "time-local, F = 0", "F = 0"


def deviation(reading: str, inputs: int) -> float:
    """The standard deviation of F by one reading of the caption, for D = `inputs` pixels."""
    return READINGS[reading] * (2 / inputs) ** 0.5


def cases(settings: dict) -> list[Case]:
    """Four variants x two strengths of F, and the time-local rule without feedback."""
    runs = [(WITHOUT, TIME_LOCAL, SILENT, 0.0)]
    runs += [(name, options, reading, scale) for reading, scale in READINGS.items()
             for name, options in VARIANTS.items()]
    decays = half_way(settings["epochs"])
    return [Case(make(settings, decay_epochs=decays,
                      **{**FIGURE_S1, **options, "feedback_scale": scale}),
                 dict(variant=name, reading=reading)) for name, options, reading, scale in runs]


FIGURE = Experiment(title="Time-local PEPITA with feedback and without", parameters=COMMON,
                    profiles=usual("cifar10", "cifar10"), cases=cases,
                    units=("reading",), control=SILENT)


def draw(results: Results) -> Drawing:
    """A panel for each reading of F's standard deviation, the F = 0 curve in both."""
    curves, inputs = results.curves("test_accuracy"), SPECS[results.settings["dataset"]].features
    known = known_value("figs1", dict(variant=ONE_BUFFER, reading="as typed"), results.settings)
    titles = {r: f"{letter}  std of F: {deviation(r, inputs):.2g} ({r})"
              for letter, r in zip("ab", READINGS)}
    with theme():
        figure, axes = panels(2, height=3.0, sharey=True)
        for axis, (reading, title) in zip(axes, titles.items()):
            rows = _shown(curves, reading)
            if rows.empty:
                no_data(axis, absent(results.settings))
            else:
                over_epochs(axis, rows, "variant", [WITHOUT, *VARIANTS], title)
            percent_axis(axis)
            if known:
                axis.axhline(known, color=PALETTE["grey"], ls=":", lw=1, zorder=0)
        if all(axis.get_legend() for axis in axes):
            axes[0].get_legend().remove()
    return Drawing(figure, _alt(curves, titles), _caption(results, known),
                   summary(curves, ["variant", "reading", "epoch"]))


def _shown(rows, reading: str):
    return rows[rows.reading.isin([reading, SILENT])]


def _alt(curves, titles) -> str:
    end = last(curves)
    parts = [f"{title}: {in_words(_shown(end, reading)) or 'nothing'}"
             for reading, title in titles.items()]
    return (f"Two panels of test accuracy in percent against epochs. After {end.epoch.max()} "
            f"epochs, {'; '.join(parts)}.")


def _caption(results: Results, known: float | None) -> str:
    recipe = results.records[0].recipe
    text = (
        "Time-local PEPITA without feedback (F = 0) and with it, one momentum buffer for both "
        "half-steps or two, PEPITA-Hebbian and PEPITA by the same recipe: rate "
        f"{recipe.lr:g}, a tenth from epoch {recipe.decay_epochs[0]} of {recipe.epochs} on. "
        "F by the caption as typed (a), or a tenth of it (b). Mean ± standard deviation.")
    return text + (f" Dotted: about {known:g}, read off the paper's figure." if known else "")


def answer(results: Results) -> str:
    """A variant learns from feedback if its difference to F = 0 is clearly positive.

    The momentum buffer decides if the time-local rule does so with one buffer and not with two.
    """
    final = _shown(results.final(), next(iter(READINGS)))
    one, two = (paired(final, "variant", name, WITHOUT) for name in (ONE_BUFFER, TWO_BUFFERS))
    if not one.seeds:
        return f"With F as typed the rule has not been run at these sizes yet. {runs(results)}"
    lead = ("The runs do not show that feedback teaches the time-local rule anything"
            if not one.above else
            "The time-local rule learns with one momentum buffer and with two" if two.above else
            f"The time-local rule learns {'only ' * bool(two.seeds)}with one momentum buffer for "
            "both half-steps, as in the released code")
    price = {name: paired(final, "variant", ONE_BUFFER, name) for name in (HEBBIAN, VANILLA)}
    costs = joined(f"{gap.words()} to {name}" for name, gap in price.items())
    return (f"{lead}: against F = 0 its test accuracy changes by {one.words()} with one and "
            f"{two.words()} with two. The recipe is slow for every rule: "
            f"{accuracies(final[final.variant != WITHOUT])}. With one "
            f"buffer the difference is {costs}. F as typed in the caption. {runs(results)}")
