"""Drawing: one function a figure, from `Results` to a `Drawing` (or a `Table`)."""

from topdown_book.figures._page import Drawing, Table
from topdown_book.figures._theme import PALETTE, panels, styles, theme
from topdown_book.figures.anchors import anchors
from topdown_book.figures.errata import errata
from topdown_book.figures.ff import ff
from topdown_book.figures.ff_goodness import ff_goodness
from topdown_book.figures.ff_link import ff_link
from topdown_book.figures.fig1 import fig1
from topdown_book.figures.fig2a import fig2a, fig2a_panel
from topdown_book.figures.fig3 import fig3
from topdown_book.figures.figs1 import figs1
from topdown_book.figures.figs2 import figs2
from topdown_book.figures.figs3 import figs3
from topdown_book.figures.figs6 import figs6
from topdown_book.figures.forgetting import forgetting
from topdown_book.figures.layer_angles import layer_angles
from topdown_book.figures.order import order
from topdown_book.figures.precision import precision
from topdown_book.figures.premirroring import premirroring
from topdown_book.figures.questions import (
    convolution,
    depth,
    modulation,
    oracle,
    time_local_rate,
    weight_decay_effect,
)
from topdown_book.figures.tab1 import tab1
from topdown_book.figures.tab2 import tab2
from topdown_book.figures.tabs1 import tabs1
from topdown_book.figures.tabs2 import tabs2, tabs2_fits
from topdown_book.figures.wall_clock import wall_clock, wall_clock_table
from topdown_book.figures.widths import widths

__all__ = [
    "Drawing", "PALETTE", "Table", "anchors", "convolution", "depth", "errata", "ff",
    "ff_goodness", "ff_link", "fig1", "fig2a", "fig2a_panel", "fig3", "figs1", "figs2", "figs3",
    "figs6", "forgetting", "layer_angles", "modulation", "oracle", "order", "panels", "precision",
    "premirroring", "styles", "tab1", "tab2", "tabs1", "tabs2", "tabs2_fits", "theme",
    "time_local_rate", "wall_clock", "wall_clock_table", "weight_decay_effect", "widths",
]
