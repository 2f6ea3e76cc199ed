"""Every figure and table that is made from training runs: its cases, parameters and profiles."""

from topdown.errors import UsageError, unknown
from topdown.experiments._base import Case, Experiment, Results, gather
from topdown.experiments.fig3 import FIG3

__all__ = ["EXPERIMENTS", "Case", "Experiment", "Results", "gather", "get_experiment"]

EXPERIMENTS = {experiment.name: experiment for experiment in (FIG3,)}


def get_experiment(name: str) -> Experiment:
    """The experiment of that name; UsageError with the nearest known name otherwise."""
    if name not in EXPERIMENTS:
        raise UsageError(unknown("figure", name, EXPERIMENTS))
    return EXPERIMENTS[name]
