"""Figure 1: how the error travels in four schemes, forward green, error orange."""

from __future__ import annotations

from functools import partial

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Page
from topdown_book.figures._theme import PAGE, PALETTE, panels, theme

FIGURE = Page("How the error travels in four schemes", (
    Parameter("hidden_layers", int, "hidden layers of every network", low=1, high=4),),
    {"hidden_layers": 2})

FORWARD, ERROR, MIRROR = PALETTE["green"], PALETTE["orange"], PALETTE["purple"]
NETWORK, SIDE = 0.30, 0.78
"""Horizontal places of the layers and of the error path, in panels of width 1."""
HALF_WIDTH, HALF_HEIGHT, RADIUS = 0.17, 0.17, 0.16


class Scheme:
    """One panel: the network's layers at heights 0..top, and the edges drawn so far."""

    def __init__(self, axis, title: str, hidden_layers: int):
        self.axis, self.title, self.top = axis, title, hidden_layers + 1
        self.edges: list[dict] = []
        axis.set(xlim=(-0.06, 1.06), ylim=(-0.75, self.top + 0.45), xticks=[], yticks=[])
        axis.set_title(title, loc="left")
        axis.grid(False)
        for spine in axis.spines.values():
            spine.set_visible(False)

    def network(self, passes: int = 1, names=None, error: bool = True) -> None:
        """The layers' boxes from the input up, the passes, and e = y - t beside the output."""
        from matplotlib.patches import FancyBboxPatch

        hidden = (f"$h_{k}$" for k in range(1, self.top))
        for height, name in enumerate(names or ["$x$", *hidden, "$y$"]):
            self.axis.add_patch(FancyBboxPatch(
                (NETWORK - HALF_WIDTH, height - HALF_HEIGHT), 2 * HALF_WIDTH, 2 * HALF_HEIGHT,
                boxstyle="round,pad=0,rounding_size=0.07", fc="#E8F5F0", ec=FORWARD, lw=1.2,
                mutation_aspect=2))
            self.axis.text(NETWORK, height, name, ha="center", va="center", fontsize=9)
        self.forward(passes)
        if error:
            self.arrow((NETWORK + HALF_WIDTH, self.top), (SIDE - 0.075, self.top), ERROR)
            self.node(self.top, "$e$")

    def forward(self, passes: int) -> None:
        """Arrows from layer to layer: pass 1 solid, pass 2 dashed, with the weights' names."""
        for height in range(self.top):
            for number in range(passes):
                shift = 0.0 if passes == 1 else 0.06 * (2 * number - 1)
                self.arrow((NETWORK + shift, height + HALF_HEIGHT),
                           (NETWORK + shift, height + 1 - HALF_HEIGHT), FORWARD,
                           style="--" if number else "-")
            self.axis.text(NETWORK - 0.13, height + 0.5, f"$W_{height + 1}$", ha="right",
                           va="center", fontsize=9)
            self.note("forward", f"layer {height}", f"layer {height + 1}", f"W_{height + 1}",
                      passes)

    def arrow(self, start, end, color, style="-", heads="-|>") -> None:
        from matplotlib.patches import FancyArrowPatch

        self.axis.add_patch(FancyArrowPatch(start, end, arrowstyle=heads, mutation_scale=9, lw=1.4,
                                            color=color, ls=style, shrinkA=0, shrinkB=0))

    def line(self, start, end, color) -> None:
        self.axis.plot(*zip(start, end), color=color, lw=1.4, solid_capstyle="butt")

    def node(self, height: float, name: str, shape: str = "o") -> None:
        """A round (signal) or square (matrix) orange node on the error path."""
        self.axis.scatter([SIDE], [height], s=260, marker=shape, fc="#FBEADF", ec=ERROR, lw=1.2,
                          zorder=3)
        self.axis.text(SIDE, height, name, ha="center", va="center", fontsize=8.5, zorder=4)

    def label(self, x: float, y: float, text: str, **options) -> None:
        self.axis.text(x, y, text, **{"fontsize": 8.5, "va": "center", **options})

    def note(self, path: str, source: str, target: str, by: str, passes: int = 1) -> None:
        self.edges.append({"scheme": self.title, "path": path, "from": source, "to": target,
                           "by": by, "passes": passes})


def answer(settings: dict) -> str:
    """The schemes, told apart by where the error goes; the drawing is the evidence."""
    return ("The error goes back from layer to layer (a), once to the input and then forward "
            "(b, c), or nowhere (d).")


