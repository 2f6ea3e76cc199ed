"""Drawing of the alignment layer by layer."""

from __future__ import annotations

from topdown_book.experiments import Results
from topdown_book.experiments.layer_angles import KINDS
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, panels, theme
from topdown_book.figures._training import in_words, over_epochs, summary


def layer_angles(results: Results) -> Drawing:
    """A panel per way of training, a curve per layer, and one for F as a whole."""
    frame = results.frame
    angles = _names(results)
    rows = frame[frame.metric.isin(angles)].assign(angle=frame.metric.map(angles))
    with theme():
        figure, axes = panels(len(KINDS), height=2.9, sharey=True)
        for axis, name, letter in zip(axes, KINDS, "abc"):
            over_epochs(axis, rows[rows.variant == name], "angle", angles.values())
            axis.axhline(90, color=PALETTE["grey"], lw=0.8, ls=":")
            axis.set(title=f"{letter}  {name}", ylabel="angle (°)")
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.get_legend().remove()
        figure.legend(*axes[0].get_legend_handles_labels(), ncols=len(angles),
                      loc="outside lower center")
    data = summary(rows, ["variant", "angle", "epoch"])
    return Drawing(figure, _alt(rows), _CAPTION, data)


def _names(results: Results) -> dict[str, str]:
    layers = range(1, results.settings["depth"] + 2)
    return {f"angle_layer_{k}": f"layer {k}" for k in layers} | {"angle_total": "$F$, all layers"}


def _alt(rows) -> str:
    last = rows[rows.epoch == rows.epoch.max()]
    last = last.assign(angle=last.angle.str.replace("$", ""))
    parts = (f"{name}: {in_words(last[last.variant == name], 'angle')}" for name in KINDS)
    return f"Three panels of angles in degrees against epochs. At the end, {'; '.join(parts)}."


_CAPTION = (
    "Angle between each factor B_l of F and the transposed weights of its layer, and between F "
    "and the product of all weights: (a) PEPITA, (b) PEPITA-Hebbian, (c) PEPITA with weight "
    "mirroring at every batch. 90° (dotted) is no alignment. Mean and standard deviation over "
    "seeds."
)
