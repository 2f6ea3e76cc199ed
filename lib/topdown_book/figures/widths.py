"""Accuracy against width: our own figure, in place of one that is unknown to us."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import against, in_words, summary
from topdown_book.figures._parameters import COMMON
from topdown_book.figures._recipes import BASELINES, VARIANTS, make
from topdown_book.figures._theme import COLUMN, panels, percent_axis, theme
from topdown_book.figures._words import estimate, joined, paired, runs

RULES = {"BP": BASELINES["BP"], "FA": BASELINES["FA"], "PEPITA": VARIANTS["normal"]}
STEP, COUNT = 4, 4


def widths(largest: int) -> list[int]:
    """The widths compared: the largest, a quarter of it, and so on, four in all."""
    return sorted({max(1, largest // STEP**k) for k in range(COUNT)})


def cases(settings: dict) -> list[Case]:
    """Rules x widths, one hidden layer, the recipe of Table 2."""
    return [Case(make(settings, hidden=(width,), **options), dict(variant=name, width=width))
            for name, options in RULES.items() for width in widths(settings["width"])]


FIGURE = Experiment(
    title="Accuracy against width",
    parameters=COMMON,
    profiles={
        "smoke": dict(dataset="digits", width=256, epochs=20, seeds=2),
        "laptop": dict(dataset="mnist", width=4096, epochs=5, seeds=3),
        "paper": dict(dataset="mnist", width=4096, epochs=100, seeds=10),
    },
    cases=cases,
)


def draw(results: Results) -> Drawing:
    """One panel: test accuracy at the end against the units of the hidden layer."""
    final, s = results.final(), results.settings
    sizes = sorted(set(final.width))
    with theme():
        figure, (axis,) = panels(1, width=1.3 * COLUMN, height=3.0)
        against(axis, final, "width", "variant", RULES)
        axis.set_xscale("log")
        axis.set_xticks(sizes, [str(size) for size in sizes])
        axis.minorticks_off()
        axis.set_xlabel("units in the hidden layer")
        percent_axis(axis)
    parts = (f"{size} units: {in_words(final[final.width == size])}" for size in sizes)
    caption = (f"Test accuracy on {s['dataset']} after {s['epochs']} epochs against the width of "
               "the single hidden layer, one recipe for all: learning rate 0.01, He-normal "
               "weights, no weight decay. Mean ± standard deviation over seeds.")
    return Drawing(figure, f"Test accuracy in percent against width. {'; '.join(parts)}.", caption,
                   summary(final, ["variant", "width"]))


def answer(results: Results) -> str:
    """PEPITA comes closer to BP if BP minus PEPITA clearly falls from the least width to the most.

    By the intervals of differences paired by seed.
    """
    final = results.final()
    narrow, wide = final.width.min(), final.width.max()
    gains = {name: paired(rows, "width", wide, narrow)
             for name, rows in final.groupby("variant", sort=False)}
    gaps = {w: paired(final[final.width == w], "variant", "BP", "PEPITA") for w in (narrow, wide)}
    wider = final.set_index(["variant", "seed", "width"]).value.unstack("width")
    gain = (wider[wide] - wider[narrow]).unstack("variant")
    closing = estimate(gain["PEPITA"] - gain["BP"])
    lead = ("PEPITA needs width more than backpropagation does" if closing.above else
            "Width helps PEPITA less than backpropagation" if closing.below else
            "Width does as much for PEPITA as for backpropagation, as far as these runs can tell")
    listed = joined(f"{name} {own.words()}" for name, own in gains.items())
    return (f"{lead}: from {narrow} to {wide} units the gains are {listed}. BP minus PEPITA is "
            f"{gaps[narrow].words()} at {narrow} units and {gaps[wide].words()} at {wide}. "
            f"{_runs_of_widths(results)}")


def _runs_of_widths(results: Results) -> str:
    """The widths differ, so no single one is said."""
    settings = {k: v for k, v in results.settings.items() if k != "width"}
    return runs(Results(settings, results.frame, results.records))