def draw(settings: dict) -> dict[str, Drawing]:
    """The paper's four schemes for networks of `hidden_layers` hidden layers, then four `more`."""
    layers = settings["hidden_layers"]
    return {"": _row(layers, _SCHEMES, _alt(layers), _CAPTION, _legend()),
            "more": _row(layers, _MORE, _alt_more(layers), _CAPTION_MORE, _legend()[::2])}


def _row(hidden_layers: int, schemes, alt: str, caption: str, legend: list) -> Drawing:
    """AFA has one hidden layer, as in the theory, whatever the others have."""
    with theme():
        figure, axes = panels(4, PAGE, 1.75 + 0.72 * (hidden_layers + 1))
        drawn = [Scheme(axis, title, 1 if make is _adaptive else hidden_layers)
                 for axis, (title, make) in zip(axes, schemes.items())]
        for scheme in drawn:
            schemes[scheme.title](scheme, hidden_layers)
        figure.legend(handles=legend, loc="outside lower center", ncols=4, handlelength=2.4,
                      columnspacing=1.4)
    return Drawing(figure, alt, caption,
                   pd.DataFrame([edge for scheme in drawn for edge in scheme.edges]))


def _backwards(carrier: str, scheme: Scheme, hidden_layers: int) -> None:
    """The error goes from layer to layer, each step through the `carrier` of the layer above."""
    scheme.network()
    for height in range(hidden_layers, 0, -1):
        scheme.arrow((SIDE, height + 1 - RADIUS), (SIDE, height + RADIUS), ERROR)
        by = carrier.format(height + 1)
        scheme.label(SIDE + 0.06, height + 0.5, f"${by}$")
        scheme.node(height, rf"$\delta_{height}$")
        scheme.arrow((SIDE - 0.075, height), (NETWORK + HALF_WIDTH, height), ERROR)
        source = "error" if height == hidden_layers else f"delta {height + 1}"
        scheme.note("error", source, f"layer {height}", by)


def _to_each(sent: str, scheme: Scheme, hidden_layers: int) -> None:
    """`sent` (the error, or the target) goes to every hidden layer through a matrix of its own."""
    scheme.network(error=sent == "e")
    if sent != "e":
        scheme.node(scheme.top, f"${sent}$")
    rail = SIDE + 0.16
    scheme.line((SIDE + 0.075, scheme.top), (rail, scheme.top), ERROR)
    scheme.line((rail, scheme.top), (rail, 1), ERROR)
    for height in range(hidden_layers, 0, -1):
        scheme.line((rail, height), (SIDE + 0.075, height), ERROR)
        scheme.node(height, f"$B_{height}$", "s")
        scheme.arrow((SIDE - 0.075, height), (NETWORK + HALF_WIDTH, height), ERROR)
        scheme.note("error", "error" if sent == "e" else "target", f"layer {height}",
                    f"B_{height}")


def _adaptive(scheme: Scheme, hidden_layers: int) -> None:
    scheme.network()
    for start, end, name in ((2, 1.6, "$F$"), (1.6, 1, "$W_1$")):
        scheme.line((SIDE, start - RADIUS), (SIDE, end + RADIUS), ERROR)
        scheme.node(end, name, "s")
    scheme.arrow((SIDE - 0.075, 1), (NETWORK + HALF_WIDTH, 1), ERROR)
    scheme.note("error", "error", "layer 1", "W_1 F")


def _pepita(scheme: Scheme, hidden_layers: int) -> None:
    _modulated(scheme)
    scheme.line((SIDE, scheme.top - RADIUS), (SIDE, 0.5 + RADIUS), ERROR)
    _into_input(scheme, 0.5 - RADIUS)
    scheme.node(0.5, "$F$", "s")
    scheme.note("error", "error", "layer 0", "F")


def _mirrored(scheme: Scheme, hidden_layers: int) -> None:
    _modulated(scheme)
    for height in range(hidden_layers, -1, -1):
        above = height + 1 - RADIUS if height == hidden_layers else height + 1.5 - RADIUS
        scheme.line((SIDE, above), (SIDE, height + 0.5 + RADIUS), ERROR)
        scheme.node(height + 0.5, f"$B_{height + 1}$", "s")
        scheme.arrow((NETWORK + 0.1, height + 0.5), (SIDE - 0.08, height + 0.5), MIRROR, ":",
                     "<|-|>")
        scheme.note("error", f"after B_{height + 2}" if height < hidden_layers else "error",
                    f"before B_{height}" if height else "layer 0", f"B_{height + 1}")
        scheme.note("mirroring", f"W_{height + 1}", f"B_{height + 1}", "noise")
    _into_input(scheme, 0.5 - RADIUS)


