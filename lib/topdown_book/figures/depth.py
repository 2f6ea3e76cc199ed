"""Does PEPITA go on beyond three hidden layers, and does its feedback still align there?"""

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import FAILED, against, right_angle, summary, with_failures
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import NAMES, VARIANTS, WEIGHT_DECAY, make, usual
from topdown_book.figures._theme import (
    legend_below,
    panels,
    percent_axis,
    styles,
    theme,
    whole_numbers,
)
from topdown_book.figures._words import Estimate, average, estimate, joined, layers, paired, runs

DEPTHS = (1, 2, 3, 4, 6)
RATES = (0.01, 0.001)
"""The rate of all other figures, and one at which deep networks stay finite."""
DEEPEST_OF_PAPER = 3


def cases(settings: dict) -> list[Case]:
    """PEPITA and PEPITA-Hebbian with weight decay; up to three layers at 0.01 are Table S1's."""
    return [Case(make(settings, depth, lr=rate, weight_decay=WEIGHT_DECAY, **VARIANTS[name]),
                 dict(variant=f"{NAMES[name]}, rate {rate:g}", depth=depth))
            for rate in RATES for name in ("normal", "hebbian")
            for depth in DEPTHS if depth <= settings["depth"]]


FIGURE = Experiment(
    title="Beyond three hidden layers",
    parameters=(*COMMON, Parameter("depth", int, "largest number of hidden layers", low=1,
                                   high=max(DEPTHS))),
    profiles=usual("mnist", "cifar10", depth=6),
    cases=cases,
    metrics=("test_accuracy", "angle_total"),
)


def draw(results: Results) -> Drawing:
    """Panel a: accuracy against depth; panel b: the angle of F at the end of training."""
    final, angle = results.final(), results.final("angle_total")
    with theme():
        figure, (a, b) = panels(2, height=3.0)
        for axis, rows in ((a, final), (b, angle)):
            against(axis, rows, "depth", "variant")
            _failures(axis, rows)
            axis.set_xlabel("hidden layers")
            whole_numbers(axis)
        legend_below(figure, [a, b])
        a.set_title("a  test accuracy")
        b.set(title="b  alignment", ylabel="angle of $F$ and weights (°)")
        right_angle(b)
        percent_axis(a)
    accuracies, angles = ("; ".join(f"{depth}: {with_failures(own)}"
                                    for depth, own in rows.groupby("depth"))
                          for rows in (final, angle))
    alt = (f"Two panels against the number of hidden layers. a, test accuracy in percent: "
           f"{accuracies}. b, angle in degrees: {angles}.")
    return Drawing(figure, alt, _CAPTION, summary(final, ["variant", "depth"]), FAILED)


def _failures(axis, rows: pd.DataFrame) -> None:
    """A cross on the lower edge, a row each variant, where seeds have diverged."""
    looks, edge = styles(rows.variant), axis.get_xaxis_transform()
    for place, (name, own) in enumerate(rows.groupby("variant", sort=False)):
        lost = own[own.diverged].depth.unique()
        if len(lost):
            axis.plot(lost, [0.04 + 0.05 * place] * len(lost), ls="", marker="x", mew=2,
                      color=looks[name]["color"], transform=edge, label=f"{name}, diverged")
    axis.legend(title=None)


_CAPTION = (
    "Networks of growing depth, weight decay 0.0001, two learning rates. (a) Test accuracy at the "
    "end. (b) Angle of F with the product of the weights; dotted: no alignment. Mean ± standard "
    "deviation over seeds; a cross marks a depth at which seeds diverged."
)


def answer(results: Results) -> str:
    """A network trains if no seed diverges and the interval of its accuracy is above chance.

    More layers help if, for some variant, a depth beyond three beats its one layer clearly.
    """
    final, angle = results.final(), results.final("angle_total")
    if final.depth.max() <= DEEPEST_OF_PAPER:
        return (f"Not asked here: no network has more than {DEEPEST_OF_PAPER} layers. "
                f"{runs(results)}")
    parts = {name: _depths(own, angle[angle.variant == name], results.chance)
             for name, own in final.groupby("variant", sort=False)}
    trains = [name for name, (_, deep, _) in parts.items() if deep]
    helped = [name for name, (_, _, gain) in parts.items() if gain]
    lead = (f"Yes, and more layers help {joined(helped)}" if helped else
            "PEPITA trains beyond three layers, but more layers do not help" if trains else
            "No: nothing beyond three layers trains")
    return f"{lead}. {' '.join(text for text, _, _ in parts.values())} {runs(results)}"


def _depths(rows: pd.DataFrame, angle: pd.DataFrame, chance: float) -> tuple[str, bool, bool]:
    """In words; whether a network beyond three layers trains; whether one beats a single layer."""
    each = {depth: estimate(own) for depth, own in rows.groupby("depth")}
    trained = [d for d, own in each.items() if own.trains(chance)]
    deep = [d for d in trained if d > DEEPEST_OF_PAPER]
    best = any(paired(rows, "depth", d, min(each)).above for d in deep)
    text = f"{rows.variant.iloc[0]}: {_reach(rows, trained, angle, chance)}{_fails(each, trained)}."
    return text, bool(deep), best


def _fails(each: dict[int, Estimate], trained: list[int]) -> str:
    """The depths at which seeds diverge, and those at which nothing is learnt."""
    lost = [f"{own.lost} of {own.seeds} with {layers(d)}"
            for d, own in each.items() if own.lost]
    idle = [layers(d) for d, own in each.items() if not own.lost and d not in trained]
    return ((f"; seeds diverge, {joined(lost)}" if lost else "; no seed diverges")
            + (f"; not to be told from chance with {joined(idle)}" if idle and trained else ""))


def _reach(rows: pd.DataFrame, trained: list[int], angle: pd.DataFrame, chance: float) -> str:
    """What the deepest network that trains reaches, beside the shallowest."""
    if not trained:
        return f"at no depth is the accuracy above chance ({chance:g} %) with every seed finite"
    ends = dict.fromkeys((min(trained), max(trained)))
    text = ", ".join(f"{average(rows[rows.depth == d])} with {layers(d)}" for d in ends)
    own = estimate(angle[angle.depth == max(trained)].value - 90)
    aligned = "below" if own.below else "above" if own.above else "not to be told from"
    turned = f"{90 + own.mean:.1f}°" if own.n else "unknown"
    return f"{text}, where the angle of F is {turned}, {aligned} 90°"
