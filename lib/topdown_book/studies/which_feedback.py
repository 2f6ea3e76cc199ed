"""Which random feedback vectors let AFA recover its teacher? Many draws of F, solved to the end."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from topdown import theory
from topdown_book.parameters import Parameter
from topdown_book.studies._base import Study

SIZES = ((1, 1), (2, 2), (3, 3), (4, 2))
"""(K, M): as many students as teachers, and twice as many."""
RECOVERED = 1e-4
"""Generalisation error below which the teacher counts as recovered."""

PARAMETERS = (
    Parameter("draws", int, "random feedback vectors for each size", low=10, high=10_000),
    Parameter("eta", float, "learning rate of both layers", low=1e-4, high=1),
    Parameter("horizon", float, "last time, samples / D", low=100, high=1e7),
)
DEFAULTS = dict(draws=200, eta=0.05, horizon=20_000.0)


def times(settings: dict) -> np.ndarray:
    """13 times over three decades up to the horizon."""
    return np.geomspace(1e-3, 1, 13) * settings["horizon"]


def compute(settings: dict) -> pd.DataFrame:
    """Columns K, M, draw, right_signs, least, t, error: one row a draw and time.

    right_signs: b_m v_teacher_m > 0 for all m. least: the smallest of these products.
    """
    return pd.concat([_size(settings, K, M) for K, M in SIZES], ignore_index=True)


def _size(settings: dict, K: int, M: int) -> pd.DataFrame:
    """All draws of F, that is of its overlaps (a, b), from one common start."""
    start = theory.default_init(K, M)
    a, b = theory.random_feedback(settings["draws"], seed=100 * K + M, **start)
    known = {name: start[name] for name in ("Q", "R", "T", "v", "v_teacher")}
    t, products = times(settings), b * start["v_teacher"]
    draws = [dict(a=one, b=other) for one, other in zip(a, b)]
    solved = theory.integrate_many("afa", draws, t=t, eta_w=settings["eta"], eta_v=settings["eta"],
                                   **known)
    n = len(t)
    return pd.DataFrame(dict(
        K=K, M=M, draw=np.repeat(range(len(b)), n), least=np.repeat(products.min(1), n),
        right_signs=np.repeat(theory.can_learn(b, start["v_teacher"]), n), t=np.tile(t, len(b)),
        error=solved.generalization_error.ravel()))


def fractions(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns K, M, t, n, recovered, low, high: exact (Clopper-Pearson) 95 % intervals."""
    found = []
    for (K, M, t), one in rows.groupby(["K", "M", "t"]):
        count = int((one.error < RECOVERED).sum())
        interval = binomtest(count, len(one)).proportion_ci()
        found.append(dict(K=K, M=M, t=t, n=len(one), recovered=count / len(one),
                          low=interval.low, high=interval.high))
    return pd.DataFrame(found)


def counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns K, M, right signs, draws, recovered, median error: at the last time."""
    last = rows[rows.t == rows.t.max()]
    groups = last.groupby(["K", "M", "right_signs"]).error
    table = groups.agg(draws="count", recovered=lambda e: int((e < RECOVERED).sum()),
                       median_error="median")
    return table.reset_index().rename(columns={"right_signs": "right signs",
                                               "median_error": "median error"})


WHICH_FEEDBACK = Study("which_feedback", "Which random feedback learns", PARAMETERS, DEFAULTS,
                       compute, stored=1)