def _forward_forward(scheme: Scheme, hidden_layers: int) -> None:
    names = [rf"$h_{k}$" for k in range(1, hidden_layers + 2)]
    scheme.network(2, [r"$x^+\!\!, x^-$", *names], error=False)
    for height in range(1, hidden_layers + 2):
        scheme.arrow((NETWORK + HALF_WIDTH, height + 0.07), (SIDE - 0.075, height + 0.07), FORWARD)
        scheme.arrow((SIDE - 0.075, height - 0.07), (NETWORK + HALF_WIDTH, height - 0.07), ERROR)
        scheme.node(height, f"$g_{height}$")
        scheme.note("error", f"goodness {height}", f"layer {height}", "own goodness only")
    scheme.label(0.5, -0.52, "positive, negative data", ha="center")


_SCHEMES = {"a  FA": partial(_backwards, "B_{}"), "b  PEPITA": _pepita,
            "c  PEPITA + WM": _mirrored, "d  Forward-Forward": _forward_forward}
_MORE = {"e  BP": partial(_backwards, "W_{}^T"), "f  DFA": partial(_to_each, "e"),
         "g  DRTP": partial(_to_each, "t"), "h  AFA": _adaptive}


def _modulated(scheme: Scheme) -> None:
    """The network of PEPITA: two passes, and the error beside the output."""
    scheme.network(2)
    scheme.label(0.5, -0.52, "second pass: $x - e F^T$", ha="center")


def _into_input(scheme: Scheme, height: float) -> None:
    """The last piece of the error path: down, and into the input from the side."""
    scheme.line((SIDE, height), (SIDE, 0), ERROR)
    scheme.arrow((SIDE + 0.004, 0), (NETWORK + HALF_WIDTH, 0), ERROR)


def _legend() -> list:
    from matplotlib.lines import Line2D

    looks = {"forward, first pass": (FORWARD, "-"), "forward, second pass": (FORWARD, "--"),
             "error": (ERROR, "-"), "mirroring": (MIRROR, ":")}
    return [Line2D([], [], color=color, ls=style, lw=1.6, label=name)
            for name, (color, style) in looks.items()]


def _alt(hidden_layers: int) -> str:
    layers = f"{hidden_layers} hidden layer{'s' if hidden_layers > 1 else ''}"
    return (
        f"Four diagrams of a network with {layers}, the input below, arrows upwards in green for "
        "forward paths and orange for error paths. a, feedback alignment: one forward pass; the "
        "error goes down beside the network, from layer to layer, each step through a fixed random "
        "matrix B, and enters every hidden layer. b, PEPITA: two forward passes; the error goes "
        "through one matrix F to the input and nowhere else. c, PEPITA with weight mirroring: the "
        f"same, but F is a product of {hidden_layers + 1} matrices B, each tied to the forward "
        "matrix W of its layer by a dotted double arrow, the mirroring. d, Forward-Forward: two "
        "forward passes, of positive and negative data; each layer has a goodness of its own and "
        "learns from it alone; no error passes between layers.")


_CAPTION = (
    "Green: forward, orange: error. (a) Feedback alignment: the error goes back through fixed "
    "random matrices. (b) PEPITA: a fixed random F takes it to the input, and a second forward "
    "pass (dashed) to the layers. (c) With weight mirroring (WM) each factor of F follows its "
    "layer's weights. (d) Forward-Forward: every layer learns from its own goodness."
)


def _alt_more(hidden_layers: int) -> str:
    return (
        f"Four more diagrams, {hidden_layers} hidden layers. e, backpropagation: the error goes "
        "down beside the network from layer to layer, through the transposed weights. f, direct "
        "feedback alignment: it goes to every hidden layer through a fixed matrix B of its own. "
        "g, direct random target projection: the same with the target instead of the error. h, "
        "adaptive feedback alignment, one hidden layer: through F and then W1.")


_CAPTION_MORE = (
    "Rules that the paper compares with, or is explained by. (e) Backpropagation: through the "
    "weights themselves. (f) Direct feedback alignment: to each layer at once. (g) Direct random "
    "target projection: the target, not the error. (h) Adaptive feedback alignment: through F and "
    "the layer's own weights."
)
