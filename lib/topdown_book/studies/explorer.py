"""For the explorer: ODE runs on a grid of learning rate, feedback strength and first angle."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.studies._base import Study
from topdown_book.studies.exact_rule import LOOSE
from topdown_book.studies.two_layers import least_G, start

ETAS = (0.05, 0.1, 0.2, 0.5, 1.0)
GAMMAS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
ANGLES = (0, 30, 60, 90, 120, 150, 180)
"""Degrees between the student's output weights and the AF vector at the start."""
TIMES = np.geomspace(0.05, 100, 51)
"""Times of a run, as eta t."""
VALUES = ("error", "student_teacher", "student_degenerate", "feedback_student")


def begin(angle: float) -> dict:
    """The start of Figure 2 with v(0) turned to `angle` degrees from a(0), its length kept."""
    state = start()
    turn, direction = np.radians(angle), state["a"] / np.linalg.norm(state["a"])
    across = np.array([-direction[1], direction[0]])
    state["v"] = np.linalg.norm(state["v"]) * (np.cos(turn) * direction + np.sin(turn) * across)
    return state | {"G": 1 + least_G(state)}


def compute(settings: dict) -> pd.DataFrame:
    """Columns eta, gamma, angle, x (eta t) and `VALUES`; rows after a runaway are left out."""
    return pd.concat([run(*point) for point in product(ETAS, GAMMAS, ANGLES)], ignore_index=True)


def run(eta: float, gamma: float, angle: float) -> pd.DataFrame:
    """One run of PEPITA on its ODE (AFA at gamma = 0)."""
    given = begin(angle) | dict(eta_w=eta, eta_v=eta, t=np.append(0, TIMES / eta))
    if gamma:
        solved = theory.integrate("pepita", gamma=gamma, **LOOSE, **given)
    else:
        solved = theory.integrate("afa", **given)
    columns = dict(eta=eta, gamma=gamma, angle=angle, x=np.append(0, TIMES),
                   error=solved.generalization_error, **theory.alignment_angles(solved))
    rows = pd.DataFrame(columns)[(solved.t <= solved.t_end) & (solved.t > 0)]
    return rows.astype({name: np.float32 for name in VALUES})


EXPLORER = Study("explorer", "ODE runs for the explorer", (), {}, compute, stored=1)
