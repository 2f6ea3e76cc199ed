"""One theme for the whole book: readable in print, in grey and by colour-blind readers.

Colours are Okabe and Ito's; every series also differs by marker or dash, and is labelled.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from statistics import fmean, stdev

PALETTE = {
    "blue": "#0072B2", "orange": "#D55E00", "green": "#009E73", "purple": "#CC79A7",
    "sky": "#56B4E9", "amber": "#E69F00", "black": "#000000", "grey": "#767676",
}
CYCLE = list(PALETTE.values())
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("", (4, 2), (1, 1.5), (5, 1.5, 1, 1.5), (7, 2), (3, 1, 1, 1, 1, 1), (2, 2), (1, 3))
COLUMN, PAGE = 3.6, 7.4
"""Widths in inches of a figure of one column and of a whole page."""

_STYLE = {
    "font.size": 9, "axes.titlesize": 10, "axes.labelsize": 9, "legend.fontsize": 8,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.alpha": 0.3, "grid.linewidth": 0.5, "lines.linewidth": 1.4,
    "lines.markersize": 5, "legend.frameon": False, "figure.dpi": 110, "savefig.dpi": 160,
    "savefig.bbox": "tight", "svg.hashsalt": "topdown", "figure.constrained_layout.use": True,
}


@contextmanager
def theme():
    """The book's style for the figures drawn inside the block."""
    import matplotlib as mpl
    import seaborn as sns

    with mpl.rc_context(), sns.axes_style("ticks"):
        mpl.rcParams.update(_STYLE)
        mpl.rcParams["axes.prop_cycle"] = mpl.cycler(color=CYCLE)
        yield


def panels(count: int, width: float = PAGE, height: float = 2.7, **options):
    """A figure with `count` panels side by side and their axes, as a list."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, count, figsize=(width, height), squeeze=False, **options)
    return figure, list(axes[0])


def styles(names) -> dict[str, dict]:
    """Colour, marker and dash of every name, the same for the same order of names."""
    return {name: dict(color=CYCLE[k % 8], marker=MARKERS[k % 8], dashes=DASHES[k % 8])
            for k, name in enumerate(dict.fromkeys(names))}


def dashed(k: int):
    """The k-th dash as matplotlib's `ls`."""
    return (0, DASHES[k % 8]) if DASHES[k % 8] else "-"


def grid(rows: int, columns: int, height: float, **options):
    """A figure as wide as the page, `height` inches high, and its axes, (rows, columns)."""
    from matplotlib import pyplot as plt

    return plt.subplots(rows, columns, figsize=(PAGE, height), squeeze=False, **options)


def legend_below(figure, axes, columns: int = 3, place: str = "lower center") -> None:
    """One legend outside the panels, that of the first which has curves."""
    drawn = [axis for axis in axes if axis.get_legend_handles_labels()[0]]
    if drawn:
        figure.legend(*drawn[0].get_legend_handles_labels(), ncols=columns,
                      loc=f"outside {place}")
    for axis in drawn:
        if axis.get_legend() is not None:
            axis.get_legend().remove()


def percent_axis(axis, label="test accuracy (%)") -> None:
    axis.set_ylabel(label)


def whole_numbers(axis) -> None:
    """Ticks of the x axis at whole numbers only."""
    axis.xaxis.get_major_locator().set_params(integer=True)


def spread(values) -> str:
    """Mean and standard deviation in words: "47.1 ± 0.3"; without a spread for one value.

    Where runs failed, of those that are left: "47.1 ± 0.3 (2 of 3 seeds)", or "failed (3 seeds)".
    """
    values = list(values)
    left = [v for v in values if math.isfinite(v)]
    if not left:
        return f"failed ({len(values)} seeds)"
    text = f"{fmean(left):.1f}" + (f" ± {stdev(left):.1f}" if len(left) > 1 else "")
    return text if len(left) == len(values) else f"{text} ({len(left)} of {len(values)} seeds)"
