"""Random feedback for several outputs: draws of F solved to the end, and Figure 2b for a few C."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.figures._theme import PALETTE

OUTPUTS = (1, 2, 3, 4, 5, 7, 10)
SIZES = ((1, 1), (2, 2), (3, 3), (4, 2))
"""(K, M): as many students as teachers, and once twice as many."""
COLORS = [PALETTE[name] for name in ("blue", "orange", "green", "purple")]
"""One a size."""
LOWEST = 1e-12  # below is rounding
ROWS = ("random", "orthogonal")
"""Output rows of the teacher: independent directions, or an orthonormal set (C >= M > 1)."""
RECOVERED = 1e-4
"""Generalisation error below which the teacher counts as recovered; it starts near 0.3."""
PREDICTED = 2000
"""Draws of F behind every predicted fraction: no run, only eigenvalues."""
CURVES, RULES = (1, 2, 5), ("afa", "pepita")
"""Outputs and rules of Figure 2b drawn again."""


def named(K: int, M: int) -> str:
    """"M = 2", or "M = 2, K = 4" where the student has other units than its teacher."""
    return f"M = {M}" if K == M else f"M = {M}, K = {K}"


def points() -> list[tuple]:
    """(K, M, C, rows) of every point."""
    found = [(K, M, C, rows) for K, M in SIZES for rows in ROWS for C in OUTPUTS
             if rows == "random" or 1 < M <= C]
    return [point for point in found if point[0] == point[1] or point[2:] in _WIDE]


_WIDE = ((1, "random"), (3, "random"), (10, "random"))


def draw_states(K: int, M: int, C: int, rows: str, n: int) -> list[dict]:
    """n starts of `default_init`'s overlaps: teacher rows, F and the student's v drawn anew.

    Rows of the teacher have the lengths 1, .9, .81; those of v, 0.25. F has independent Gaussian
    entries, so its overlaps (a, b) have the covariance of the weights times the G of that start, as
    on the page for one output.
    """
    rng = np.random.default_rng([K, M, C, ROWS.index(rows)])
    start = theory.default_init(K, M)
    known = {name: start[name] for name in ("Q", "R", "T")}
    a, b = theory.random_feedback(n * C, seed=rng.integers(2**32), **start)
    a, b = (x.reshape(n, C, -1).swapaxes(1, 2) for x in (a, b))
    lengths = 0.9 ** np.arange(M)[:, None]
    return [known | dict(a=a[k], b=b[k], v=0.25 * theory.unit_rows(K, C, rng), v_teacher=lengths
                         * theory.unit_rows(M, C, rng, orthogonal=rows == "orthogonal"))
            for k in range(n)]


def least_rate(state: dict, eta: float = 1.0) -> float:
    """Real part of the slowest rate at which a copy attracts; negative where it repels."""
    chosen = {name: state[name] for name in ("T", "v_teacher", "b")}
    return min(x.real.min() for x in theory.copy_rates(eta_w=eta, eta_v=eta, **chosen))


def compute(settings: dict) -> pd.DataFrame:
    """Rows of four kinds (column `part`), each with the columns it needs; others are NaN.

    "draw": K, M, C, rows, draw, rate, error at the end, time of recovery (NaN: never).
    "predicted": K, M, C, rows, value: the fraction with attracting copies.
    "angle": K, M, C, recovered, t, value, low, high: median and quartiles of the angle of AF and
    copy over draws. "ode", "run": C, rule, stream, t, error: Figure 2b.
    """
    parts = [part for point in points() for part in _point(settings, *point)]
    return pd.concat([*parts, *_curves(settings)], ignore_index=True)


def _point(settings: dict, K: int, M: int, C: int, rows: str) -> list[pd.DataFrame]:
    eta, where = settings["eta"], dict(K=K, M=M, C=C, rows=rows)
    states = draw_states(K, M, C, rows, settings["draws"])
    t = np.geomspace(1e-3, 1, 49) * settings["horizon"]
    run = theory.integrate_many("afa", states, t=t, eta_w=eta, eta_v=eta)
    error = run.generalization_error
    draws = pd.DataFrame(dict(
        part="draw", **where, draw=range(len(states)), error=error[:, -1],
        rate=[least_rate(state, eta) for state in states], t=_first_below(t, error)))
    many = draw_states(K, M, C, rows, PREDICTED)
    share = np.mean([least_rate(state) > 0 for state in many])
    predicted = pd.DataFrame([dict(part="predicted", **where, value=share)])
    return [draws, predicted, _angles(run, where) if rows == "random" else predicted[:0]]


def _first_below(t, error) -> np.ndarray:
    """The first time of each draw with an error below `RECOVERED`, between times in log error."""
    found = np.full(len(error), np.nan)
    for k, curve in enumerate(np.log(np.maximum(error, 1e-15))):
        below = np.flatnonzero(curve < np.log(RECOVERED))
        if len(below):
            two = slice(max(below[0] - 1, 0), below[0] + 1)
            found[k] = np.exp(np.interp(-np.log(RECOVERED), -curve[two], np.log(t[two])))
    return found


def _angles(run, where: dict) -> pd.DataFrame:
    """The angle of AF vectors and copy, apart for draws that recovered and draws that did not."""
    n, steps = run.generalization_error.shape
    copy = theory.final_copies(run).reshape(n, 1, -1)
    angle = theory.alignment_angle(run.a.reshape(n, steps, -1), copy)
    recovered = run.generalization_error[:, -1] < RECOVERED
    parts = []
    for outcome in (True, False):
        if (recovered == outcome).any():
            some = angle[recovered == outcome]
            low, value, high = np.nanquantile(some, (0.25, 0.5, 0.75), axis=0)
            parts.append(pd.DataFrame(dict(part="angle", **where, recovered=outcome, t=run.t,
                                           value=value, low=low, high=high)))
    return pd.concat(parts)


def _curves(settings: dict) -> list[pd.DataFrame]:
    """ODE of AFA and simulations of AFA and PEPITA at D inputs, from `default_init`."""
    found, horizon = [], 2500.0
    fine, coarse = (np.append(0, np.geomspace(1e-3, 1, n) * horizon) for n in (121, 25))
    for C in CURVES:
        given = theory.default_init(outputs=C) | dict(eta_w=settings["eta"], eta_v=settings["eta"],
                                                      gamma=settings["gamma"])
        solved = theory.integrate("afa", t=fine, **given)
        found.append(pd.DataFrame(dict(part="ode", C=C, rule="afa", t=fine,
                                       error=solved.generalization_error)))
        runs = theory.simulate(RULES, settings["D"], t=coarse, seed=range(settings["streams"]),
                               **given)
        found += [pd.DataFrame(dict(part="run", C=C, rule=rule, stream=stream, t=run.t,
                                    error=error)) for rule, run in runs.items()
                  for stream, error in zip(run.seed, run.generalization_error)]
    return found
