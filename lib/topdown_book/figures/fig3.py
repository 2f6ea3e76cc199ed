"""Drawing of Figure 3."""

from __future__ import annotations

from matplotlib.lines import Line2D

from topdown_book.experiments import Results
from topdown_book.experiments.fig3 import MIRRORING, NAMES
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, panels, percent_axis, styles, theme
from topdown_book.figures._training import against, in_words, over_epochs, summary


def fig3(results: Results) -> Drawing:
    """Panels a (depth), b (weight decay) and c (angle of F with the weights' product)."""
    final, angles = results.final(), results.curves("angle_total")
    final, angles = final[final.panel == "depth"], angles[angles.panel == "mirroring"]
    plain = final[final.weight_decay == 0]
    with theme():
        figure, (a, b, c) = panels(3, height=2.9)
        _depth(a, plain)
        _weight_decay(b, final)
        over_epochs(c, angles, "variant", MIRRORING)
        c.axhline(90, color=PALETTE["grey"], lw=0.8, ls=":")
        c.set(title="c  alignment", ylabel="angle of $F$ and $(W_2 W_1)^T$ (°)")
    return Drawing(figure, _alt(plain, final, angles), _CAPTION,
                   summary(final, ["variant", "depth", "weight_decay"]))


def _depth(axis, plain) -> None:
    against(axis, plain, "depth", "variant", _present(plain))
    axis.set(title="a  depth", xlabel="hidden layers")
    axis.xaxis.get_major_locator().set_params(integer=True)
    percent_axis(axis)


def _weight_decay(axis, final) -> None:
    names = _present(final)
    looks = styles(names)
    means = summary(final, ["variant", "depth", "weight_decay"])
    for (variant, decay), rows in means.groupby(["variant", "weight_decay"]):
        axis.errorbar(rows.depth + (0.06 if decay else -0.06), rows["mean"], yerr=rows.sd,
                      color=looks[variant]["color"], marker=looks[variant]["marker"], capsize=2,
                      ls="-" if decay else ":", mfc=None if decay else "white")
    axis.set(title="b  weight decay", xlabel="hidden layers")
    axis.xaxis.get_major_locator().set_params(integer=True)
    percent_axis(axis, "")
    axis.legend(handles=[Line2D([], [], color="black", ls="-", marker="o", label="weight decay"),
                         Line2D([], [], color="black", ls=":", marker="o", mfc="white",
                                label="none")])


def _present(rows) -> list[str]:
    return [name for name in NAMES.values() if name in set(rows.variant)]


def _alt(plain, final, angles) -> str:
    deepest = plain[plain.depth == plain.depth.max()]
    decayed = final[(final.depth == final.depth.max()) & (final.weight_decay > 0)]
    last = angles[angles.epoch == angles.epoch.max()]
    return (
        f"Three panels. a: test accuracy in percent with 1 hidden layer: "
        f"{in_words(plain[plain.depth == 1], 'variant')}; with {plain.depth.max()}: "
        f"{in_words(deepest, 'variant')}. b: the same with weight decay at the largest depth: "
        f"{in_words(decayed, 'variant')}. c: angle between F and the product of the weights at "
        f"the end of training, in degrees: {in_words(last, 'variant')}.")


_CAPTION = (
    "Fully connected networks of increasing depth. (a) Test accuracy at the end of training for "
    "PEPITA with uniform weights and feedback, with normal ones, and for PEPITA-Hebbian (normal). "
    "(b) The same with weight decay (filled, solid) and without (open, dotted). (c) Angle between "
    "F and the product of the forward weights during training, PEPITA normal with one hidden "
    "layer: without mirroring, with weight mirroring at every batch (WM), with one epoch of "
    "pre-mirroring (PreM), with both. Epoch 0 is before training, after pre-mirroring. Mean and "
    "standard deviation over seeds."
)
