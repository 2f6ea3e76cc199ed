"""What the departures of the released code from the published rules change, measured in pairs."""

from dataclasses import dataclass, replace

import pandas as pd

from topdown.data import SPECS
from topdown.recipes import Recipe
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._paired import differences, in_words, intervals
from topdown_book.figures._panels import FAILED, forest
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import BASELINES, FIGURE_S1, VARIANTS, half_way, make
from topdown_book.figures._theme import panels, theme
from topdown_book.figures._words import Estimate, estimate, joined, runs

PUBLISHED, RELEASED = "published", "released"
RATES = (0.003, 0.01, 0.03)
"""The small grid of learning rates on which row 3 compares two ways of choosing."""
CHOICE = 3
NORMAL, UNIFORM = VARIANTS["normal"], VARIANTS["uniform"]
SHOWN = 3
"""Departures that the first sentence of the answer names."""
TIME_LOCAL = dict(rule="pepita-time-local", **FIGURE_S1)


@dataclass(frozen=True)
class Erratum:
    """One comparison: `base` as published, with `change` as released.

    row: the number of its entry in `book/errata.md`, which says what happens and what was meant.
    """

    row: int
    name: str
    base: dict
    change: dict
    depth: int = 1

    def released(self, published: Recipe) -> Recipe:
        return replace(published, **self.change)


class Counted(Erratum):
    """Row 22, whose change depends on the number of epochs."""

    def released(self, published: Recipe) -> Recipe:
        return published.with_premirroring_counted()


def errata(dataset: str) -> list[Erratum]:
    """Every comparison of two trainings (row 3 is a choice between trainings: see `cases`)."""
    vanilla = [Erratum(1, f"Hebbian mode runs vanilla, depth {depth}", VARIANTS["hebbian"],
                       dict(rule="pepita"), depth) for depth in (1, 2, 3)]
    sample = dict(**NORMAL, normalization="sample")
    fan = (SPECS[dataset].features / len(SPECS[dataset].classes)) ** 0.5
    return [
        *vanilla,
        Erratum(2, "normalisation over the batch", sample, dict(normalization="batch")),
        Erratum(2, "the same at 64 times the rate", sample,
                dict(normalization="batch", lr=64 * 0.01)),
        Erratum(4, "time-local: masks redrawn", TIME_LOCAL, dict(masks="redrawn")),
        Erratum(4, "time-local: no dropout", TIME_LOCAL, dict(dropout=0.0)),
        Erratum(5, "time-local: one momentum buffer", TIME_LOCAL, dict(momentum_buffers="shared")),
        Erratum(5, "time-local: weight decay twice", TIME_LOCAL, dict(decay_half_steps=2)),
        Erratum(7, "mirroring through activations", dict(**NORMAL, mirror_every=1),
                dict(mirror_through="activation")),
        Erratum(10, "rate decays 1 epoch late (2022)", NORMAL, dict(decay_delay=1)),
        Erratum(10, "rate decays 2 epochs late (2023)", NORMAL, dict(decay_delay=2)),
        Erratum(16, "uniform F with a mean", UNIFORM, dict(feedback_mean=3**0.5)),
        Erratum(17, f"uniform F {fan:.1f} times too large", UNIFORM,
                dict(feedback_scale=0.05 * fan)),
        Erratum(18, "output error of pass 2", NORMAL, dict(output_error="second")),
        Erratum(18, "mask applied twice", NORMAL, dict(difference_mask="twice")),
        Erratum(21, "the velocity holds the rate", NORMAL, dict(velocity_holds_rate=True)),
        Counted(22, "pre-mirroring counted as an epoch", dict(**NORMAL, premirror_epochs=1), {}),
        *(Erratum(23, f"{name}: masks at the end, depth 2", BASELINES[name],
                  dict(backward_masks="end"), 2) for name in ("BP", "FA")),
        Erratum(25, "mirroring with dropout, one mean", dict(**NORMAL, mirror_every=1,
                mirror_through="activation"), dict(mirror_through="released")),
    ]


def cases(settings: dict) -> list[Case]:
    """Both sides of every comparison; of row 3 every rate, tested, or tested on images held out."""
    found = []
    for entry in errata(settings["dataset"]):
        half = "time-local" in entry.base["rule"]
        decays = dict(decay_epochs=half_way(settings["epochs"])) if half else {}
        published = make(settings, entry.depth, **{**decays, **entry.base})
        for side, recipe in ((PUBLISHED, published), (RELEASED, entry.released(published))):
            found.append(Case(recipe, dict(row=entry.row, change=entry.name, side=side, rate=None)))
    dataset = settings["tuning_dataset"]
    held_out = SPECS[dataset].n_train // 12
    return found + [
        Case(make(settings, dataset=dataset, **NORMAL, lr=rate, held_out=count),
             dict(row=CHOICE, change="rate chosen on the test set", side=side, rate=rate))
        for rate in RATES for side, count in ((RELEASED, 0), (PUBLISHED, held_out))]


FIGURE = Experiment(
    title="Errata of the released code, measured",
    parameters=(*COMMON, Parameter("tuning_dataset", str, "data set of row 3",
                                   choices=tuple(SPECS))),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=10, seeds=3, tuning_dataset="digits"),
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3, tuning_dataset="mnist"),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10,
                      tuning_dataset="mnist"),
    },
    cases=cases,
    metrics=("test_accuracy", "angle_total"),
)


