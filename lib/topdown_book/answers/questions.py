"""Answers to the questions that the paper leaves open."""

from __future__ import annotations

import pandas as pd

from topdown.data import SPECS
from topdown_book.answers._words import Estimate, average, estimate, joined, layers, paired, runs
from topdown_book.experiments import Results
from topdown_book.experiments.convolution import FIXED
from topdown_book.experiments.fig3 import NAMES
from topdown_book.experiments.questions import FEEDBACKS
from topdown_book.figures._paired import differences

DEEPEST_OF_PAPER = 3
PEPITA, FORWARD_FORWARD = NAMES["normal"], "Forward-Forward"


def depth(results: Results) -> str:
    """A network trains if no seed diverges and the interval of its accuracy is above chance.

    More layers help if, for some variant, a depth beyond three beats its one layer clearly.
    """
    final, angle = results.final(), results.final("angle_total")
    if final.depth.max() <= DEEPEST_OF_PAPER:
        return (f"Not asked here: no network has more than {DEEPEST_OF_PAPER} layers. "
                f"{runs(results)}")
    chance = 100 / len(SPECS[results.settings["dataset"]].classes)
    parts = {name: _depths(own, angle[angle.variant == name], chance)
             for name, own in final.groupby("variant", sort=False)}
    trains = [name for name, (_, deep, _) in parts.items() if deep]
    helped = [name for name, (_, _, gain) in parts.items() if gain]
    lead = (f"Yes, and more layers help {joined(helped)}" if helped else
            "It trains beyond three layers, but more layers do not help" if trains else
            "No: nothing beyond three layers trains")
    return f"{lead}. {' '.join(text for text, _, _ in parts.values())} {runs(results)}"


def _depths(rows: pd.DataFrame, angle: pd.DataFrame, chance: float) -> tuple[str, bool, bool]:
    """In words; whether a network beyond three layers trains; whether one beats a single layer."""
    each = {depth: estimate(own.value) for depth, own in rows.groupby("depth")}
    trained = [d for d, own in each.items() if not own.lost and _above(own, chance)]
    deep = [d for d in trained if d > DEEPEST_OF_PAPER]
    best = any(paired(rows, "depth", d, min(each)).above for d in deep)
    text = f"{rows.variant.iloc[0]}: {_reach(rows, trained, angle, chance)}{_fails(each, trained)}."
    return text, bool(deep), best


def _fails(each: dict[int, Estimate], trained: list[int]) -> str:
    """The depths at which seeds diverge, and those at which nothing is learnt."""
    lost = [f"{own.lost} of {own.lost + own.n} with {layers(d)}"
            for d, own in each.items() if own.lost]
    idle = [layers(d) for d, own in each.items() if not own.lost and d not in trained]
    return ((f"; seeds diverge, {joined(lost)}" if lost else "; no seed diverges")
            + (f"; not to be told from chance with {joined(idle)}" if idle and trained else ""))


def _reach(rows: pd.DataFrame, trained: list[int], angle: pd.DataFrame, chance: float) -> str:
    """What the deepest network that trains reaches, beside the shallowest."""
    if not trained:
        return f"at no depth is the accuracy above chance ({chance:g} %) with every seed finite"
    ends = dict.fromkeys((min(trained), max(trained)))
    text = ", ".join(f"{average(rows[rows.depth == d].value)} with {layers(d)}" for d in ends)
    own = estimate(angle[angle.depth == max(trained)].value - 90)
    aligned = "below" if own.below else "above" if own.above else "not to be told from"
    turned = f"{90 + own.mean:.1f}°" if own.n else "unknown"
    return f"{text}, where the angle of F is {turned}, {aligned} 90°"


def _above(own: Estimate, chance: float) -> bool:
    return own.mean - own.half > chance


def weight_decay_effect(results: Results) -> str:
    """Weight decay does something where the interval of the paired difference excludes zero."""
    found = differences(results.final(), ["dataset", "technique"], "decay", True, False)
    each = {f"{technique} on {dataset}": estimate(own.value) for (dataset, technique), own in
            found.groupby(["dataset", "technique"], sort=False)}
    clear = [name for name, own in each.items() if own.clear]
    known = {name: own for name, own in each.items() if own.n}
    if clear:
        listed = "; ".join(f"{name} {each[name].words()}" for name in clear)
        return (f"In {len(clear)} of {len(each)} pairs weight decay changes test accuracy beyond "
                f"the interval: {listed}. Of intervals around nothing, one in twenty does so by "
                f"chance. {runs(results)}")
    if not known:
        return f"No pair has an accuracy on both sides, since seeds diverged. {runs(results)}"
    name = max(known, key=lambda n: abs(known[n].mean))
    return (f"Nothing that these runs can tell from zero: of {len(each)} pairs with and without "
            f"weight decay none differs beyond its interval. The largest difference is {name}, "
            f"{known[name].words()}. {runs(results)}")


