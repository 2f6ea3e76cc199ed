"""Drawing of the steps from PEPITA-Hebbian's update to Forward-Forward's."""

from __future__ import annotations

import pandas as pd

from topdown.training.contrast import STEPS
from topdown_book.experiments import Results
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, panels, styles, theme
from topdown_book.figures._training import summary


def ff_link(results: Results) -> Drawing:
    """Cosine with PEPITA-Hebbian's update after each step: before training, and at the end."""
    rows = cosines(results)
    epochs = (0, int(rows.epoch.max()))
    with theme():
        figure, axes = panels(2, height=3.3, sharey=True)
        for axis, epoch, letter in zip(axes, epochs, "ab"):
            _steps(axis, rows[rows.epoch == epoch])
            when = "before training" if epoch == 0 else f"after {epoch} epochs of PEPITA-Hebbian"
            axis.set_title(f"{letter}  {when}")
        axes[0].set_ylabel("cosine with PEPITA-Hebbian's update")
        axes[0].legend(loc="lower left")
    return Drawing(figure, _alt(rows, epochs), _caption(results),
                   summary(rows, ["epoch", "layer", "step"]))


def cosines(results: Results) -> pd.DataFrame:
    """seed, epoch, layer, step (number and name), value."""
    found = results.frame.metric.str.extract(r"contrast_layer_(\d+)_step_(\d+)")
    rows = results.frame.assign(layer=found[0], number=found[1]).dropna(subset=["layer"])
    rows = rows.astype({"layer": int, "number": int})
    return rows.assign(step=rows.number.map(dict(enumerate(STEPS))))


def _steps(axis, rows: pd.DataFrame) -> None:
    looks = styles(sorted(set(rows.layer)))
    for place, (layer, own) in enumerate(rows.groupby("layer")):
        means = own.groupby("number").value.agg(["mean", "std"])
        look = looks[layer]
        axis.errorbar(means.index + 0.08 * (place - 0.5), means["mean"], yerr=means["std"],
                      color=look["color"], marker=look["marker"], capsize=2, ls="",
                      label=f"hidden layer {layer}")
    axis.axhline(0, color=PALETTE["grey"], lw=0.8, ls=":")
    axis.set(xticks=range(len(STEPS)), ylim=(-1.05, 1.08))
    axis.set_xticklabels([s.replace(" ", "\n").replace("PEPITA-", "PEPITA-\n") for s in STEPS])


def _alt(rows: pd.DataFrame, epochs) -> str:
    parts = []
    for epoch in epochs:
        for layer, own in rows[rows.epoch == epoch].groupby("layer"):
            means = own.groupby("number").value.mean()
            values = ", ".join(f"{STEPS[k]} {v:.2f}" for k, v in means.items())
            parts.append(f"epoch {epoch}, layer {layer}: {values}")
    return f"Cosine of updates with that of PEPITA-Hebbian. {'; '.join(parts)}."


def _caption(results: Results) -> str:
    recipe = results.records[0].recipe
    return (
        "From PEPITA-Hebbian's update of the hidden layers to Forward-Forward's, for the same "
        f"weights and the same test images ({recipe.dataset}). First the "
        "inputs of every layer normalised in length; then either each pass weighted by the "
        "probability of the wrong verdict, or the pair of samples replaced, the right and a wrong "
        "label in the pixels instead of the modulated and the clean image; then both. Cosine with "
        "PEPITA-Hebbian's update, mean and standard deviation over seeds. (a) Initial weights. "
        "(b) Weights trained by PEPITA-Hebbian.")
