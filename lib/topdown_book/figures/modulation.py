"""Is the modulated sample a negative sample? How far the second sample is from the first."""

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import FAILED, last, over_epochs, summary
from topdown_book.figures._parameters import COMMON, DEPTH
from topdown_book.figures._recipes import (
    NORMAL,
    READINGS,
    VARIANTS,
    each,
    forward_forward,
    usual,
)
from topdown_book.figures._theme import panels, theme
from topdown_book.figures._words import estimate, paired, runs

FF = "Forward-Forward"


def cases(settings: dict) -> list[Case]:
    """PEPITA at its usual strength of F and at that of Figure S1's caption; Forward-Forward."""
    options = {
        NORMAL: VARIANTS["normal"],
        "PEPITA, F of Figure S1": {**VARIANTS["normal"], "lr": 1e-4,
                                   "feedback_scale": READINGS["as typed"]},
        FF: forward_forward(settings["epochs"]),
    }
    return each(settings, options, settings["depth"], probe="modulation")


FIGURE = Experiment(
    title="How far the second sample is from the first", parameters=(*COMMON, DEPTH),
    profiles=usual("mnist", "cifar10", depth=2), cases=cases, metrics=("modulation",))


def distances(results: Results) -> pd.DataFrame:
    """The mean relative distances, with a column `layer`; 0 is the input."""
    found = results.frame.metric.str.extract(r"^modulation_layer_(\d+)_mean$")[0]
    return results.frame.assign(layer=found).dropna(subset=["layer"]).astype({"layer": int})


def draw(results: Results) -> Drawing:
    """One panel a layer: |h_l - h'_l| / |h_l| against epochs, from the input on."""
    rows = distances(results)
    layers = sorted(set(rows.layer))
    with theme():
        figure, axes = panels(len(layers), height=3.0, sharey=True)
        for axis, layer, letter in zip(axes, layers, "abcdefg"):
            name = f"hidden layer {layer}" if layer else "the input"
            over_epochs(axis, rows[rows.layer == layer], "variant", title=f"{letter}  {name}")
            axis.set_yscale("log")
            if layer != layers[-1]:
                axis.get_legend().remove()
        axes[0].set_ylabel("relative distance of the passes")
    parts = [f"layer {layer}: " + ", ".join(
        f"{name} {group.value.mean():.3g}" for name, group in own.groupby("variant", sort=False))
        for layer, own in last(rows).groupby("layer")]
    alt = ("Relative distance of second and first pass against epochs, a panel a layer, layer 0 "
           f"the input. At the end, {'; '.join(parts)}.")
    return Drawing(figure, alt, _CAPTION, summary(rows, ["variant", "layer", "epoch"]), FAILED)


_CAPTION = (
    "Relative distance of the second sample from the first, |h − h'| / |h|, mean over the test "
    "set: the input (a) and what the layers make of it. PEPITA with F at its usual "
    "strength and at that of Figure S1's caption; for Forward-Forward the pair carries the right "
    "and a wrong label. Mean ± standard deviation over seeds."
)


def answer(results: Results) -> str:
    """No, if PEPITA's distance in the last hidden layer falls and ends below Forward-Forward's.

    It may be, if it neither clearly falls nor clearly ends below. Intervals decide, seeds in pairs.
    First for F at its usual strength, then by the same rule for that of Figure S1.
    """
    rows = distances(results)
    top = rows.layer.max()
    strong = [name for name in dict.fromkeys(rows.variant) if name not in (NORMAL, FF)]
    more = "".join(f" {name}: {_stays(rows, name)}. It differs by {_ends(rows, name, 0)} in the "
                   f"input, {_ends(rows, name, top)} in the last hidden layer." for name in strong)
    return (f"{_stays(rows, NORMAL)}: PEPITA's two inputs differ, relative to the length of the "
            f"clean one, by {_ends(rows, NORMAL, 0)} from before training to after it. In the last "
            f"hidden layer it is {_ends(rows, NORMAL, top)}. Forward-Forward's pair differs by "
            f"{_ends(rows, FF, 0)} in the input and {_ends(rows, FF, top)} in the last "
            f"hidden layer.{more} {runs(results)}")


def _stays(rows: pd.DataFrame, variant: str) -> str:
    """Whether the two passes of `variant` stay as far apart as Forward-Forward's."""
    own = rows[rows.layer == rows.layer.max()]
    end = own.epoch.max()
    fall = paired(own[(own.variant == variant) & own.epoch.isin([0, end])], "epoch", end, 0)
    gap = paired(own[own.epoch == end], "variant", variant, FF)
    if fall.below and gap.below:
        return "No, not as in Forward-Forward"
    return ("Only in part" if fall.below or gap.below else
            "By its distance it may be, as far as these runs can tell")


def _ends(rows: pd.DataFrame, variant: str, layer: int) -> str:
    """The distance before training and at its end, in words."""
    own = rows[(rows.variant == variant) & (rows.layer == layer)]
    first, end = (estimate(100 * own[own.epoch == epoch].value).words("%", ".3g")
                  for epoch in (0, own.epoch.max()))
    return first if first == end else f"{first} to {end}"
