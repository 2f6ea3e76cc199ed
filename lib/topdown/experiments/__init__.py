"""Every figure and table that is made from training runs: its cases, parameters and profiles."""

from topdown.errors import UsageError, unknown
from topdown.experiments._base import Case, Experiment, Results, gather
from topdown.experiments.anchors import ANCHORS
from topdown.experiments.convolution import CONVOLUTION
from topdown.experiments.errata import ERRATA
from topdown.experiments.ff import FF
from topdown.experiments.ff_goodness import FF_GOODNESS
from topdown.experiments.ff_link import FF_LINK
from topdown.experiments.fig2 import FIG2
from topdown.experiments.fig2a import FIG2A
from topdown.experiments.fig3 import FIG3
from topdown.experiments.figs1 import FIGS1
from topdown.experiments.figs2 import FIGS2
from topdown.experiments.figs3 import FIGS3
from topdown.experiments.figs6 import FIGS6
from topdown.experiments.forgetting import FORGETTING
from topdown.experiments.layer_angles import LAYER_ANGLES
from topdown.experiments.order import ORDER
from topdown.experiments.precision import PRECISION
from topdown.experiments.questions import (
    DEPTH,
    MODULATION,
    ORACLE,
    PREMIRRORING,
    TIME_LOCAL_RATE,
    WEIGHT_DECAY_EFFECT,
)
from topdown.experiments.tab1 import TAB1
from topdown.experiments.tab2 import TAB2
from topdown.experiments.tabs1 import TABS1
from topdown.experiments.tabs2 import TABS2
from topdown.experiments.tabs3 import TABS3
from topdown.experiments.wall_clock import WALL_CLOCK
from topdown.experiments.widths import WIDTHS

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
