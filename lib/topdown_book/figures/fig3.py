"""Figure 3: PEPITA with depth (a), with weight decay (b), and the alignment of F (c)."""

from __future__ import annotations

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import (
    absent,
    against,
    in_words,
    last,
    no_data,
    over_epochs,
    right_angle,
    summary,
)
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import (
    HEBBIAN,
    MIRRORING,
    NAMES,
    NORMAL,
    VARIANTS,
    WEIGHT_DECAY,
    make,
    usual,
)
from topdown_book.figures._theme import panels, percent_axis, styles, theme, whole_numbers
from topdown_book.figures._words import layers, mirrored, paired, runs


def cases(settings: dict) -> list[Case]:
    """Panels a and b: variants x depths x {no weight decay, weight decay}; panel c: mirroring."""
    trained = [
        Case(make(settings, depth, weight_decay=decay, **VARIANTS[variant]),
             dict(panel="depth", variant=NAMES[variant], depth=depth, weight_decay=decay))
        for variant in settings["rules"] for depth in range(1, settings["depth"] + 1)
        for decay in (0.0, WEIGHT_DECAY)
    ]
    mirrored = [
        Case(make(settings, **VARIANTS["normal"], **options),
             dict(panel="mirroring", variant=name, depth=1, weight_decay=0.0))
        for name, options in MIRRORING.items()
    ]
    return trained + mirrored


FIGURE = Experiment(
    title="Deeper networks, weight decay, and the alignment of the feedback",
    parameters=(
        *COMMON,
        Parameter("depth", int, "largest number of hidden layers", low=1, high=10),
        Parameter("rules", "list", "which variants to train", choices=tuple(VARIANTS)),
    ),
    profiles=usual("cifar10", "cifar10", depth=3, rules=tuple(VARIANTS)),
    cases=cases,
    metrics=("test_accuracy", "angle_total"),
    units=("panel",),
)


def answer(results: Results) -> str:
    """Three answers, (a) to (c): the Hebbian form, weight decay, the angle with mirroring."""
    final = results.final()
    deep = final[(final.panel == "depth") & (final.depth == final.depth.max())]
    gap = paired(deep[deep.weight_decay == 0], "variant", HEBBIAN, NORMAL)
    decay = paired(deep[deep.variant == NORMAL], "weight_decay", WEIGHT_DECAY, 0.0)
    angles = last(results.curves("angle_total"))
    ends = mirrored(angles) if len(angles) else "at an angle not yet measured"
    return (f"With {layers(final.depth.max())} the test accuracy of PEPITA-Hebbian minus that of "
            f"PEPITA is {gap.words()}, and that of PEPITA with weight decay minus without is "
            f"{decay.words()}; F and the weights end {ends}. {runs(results)}")


def draw(results: Results) -> Drawing:
    """Panels a (depth), b (weight decay) and c (angle of F with the weights' product)."""
    final, angles = results.final(), results.curves("angle_total")
    final, angles = final[final.panel == "depth"], angles[angles.panel == "mirroring"]
    plain = final[final.weight_decay == 0]
    names = [name for name in NAMES.values() if name in set(final.variant)]
    with theme():
        figure, (a, b, c) = panels(3, height=2.9)
        if len(final):
            against(a, plain, "depth", "variant", names)
            _weight_decay(b, final, styles(names))
        if len(angles):
            over_epochs(c, angles, "variant", MIRRORING, "c  alignment",
                        "angle of $F$ and $(W_2 W_1)^T$ (°)")
            right_angle(c)
        for axis, rows in ((a, final), (b, final), (c, angles)):
            if rows.empty:
                no_data(axis, absent(results.settings))
        for axis, title in ((a, "a  depth"), (b, "b  weight decay")):
            axis.set(title=title, xlabel="hidden layers")
            whole_numbers(axis)
        percent_axis(a)
    return Drawing(figure, _alt(plain, final, angles), _CAPTION,
                   summary(final, ["variant", "depth", "weight_decay"]))


def _weight_decay(axis, final, looks) -> None:
    from matplotlib.lines import Line2D

    means = summary(final, ["variant", "depth", "weight_decay"])
    for (variant, decay), rows in means.groupby(["variant", "weight_decay"]):
        axis.errorbar(rows.depth + (0.06 if decay else -0.06), rows["mean"], yerr=rows.sd,
                      color=looks[variant]["color"], marker=looks[variant]["marker"], capsize=2,
                      ls="-" if decay else ":", mfc=None if decay else "white")
    axis.legend(handles=[Line2D([], [], color="black", ls="-", marker="o", label="weight decay"),
                         Line2D([], [], color="black", ls=":", marker="o", mfc="white",
                                label="none")])


def _alt(plain, final, angles) -> str:
    parts = ["Three panels."]
    if len(final):
        deepest = plain[plain.depth == plain.depth.max()]
        decayed = final[(final.depth == final.depth.max()) & (final.weight_decay > 0)]
        parts.append(
            f"a: test accuracy in percent with 1 hidden layer: "
            f"{in_words(plain[plain.depth == 1])}; with {plain.depth.max()}: {in_words(deepest)}. "
            f"b: the same with weight decay at the largest depth: {in_words(decayed)}.")
    if len(angles):
        parts.append("c: angle between F and the product of the weights at the end of training, in "
                     f"degrees: {in_words(last(angles))}.")
    return " ".join([*parts, *([] if len(final) and len(angles) else ["The rest is empty."])])


_CAPTION = (
    "PEPITA with uniform or normal weights and F, and PEPITA-Hebbian, mean ± standard deviation "
    "over seeds. (a) Test accuracy at the end. (b) The same with weight decay (filled) and without "
    "(open). (c) Angle between F and the product of the weights, one hidden layer: weight "
    "mirroring at every batch (WM), one epoch of pre-mirroring (PreM). Epoch 0: before training."
)
