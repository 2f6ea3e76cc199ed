"""A deep linear student: ODE and simulation at several depths, and which feedback can learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.figures._deep_linear import linear_integrate, linear_simulate, linear_start
from topdown_book.parameters import Parameter
from topdown_book.studies._base import Study

CHOSEN = np.array([[1.0, 0.5], [-0.5, 0.8]])
"""b = B F / D of panels a and b: eigenvalues with positive real parts, far from a multiple of 1."""
FLOOR = 1e-3
"""Error, relative to the start, below which a draw of (c) counts as learned."""
LARGE = 200.0  # sum of squared first-layer weights / D at which a draw of (c) has run away

PARAMETERS = (
    Parameter("D", int, "inputs of the simulated student (a)", low=20, high=5000),
    Parameter("depth", int, "largest number of weight matrices (a, b)", low=2, high=6),
    Parameter("width", int, "units in each hidden layer", low=2, high=20),
    Parameter("outputs", int, "outputs C of the students in (c)", low=1, high=5),
    Parameter("eta", float, "learning rate of all layers", low=1e-3, high=1),
    Parameter("gamma", float, "strength of PEPITA's feedback", low=1e-6, high=10),
    Parameter("draws", int, "random feedback matrices (c)", low=10, high=1000),
    Parameter("horizon", float, "last time of (c), samples / D", low=10, high=1e5),
)
DEFAULTS = dict(D=300, depth=4, width=4, outputs=2, eta=0.1, gamma=0.1, draws=150, horizon=600.0)
SPAN = 6.0  # eta t at which (a) and (b) end


@dataclass(frozen=True)
class DeepLinear:
    """`curves`: columns rule, layers, t, error, angle on the ODE; `runs`: the same, simulated.

    `draws`: columns least, error, learned; one row a random feedback matrix.
    """

    settings: dict
    curves: pd.DataFrame
    runs: pd.DataFrame
    draws: pd.DataFrame


def compute(settings: dict) -> DeepLinear:
    """Trajectories at every depth for PEPITA, AFA and BP; then the draws."""
    fine = np.linspace(0, SPAN / settings["eta"], 61)
    curves, runs = [], []
    for layers in range(2, settings["depth"] + 1):
        start = linear_start(2, settings["width"], layers, seed=1, feedback=CHOSEN)
        for rule in ("pepita", "afa", "bp"):
            rates = dict(eta=settings["eta"], gamma=settings["gamma"])
            solved = linear_integrate(rule, start, t=fine, **rates)
            curves.append(_rows(rule, layers, fine, solved))
            if rule == "pepita":
                found = linear_simulate(rule, start, settings["D"], t=fine[::6], **rates)
                runs.append(_rows(rule, layers, fine[::6], found))
    return DeepLinear(settings, pd.concat(curves), pd.concat(runs), _draws(settings))


def _rows(rule: str, layers: int, t, states) -> pd.DataFrame:
    angle = [theory.alignment_angle(s.effective_feedback.ravel(), s.b.ravel()) for s in states]
    return pd.DataFrame(dict(rule=rule, layers=layers, t=t[: len(states)], angle=angle,
                             error=[s.generalization_error for s in states]))


def _draws(settings: dict) -> pd.DataFrame:
    """AFA in three layers with random F: final error against the eigenvalues of b."""
    rows = []
    for seed in range(settings["draws"]):
        start = linear_start(settings["outputs"], settings["width"], 3, seed=1000 + seed)
        t = np.array([0.0, settings["horizon"]])
        states = linear_integrate("afa", start, t=t, eta=settings["eta"], rtol=1e-5, atol=1e-8,
                                  runaway=LARGE)
        least = float(np.linalg.eigvals(start.b).real.min())
        error = states[-1].generalization_error / start.generalization_error
        rows.append(dict(draw=seed, least=least, error=max(error, 0.0), learned=error < FLOOR,
                         reached=len(states) == len(t)))
    return pd.DataFrame(rows)


DEEP_LINEAR = Study("deep_linear", "A deep linear student", PARAMETERS, DEFAULTS, compute)
