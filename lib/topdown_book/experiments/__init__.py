"""Every figure and table that is made from training runs: its cases, parameters and profiles."""

from topdown.errors import UsageError, unknown
from topdown_book.experiments._base import Case, Experiment, Results, gather
from topdown_book.experiments.anchors import ANCHORS
from topdown_book.experiments.convolution import CONVOLUTION
from topdown_book.experiments.errata import ERRATA
from topdown_book.experiments.ff import FF
from topdown_book.experiments.ff_goodness import FF_GOODNESS
from topdown_book.experiments.ff_link import FF_LINK
from topdown_book.experiments.fig2 import FIG2
from topdown_book.experiments.fig2a import FIG2A
from topdown_book.experiments.fig3 import FIG3
from topdown_book.experiments.figs1 import FIGS1
from topdown_book.experiments.figs2 import FIGS2
from topdown_book.experiments.figs3 import FIGS3
from topdown_book.experiments.figs6 import FIGS6
from topdown_book.experiments.forgetting import FORGETTING
from topdown_book.experiments.layer_angles import LAYER_ANGLES
from topdown_book.experiments.order import ORDER
from topdown_book.experiments.precision import PRECISION
from topdown_book.experiments.questions import (
    DEPTH,
    MODULATION,
    ORACLE,
    PREMIRRORING,
    TIME_LOCAL_RATE,
    WEIGHT_DECAY_EFFECT,
)
from topdown_book.experiments.tab1 import TAB1
from topdown_book.experiments.tab2 import TAB2
from topdown_book.experiments.tabs1 import TABS1
from topdown_book.experiments.tabs2 import TABS2
from topdown_book.experiments.tabs3 import TABS3
from topdown_book.experiments.wall_clock import WALL_CLOCK
from topdown_book.experiments.widths import WIDTHS

__all__ = ["EXPERIMENTS", "Case", "Experiment", "Results", "gather", "get_experiment"]

EXPERIMENTS = {experiment.name: experiment for experiment in (
    FIG3, ANCHORS, TAB1, TAB2, TABS1, TABS2, TABS3, FIGS1, FIG2, FIG2A, FIGS2, FIGS3, FIGS6, FF,
    FF_LINK, FF_GOODNESS, ERRATA, WIDTHS, LAYER_ANGLES, WALL_CLOCK, FORGETTING, TIME_LOCAL_RATE,
    DEPTH, WEIGHT_DECAY_EFFECT, MODULATION, ORACLE, CONVOLUTION, PREMIRRORING,
    PRECISION, ORDER,
)}


def get_experiment(name: str) -> Experiment:
    """The experiment of that name; UsageError with the nearest known name otherwise."""
    if name not in EXPERIMENTS:
        raise UsageError(unknown("figure", name, EXPERIMENTS))
    return EXPERIMENTS[name]
