"""Which random feedback learns, with several outputs? Draws of F on the ODE, and small networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown_book.figures import _feedback_draws as draws
from topdown_book.figures import _small_networks as small
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Study

SOLVED = (
    Parameter("draws", int, "random feedback matrices at each point", low=10, high=10_000),
    Parameter("eta", float, "learning rate of both layers", low=1e-4, high=1),
    Parameter("horizon", float, "last time of the draws, samples / D", low=100, high=1e7),
    Parameter("D", int, "inputs of the simulated students", low=20, high=20_000),
    Parameter("streams", int, "simulated streams for each number of outputs", low=1, high=100),
    Parameter("gamma", float, "strength of PEPITA's feedback in them", low=1e-6, high=100),
)
SOLVED_DEFAULTS = dict(draws=200, eta=0.05, horizon=20_000.0, D=500, streams=3, gamma=0.1)

SMALL = Study("Bad seeds in small networks", name="small_networks", compute=small.compute, stored=1)
FIGURE = Study("Which random feedback learns, with several outputs", SOLVED, SOLVED_DEFAULTS,
               name="several_outputs", compute=draws.compute, stored=1, beside=SMALL)
