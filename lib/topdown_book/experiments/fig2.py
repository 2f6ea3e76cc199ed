"""Figure 2: panel a is trained, panels b to d are solved and simulated in every profile."""

from __future__ import annotations

from topdown_book.experiments._base import Experiment
from topdown_book.experiments.fig2a import FIG2A
from topdown_book.studies.two_layers import TWO_LAYERS

FIG2 = Experiment(
    name="fig2",
    title="PEPITA and AFA: trained, and in theory",
    parameters=(*FIG2A.parameters, *TWO_LAYERS.parameters),
    profiles={name: {**values, **TWO_LAYERS.defaults} for name, values in FIG2A.profiles.items()},
    cases=FIG2A.cases,
)
