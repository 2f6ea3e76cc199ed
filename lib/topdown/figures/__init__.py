"""Drawing: one function a figure, from `Results` to a `Drawing` (or a `Table`)."""

from topdown.figures._page import Drawing, Table
from topdown.figures._theme import PALETTE, panels, styles, theme
from topdown.figures.fig3 import fig3

__all__ = ["PALETTE", "Drawing", "Table", "fig3", "panels", "styles", "theme"]