def draw(results: Results) -> Drawing:
    """Released minus published, paired by seed: test accuracy (a) and the angle of F (b)."""
    accuracy, angle = accuracy_differences(results), _paired(results.final("angle_total"))
    order = list(dict.fromkeys(accuracy.change))
    with theme():
        figure, axes = panels(2, height=0.31 * len(order) + 0.9, sharey=True)
        for axis, rows, title, unit in zip(axes, (accuracy, angle), (
                "a  test accuracy", "b  angle of $F$ and weights"), ("points", "°")):
            forest(axis, rows, "change", order)
            axis.set(title=title, xlabel=f"released minus published ({unit})")
            axis.set_xscale("symlog", linthresh=1.0)
            axis.xaxis.set_major_formatter("{x:g}")
            axis.margins(x=0.08)
    points, degrees = intervals(accuracy, ["change"]), intervals(angle, ["change"])
    alt = ("Two forest plots of paired differences, released minus published, mean and 95 % "
           f"interval over seeds. Test accuracy: {in_words(points, 'change', 'points')}. Angle of "
           f"F and the product of the weights: {in_words(degrees, 'change', 'degrees')}.")
    data = pd.concat([points.assign(metric="test_accuracy"), degrees.assign(metric="angle_total")])
    return Drawing(figure, alt, _CAPTION, data, FAILED)


def accuracy_differences(results: Results) -> pd.DataFrame:
    """row, change, seed, value: released minus published in points of test accuracy."""
    final = results.final()
    found = pd.concat([_paired(final), _choices(final)], ignore_index=True)
    return found.sort_values("row", kind="stable")


def _paired(final: pd.DataFrame) -> pd.DataFrame:
    """row, change, seed, value, with the row's number in front of the change."""
    rows = final[final.row != CHOICE]
    return _numbered(differences(rows, ["row", "change"], "side", RELEASED, PUBLISHED))


def _choices(final: pd.DataFrame) -> pd.DataFrame:
    """Row 3: what each seed's test accuracy gains if the test set itself chooses the rate."""
    rows = final[final.row == CHOICE]
    tested, held_out = (rows[rows.side == side].pivot(index="seed", columns="rate", values="value")
                        for side in (RELEASED, PUBLISHED))
    chosen = held_out.idxmax(axis=1)
    honest = pd.Series({seed: tested.loc[seed, rate] for seed, rate in chosen.items()})
    found = (tested.max(axis=1) - honest).rename("value").rename_axis("seed").reset_index()
    return _numbered(found.assign(row=CHOICE, change=rows.change.iloc[0]))


def _numbered(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(change=found.row.astype(str) + "  " + found.change)


_CAPTION = (
    "What each departure changes at the end of training, by its row on the list of errata. Both "
    "sides share seeds. Grey dots: single seeds; squares: their mean with the 95 % t "
    "interval, orange where it excludes zero. Row 3: learning rates compared on the test set or on "
    "images held out. Scales are linear within ±1."
)


def answer(results: Results) -> str:
    """A departure changes accuracy if the interval of its paired difference excludes zero.

    Those that do come first, the largest in front. A departure of which seeds diverge is named.
    """
    found = accuracy_differences(results)
    each = {name: estimate(rows) for name, rows in found.groupby("change", sort=False)}
    changed = sorted((n for n in each if each[n].clear), key=lambda n: -abs(each[n].mean))
    if changed:
        most, more = changed[:SHOWN], changed[SHOWN:]
        lead = (f"{len(changed)} of {len(each)} departures change test accuracy beyond their "
                f"interval, released minus published: {_listed(most, each)}"
                + (f"; the others by less. Those are {_listed(more, each)}." if more else "."))
    else:
        lead = (f"None of the {len(each)} departures changes test accuracy by more than its "
                f"interval.{_largest(each)}")
    return f"{lead}{_rest(changed, each)}{_lost(results.final())} {runs(results)}"


def _listed(names: list[str], each: dict[str, Estimate]) -> str:
    return "; ".join(f"row {' '.join(name.split())}: {each[name].words()}" for name in names)


def _largest(each: dict[str, Estimate]) -> str:
    known = [name for name in each if each[name].n]
    if not known:
        return ""
    largest = max(known, key=lambda n: abs(each[n].mean))
    return f" The largest difference is that of row {_listed([largest], each)}."


def _rest(changed: list[str], each: dict[str, Estimate]) -> str:
    rest = [name for name in each if name not in changed and each[name].n > 1]
    if not changed or not rest:
        return ""
    widest = max(abs(each[n].mean) + each[n].half for n in rest)
    return (" The other intervals include zero: these runs do not show whether those departures "
            f"matter, and none is larger than {widest:.1f} points.")


def _lost(final: pd.DataFrame) -> str:
    rows = final[final.diverged]
    if rows.empty:
        return ""
    parts = [f"{side} side of row {row}, {change} ({len(own)} runs)" for (row, change, side), own in
             rows.groupby(["row", "change", "side"], sort=False)]
    return f" Diverged: {joined(parts)}."
