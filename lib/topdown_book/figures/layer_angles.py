"""Alignment layer by layer in a deep network: our own figure, in place of an unknown one."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import in_words, last, over_epochs, right_angle, summary
from topdown_book.figures._parameters import COMMON, DEPTH
from topdown_book.figures._recipes import VARIANTS, each, usual
from topdown_book.figures._theme import legend_below, panels, theme
from topdown_book.figures._words import runs

KINDS = {
    "PEPITA": VARIANTS["normal"],
    "PEPITA-Hebbian": VARIANTS["hebbian"],
    "PEPITA + WM": dict(**VARIANTS["normal"], mirror_every=1),
}


def cases(settings: dict) -> list[Case]:
    """Three ways to train one deep network; the first two are recipes of Table S1."""
    return each(settings, KINDS, settings["depth"])


FIGURE = Experiment(
    title="Alignment layer by layer", parameters=(*COMMON, DEPTH),
    profiles=usual("mnist", "cifar10", depth=3), cases=cases, metrics=("angle_total",))


def answer(results: Results) -> str:
    """For PEPITA: F as a whole, the layer that ends nearest to its feedback, the farthest one."""
    layers = {f"angle_layer_{k}": k for k in range(1, results.settings["depth"] + 2)}
    end = last(results.frame[results.frame.metric.isin([*layers, "angle_total"])])
    means = end[end.variant == "PEPITA"].groupby("metric").value.mean()
    if means.empty:
        return "The plain PEPITA network has not been trained yet."
    whole = means.pop("angle_total")
    near, far = means.idxmin(), means.idxmax()
    return (f"In a PEPITA network of {results.settings['depth']} hidden layers without mirroring F "
            f"as a whole ends at {whole:.0f}°, the layers by themselves at {means[near]:.0f}° "
            f"(layer {layers[near]}) to {means[far]:.0f}° (layer {layers[far]}). {runs(results)}")


def draw(results: Results) -> Drawing:
    """A panel per way of training, a curve per layer, and one for F as a whole."""
    layers = range(1, results.settings["depth"] + 2)
    angles = {f"angle_layer_{k}": f"layer {k}" for k in layers} | {"angle_total": "F, all layers"}
    rows = results.frame[results.frame.metric.isin(angles)]
    rows = rows.assign(angle=rows.metric.map(angles))
    with theme():
        figure, axes = panels(len(KINDS), height=2.9, sharey=True)
        for axis, name, letter in zip(axes, KINDS, "abc"):
            over_epochs(axis, rows[rows.variant == name], "angle", angles.values(),
                        f"{letter}  {name}", "angle (°)")
            right_angle(axis)
        legend_below(figure, axes, columns=len(angles))
    end = last(rows)
    parts = (f"{name}: {in_words(end[end.variant == name], 'angle')}" for name in KINDS)
    alt = f"Three panels of angles in degrees against epochs. At the end, {'; '.join(parts)}."
    return Drawing(figure, alt, _CAPTION, summary(rows, ["variant", "angle", "epoch"]))


_CAPTION = (
    "Angle between each factor B_l of F and the transposed weights of its layer, and between F "
    "and the product of all weights: (a) PEPITA, (b) PEPITA-Hebbian, (c) PEPITA with weight "
    "mirroring at every batch. 90° (dotted) is no alignment. Mean ± standard deviation over seeds."
)
