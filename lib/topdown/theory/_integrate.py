"""Trajectories of the order parameters: the ODE of `drift`, solved adaptively."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.integrate import DOP853, OdeSolution
from scipy.optimize import brentq

from ._checks import times
from ._drift import error_of, evaluate
from ._problem import Problem, build, check_covariance

# (rtol, atol, runaway, options of the drift): a PEPITA run costs 1e-7 s a node and evaluation, so
# its quadrature is held to errors of about 1e-6, and the solver is not asked for more than that.
DEFAULTS = {"pepita": (1e-6, 1e-8, 10.0, {"step": 0.9, "tail": 1e-7})}
FIRST_ORDER = (1e-8, 1e-10, 1e4, {})
MAX_POINTS = 60_000  # at four directions; twice as many for each one more


@dataclass(frozen=True)
class Trajectory:
    """Order parameters at `t` (n,): Q (n, K, K), R (n, K, M), v (n, K), a (n, K), error (n,).

    status: "completed", "runaway" (an order parameter passed the limit), "stalled" (the solver
    could not go on) or "too many steps"; `t_end` is when, and entries after it are NaN. `problem`
    holds the initial state and the constants.
    """

    t: np.ndarray
    Q: np.ndarray
    R: np.ndarray
    v: np.ndarray
    a: np.ndarray
    generalization_error: np.ndarray
    status: str
    t_end: float
    evaluations: int
    problem: Problem
    solution: OdeSolution

    def at(self, t):
        """The same trajectory at other times, from the solver's dense output."""
        return _trajectory(self.problem, times(t), self.solution, self.status, self.evaluations)


def integrate(rule, *, t, rtol=None, atol=None, runaway=None, max_evaluations=200_000, **given):
    """Solve the ODE of `drift` from t = 0; keywords of the state as in `drift`.

    Parameters
    ----------
    t: increasing times asked for, or one final time (then 0 and 100 log-spaced times up to it).
    rtol, atol: tolerances of the solver (DOP853, order 8); by default 1e-8 and 1e-10, PEPITA 1e-6
        and 1e-8.
    runaway: stop when a Q_kk exceeds this many times the largest T_mm (or 1); by default 1e4, and
        10 for PEPITA, whose feedback then grows without bound.
    max_evaluations: stop after this many evaluations of the drift.

    Returns a `Trajectory`. Raises ValueError as `drift` does, and for impossible overlaps.
    """
    problem = build(rule, **given)
    check_covariance(problem)
    asked = times(t)
    default_rtol, default_atol, default_runaway, options = DEFAULTS.get(rule, FIRST_ORDER)
    if rule == "pepita":
        options = {"max_points": MAX_POINTS * 2 ** max(0, problem.K + problem.M - 4)} | options
    limit = (runaway or default_runaway) * max(1.0, np.diag(problem.T).max())
    if not _largest(problem, problem_state(problem)) < limit:
        raise ValueError(f"Q starts beyond the runaway limit {limit:g}; give a larger `runaway`")
    solver = DOP853(
        lambda _, y: _rates(problem, y, options),
        0.0,
        problem_state(problem),
        max(asked[-1], 1e-12),
        rtol=rtol or default_rtol,
        atol=atol or default_atol,
    )
    solution, status = _solve(problem, solver, limit, max_evaluations)
    return _trajectory(problem, asked, solution, status, solver.nfev)


def problem_state(problem):
    """The vector (Q, R, v, a) that evolves."""
    return np.concatenate([x.ravel() for x in (problem.Q, problem.R, problem.v, problem.a)])


def unpack(problem, y):
    """Q, R, v, a as views of states `y` (..., size)."""
    K, M = problem.K, problem.M
    Q, R, v, a = np.split(y, np.cumsum([K * K, K * M, K]), axis=-1)
    lead = y.shape[:-1]
    return dict(Q=Q.reshape(*lead, K, K), R=R.reshape(*lead, K, M), v=v, a=a)


def _rates(problem, y, options):
    """d/dt of the state; NaN where a trial step is so far out that the drift has no value.

    The solver then tries a shorter step, and ends as stalled if none will do.
    """
    try:
        rates = evaluate(replace(problem, **unpack(problem, y)), **options)
    except np.linalg.LinAlgError:
        return np.full_like(y, np.nan)
    return np.concatenate([rates[name].ravel() for name in ("dQ", "dR", "dv", "da")])


def _largest(problem, y):
    return np.diag(unpack(problem, y)["Q"]).max()


def _solve(problem, solver, limit, max_evaluations):
    """Step to the end, a runaway, a stall or the last evaluation allowed."""
    knots, pieces, status = [0.0], [], "completed"
    while solver.status == "running" and status == "completed":
        solver.step()
        if solver.status == "failed" or not np.isfinite(solver.y).all():
            status = "stalled"
            break
        pieces.append(solver.dense_output())
        knots.append(solver.t)
        if _largest(problem, solver.y) > limit:
            status = "runaway"
            knots[-1] = brentq(lambda t: _largest(problem, pieces[-1](t)) - limit, *knots[-2:])
        elif solver.nfev > max_evaluations:
            status = "too many steps"
    return (OdeSolution(knots, pieces) if pieces else None), status


def _trajectory(problem, t, solution, status, evaluations):
    t_end = solution.t_max if solution else 0.0
    start = problem_state(problem)
    y = np.full((len(t), len(start)), np.nan)
    reached = t <= t_end
    if solution:
        y[reached] = solution(t[reached]).T
    y[t == 0] = start
    order = unpack(problem, y)
    error = np.array([_error(problem, row) for row in y])
    return Trajectory(t, **order, generalization_error=error, status=status, t_end=t_end,
                      evaluations=evaluations, problem=problem, solution=solution)  # fmt: skip


def _error(problem, y):
    return error_of(replace(problem, **unpack(problem, y)))
