"""A drawn figure as SVG and as PNG, and where in it each of its panels lies."""

from __future__ import annotations

import io
import re

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from topdown_book.page.tables import spelled

DOTS = 230
"""Of the PNG, per inch: a figure as wide as a page's text has twice the pixels that it covers."""
_LETTER = re.compile(r"([a-i])(?=  |$)")
_PAD = 0.06
"""Inches around everything drawn."""


def pictures(figure) -> tuple[str, bytes, list[list]]:
    """The SVG, the PNG, and the panels [letter, x, y, width, height], in points from the top left.

    A panel is an axis with all that belongs to it; each entry of a legend of the whole figure
    counts as one without a letter.
    """
    for side in (side for axis in figure.axes for side in (axis.xaxis, axis.yaxis)):
        names = [label.get_text() for label in side.get_ticklabels()]
        if (named := [spelled(name) for name in names]) != names:  # drawing would set them again
            side.set_ticks(side.get_ticklocs(), named)
    for words in figure.findobj(Text):
        words.set_text(spelled(words.get_text()))
    canvas = FigureCanvasAgg(figure)  # pyplot's own, which shows figures, has been closed
    canvas.draw()
    canvas.draw()  # the layout of a panel above its legend settles with the second
    figure.set_layout_engine("none")  # else it would move once more while it is saved
    renderer = canvas.get_renderer()
    whole = figure.get_tightbbox(renderer).padded(_PAD)
    found = _panels(figure, renderer, whole)  # before texts are placed for other dots per inch
    svg, png = io.StringIO(), io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "topdown"}):
        figure.savefig(svg, format="svg", bbox_inches=whole,
                       metadata={"Date": None, "Creator": None})
    figure.savefig(png, format="png", bbox_inches=whole, dpi=DOTS, metadata={"Software": None})
    return svg.getvalue(), png.getvalue(), found


def _panels(figure, renderer, whole: Bbox) -> list[list]:
    parts = [(_letter(axis), axis.get_tightbbox(renderer)) for axis in figure.axes]
    parts += [("", box) for legend in figure.legends for box in _entries(legend, renderer)]
    merged: list[list] = []
    for letter, box in parts:
        letter, box = [letter], Bbox(box.get_points() / figure.dpi).padded(0.03)
        while near := next((m for m in merged if _overlap(m[1], box)), None):
            merged.remove(near)
            letter, box = near[0] + letter, Bbox.union([near[1], box])
        merged.append([letter, box])
    return [["".join(letter)[:1], *(round(72 * float(v), 1) for v in (
        box.x0 - whole.x0, whole.y1 - box.y1, box.width, box.height))] for letter, box in merged]


def _entries(legend, renderer):
    """A box for every entry of a legend: its line or mark, and its words."""
    for words in legend.get_texts():
        box = words.get_window_extent(renderer)
        before = (legend.handlelength + legend.handletextpad) * words.get_size()
        yield Bbox([(box.x0 - renderer.points_to_pixels(before), box.y0), (box.x1, box.y1)])


def _overlap(one: Bbox, other: Bbox) -> bool:
    """Whether two boxes share more than a tenth of an inch each way: a colour bar, twin axes."""
    shared = Bbox.intersection(one, other)
    return shared is not None and min(shared.width, shared.height) > 0.1


def _letter(axis) -> str:
    titles = (_LETTER.match(axis.get_title(loc)) for loc in ("left", "center"))
    return next((found[1] for found in titles if found), "")