def modulation(results: Results) -> str:
    """No, if PEPITA's distance in the last hidden layer falls and ends below Forward-Forward's.

    It may be, if it neither clearly falls nor clearly ends below. Intervals decide, seeds in pairs.
    First for F at its usual strength, then by the same rule for that of Figure S1.
    """
    rows = results.frame.assign(
        layer=results.frame.metric.str.extract(r"^modulation_layer_(\d+)_mean$")[0])
    rows = rows.dropna(subset=["layer"]).astype({"layer": int})
    last, other = rows.layer.max(), FORWARD_FORWARD
    strong = [name for name in dict.fromkeys(rows.variant) if name not in (PEPITA, other)]
    more = "".join(f" {name}: {_stays(rows, name)}. It differs by {_ends(rows, name, 0)} in the "
                   f"input, {_ends(rows, name, last)} in the last hidden layer." for name in strong)
    return (f"{_stays(rows, PEPITA)}. PEPITA's two inputs differ, relative to the length of the "
            f"clean one, by {_ends(rows, PEPITA, 0)} from before training to after it; in the last "
            f"hidden layer by {_ends(rows, PEPITA, last)}. Forward-Forward's pair differs by "
            f"{_ends(rows, other, 0)} in the input and {_ends(rows, other, last)} in the last "
            f"hidden layer.{more} {runs(results)}")


def _stays(rows: pd.DataFrame, variant: str) -> str:
    """Whether the two passes of `variant` stay as far apart as Forward-Forward's."""
    own = rows[rows.layer == rows.layer.max()]
    end = own.epoch.max()
    fall = paired(own[(own.variant == variant) & own.epoch.isin([0, end])], "epoch", end, 0)
    gap = paired(own[own.epoch == end], "variant", variant, FORWARD_FORWARD)
    if fall.below and gap.below:
        return "No, not as in Forward-Forward"
    return ("Only in part" if fall.below or gap.below else
            "By its distance it may be, as far as these runs can tell")


def _ends(rows: pd.DataFrame, variant: str, layer: int) -> str:
    """The distance before training and at its end, in words."""
    own = rows[(rows.variant == variant) & (rows.layer == layer)]
    first, last = (estimate(100 * own[own.epoch == epoch].value).words("%", ".3g")
                   for epoch in (0, own.epoch.max()))
    return first if first == last else f"{first} to {last}"


def oracle(results: Results) -> str:
    """Better mirroring gains (or loses) if oracle minus mirroring has an interval without zero."""
    final, names = results.final(), list(FEEDBACKS)
    fixed, mirrored, best, bp = names
    gain = paired(final, "variant", best, mirrored)
    lead = (f"Better mirroring could still gain {gain.words()}" if gain.above else
            f"Perfect alignment does worse than weight mirroring, by {gain.words()}"
            if gain.below else
            f"Nothing that these runs can tell from zero: oracle minus mirroring is {gain.words()}")
    return (f"{lead}. Mirroring itself adds {paired(final, 'variant', mirrored, fixed).words()} to "
            f"fixed F. From the oracle to backpropagation it is another "
            f"{paired(final, 'variant', bp, best).words()}. {runs(results)}")


def convolution(results: Results) -> str:
    """PEPITA teaches the kernels something if its difference to fixed ones is clearly positive."""
    final = results.final()
    worth = {name: paired(final, "variant", name, FIXED)
             for name in dict.fromkeys(final.variant) if name != FIXED}
    own = worth["PEPITA"]
    lead = ("Yes, training the kernels by PEPITA pays" if own.above else
            "No, training the kernels by PEPITA costs accuracy" if own.below else
            "The runs do not show that PEPITA teaches the kernels anything")
    listed = joined(f"{name} {gain.words()}" for name, gain in worth.items())
    fixed = average(final[final.variant == FIXED].value)
    return (f"{lead}. Against kernels that stay as they were drawn, {fixed}, the "
            f"test accuracy changes by: {listed}. {runs(results)}")
