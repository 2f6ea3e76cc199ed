"""Drawing: one function a figure, from `Results` to a `Drawing` (or a `Table`)."""

from topdown.figures._page import Drawing, Table
from topdown.figures._theme import PALETTE, panels, styles, theme
from topdown.figures.anchors import anchors
from topdown.figures.ff import ff
from topdown.figures.fig3 import fig3
from topdown.figures.figs1 import figs1
from topdown.figures.tab2 import tab2
from topdown.figures.tabs1 import tabs1
from topdown.figures.tabs2 import tabs2, tabs2_fits

__all__ = [
    "anchors", "ff", "fig3", "figs1", "panels", "styles", "tab2", "tabs1", "tabs2",
    "tabs2_fits", "theme", "Drawing", "PALETTE", "Table",
]
