"""PEPITA's own ODE at finite feedback strength: where it leaves AFA, and where it runs away."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.parameters import Parameter
from topdown_book.studies._base import Study, cores
from topdown_book.studies.two_layers import least_G, start

SPAN = 50.0
"""Runs of the maps end at eta t = 50."""
LOOSE = dict(rtol=1e-5, atol=1e-7, max_evaluations=5000)
"""Accuracy of the maps: their deviations are of order 1e-3 and more."""
VARIANTS = {f"{x} input, {h} output": dict(presynaptic=x, output_activity=h)
            for x, h in product(("modulated", "clean"), repeat=2)}

SHOWN = (
    Parameter("D", int, "inputs of the simulated student (a)", low=8, high=20_000),
    Parameter("eta", float, "learning rate of both layers (a to c)", low=1e-4, high=5),
    Parameter("streams", int, "simulated streams (a)", low=1, high=100),
    Parameter("horizon", float, "last time of (a), samples / D", low=1, high=1e5),
)
SHOWN_DEFAULTS = dict(D=500, eta=0.05, streams=2, horizon=200.0)
SHOWN_GAMMAS = (0.1, 0.4, 1.0)

MAPPED = (
    Parameter("eta", float, "learning rate of both layers (b and c)", low=1e-4, high=5),
    Parameter("steps", int, "values of gamma in each map", low=3, high=50),
)
MAPPED_DEFAULTS = dict(eta=0.05, steps=9)
GS, ETAS = (4, 10, 30, 100, 300, 1000), (0.01, 0.05, 0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Shown:
    """Trajectories on the ODEs ("afa" and by gamma) and simulations of PEPITA by gamma."""

    settings: dict
    afa: theory.Trajectory
    curves: dict[float, theory.Trajectory]
    runs: dict[float, theory.Simulation]


def compute_shown(settings: dict) -> Shown:
    """Panel a: at a few strengths, the exact ODE and simulations beside it."""
    given = start() | dict(eta_w=settings["eta"], eta_v=settings["eta"])
    fine, coarse = (np.append(0, np.geomspace(3e-3, 1, n) * settings["horizon"]) for n in (201, 25))
    curves, runs = {}, {}
    for gamma in SHOWN_GAMMAS:
        curves[gamma] = theory.integrate("pepita", t=fine, gamma=gamma, **given)
        runs[gamma] = theory.simulate("pepita", settings["D"], t=coarse, gamma=gamma,
                                      seed=range(settings["streams"]), workers=cores(), **given)
    return Shown(settings, theory.integrate("afa", t=fine, **given), curves, runs)


def compute_maps(settings: dict) -> pd.DataFrame:
    """Columns sweep, variant, gamma, eta, G, deviation, status, end (in eta t); one row a run.

    sweep "variant": the four readings of the rule; "G": against |F|^2/D; "eta": against the rate.
    deviation: |error of PEPITA / error of AFA - 1| averaged over times reached.
    """
    eta, G = settings["eta"], 1 + least_G(start())
    gammas = np.geomspace(0.01, 10, settings["steps"])
    rows = [dict(sweep="variant", variant=name, **run(gamma, eta, G, **options))
            for name, options in VARIANTS.items() for gamma in gammas]
    usual = next(iter(VARIANTS))
    rows += [dict(sweep="G", variant=usual, **run(gamma, eta, value))
             for value in GS for gamma in gammas]
    rows += [dict(sweep="eta", variant=usual, **run(gamma, value, G))
             for value in ETAS for gamma in gammas]
    return pd.DataFrame(rows)


def run(gamma: float, eta: float, G: float, **variant) -> dict:
    """One run of PEPITA beside AFA, to eta t = SPAN or its runaway."""
    t = np.append(0, np.geomspace(1e-3, 1, 100) * SPAN / eta)
    given = start() | dict(eta_w=eta, eta_v=eta, G=float(G))
    afa = theory.integrate("afa", t=t, **given).generalization_error
    with np.errstate(invalid="ignore"):  # trial steps of the solver past a runaway
        found = theory.integrate("pepita", t=t, gamma=gamma, **LOOSE, **variant, **given)
    gap = np.abs(found.generalization_error / afa - 1)
    return dict(gamma=float(gamma), eta=eta, G=float(G), deviation=float(np.nanmean(gap)),
                status=found.status, end=found.t_end * eta)


EXACT_RULE = Study("exact_rule", "PEPITA's own ODE", SHOWN, SHOWN_DEFAULTS, compute_shown)
EXACT_RULE_MAPS = Study("exact_rule_maps", "Where PEPITA leaves AFA, and runs away", MAPPED,
                        MAPPED_DEFAULTS, compute_maps, stored=1)
