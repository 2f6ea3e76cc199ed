"""How fast simulations approach the ODEs as D grows, for every rule and two learning rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import linregress

from topdown import theory
from topdown_book.parameters import Parameter
from topdown_book.studies._base import Study, cores
from topdown_book.studies.two_layers import start

FLOOR = 1e-3
"""Times at which the ODE's error is below are left out: a shift in time is no relative error."""

PARAMETERS = (
    Parameter("smallest", int, "smallest D; it is doubled up to the largest", low=8, high=4096),
    Parameter("largest", int, "largest D", low=16, high=65_536),
    Parameter("eta", float, "the smaller learning rate", low=1e-4, high=10),
    Parameter("eta_large", float, "the larger learning rate", low=1e-4, high=10),
    Parameter("gamma", float, "strength of PEPITA's feedback", low=1e-6, high=10),
    Parameter("streams", int, "simulated streams at each D", low=2, high=1000),
    Parameter("horizon", float, "last time, samples / D", low=1, high=1e5),
)
DEFAULTS = dict(smallest=32, largest=1024, eta=0.05, eta_large=0.5, gamma=0.1, streams=8,
                horizon=50.0)


def sizes(settings: dict) -> list[int]:
    """smallest, 2 smallest, ... up to the largest."""
    doublings = int(np.log2(settings["largest"] / settings["smallest"]))
    return [settings["smallest"] * 2**k for k in range(doublings + 1)]


def compute(settings: dict) -> pd.DataFrame:
    """Columns eta, rule, D, stream, error: the largest relative error over times, percent."""
    parts = [_errors(settings, eta, D) for eta in (settings["eta"], settings["eta_large"])
             for D in sizes(settings)]
    return pd.concat(parts, ignore_index=True)


def _errors(settings: dict, eta: float, D: int) -> pd.DataFrame:
    t = np.linspace(0, settings["horizon"], 51)
    given = start() | dict(eta_w=eta, eta_v=eta, gamma=settings["gamma"])
    streams = range(settings["streams"])
    runs = theory.simulate(theory.RULES, D, t=t, seed=streams, workers=cores(), **given)
    frames = []
    for rule, run in runs.items():
        expected = theory.integrate(rule, t=run.t, **given).generalization_error
        counted = expected > FLOOR
        gap = np.abs(run.generalization_error / expected - 1)[:, counted].max(1)
        frames.append(pd.DataFrame(dict(eta=eta, rule=rule, D=D, stream=streams, error=100 * gap)))
    return pd.concat(frames)


def slopes(errors: pd.DataFrame) -> pd.DataFrame:
    """Columns eta, rule, slope, standard_error, intercept: a line through log error, log D."""
    rows = []
    for (eta, rule), one in errors.groupby(["eta", "rule"], sort=False):
        line = linregress(np.log(one.D), np.log(one.error))
        rows.append(dict(eta=eta, rule=rule, slope=line.slope, standard_error=line.stderr,
                         intercept=line.intercept))
    return pd.DataFrame(rows)


THEORY_VS_SIMULATION = Study("theory_vs_simulation", "Theory against simulation", PARAMETERS,
                             DEFAULTS, compute)
