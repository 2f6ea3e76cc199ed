"""Trajectories of the order parameters: the ODE of `drift`, solved adaptively."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.integrate import DOP853, OdeSolution, solve_ivp
from scipy.optimize import brentq

from topdown.errors import UsageError

from ._checks import one_of, times
from ._drift import FEEDBACK_FACTORS, error_of, evaluate
from ._problem import Problem, build, check_covariance

# (rtol, atol, runaway, options of the drift): a PEPITA run costs 1e-7 s a node and evaluation, so
# its quadrature is held to errors of about 1e-6, and the solver is not asked for more than that.
DEFAULTS = {"pepita": (1e-6, 1e-8, 10.0, {"step": 0.9, "tail": 1e-7})}
FIRST_ORDER = (1e-8, 1e-10, 1e4, {})
MAX_POINTS = 60_000  # at four directions; twice as many for each one more


@dataclass(frozen=True)
class Trajectory:
    """Order parameters at `t` (n,): Q (n, K, K), R (n, K, M), v (n, K, C), a (n, K, C), error (n,).

    v and a are (n, K) where vectors were given. From `integrate_many` every field but `t` has one
    leading axis more, and so have the arrays of `problem`, which holds the initial state and the
    constants. status: "completed", "runaway" (an order parameter passed the limit), "stalled" (the
    solver could not go on) or "too many steps"; `t_end` is when, and entries after it are NaN.
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
    solution: OdeSolution | None

    def at(self, t):
        """The same trajectory at other times, from the solver's dense output.

        Raises UsageError for a result of `integrate_many`, which keeps none.
        """
        if self.problem.Q.ndim > 2:
            raise UsageError("a batch has no dense output; ask integrate_many for the times `t`")
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

    Returns a `Trajectory`. Raises UsageError as `drift` does, and for impossible overlaps.
    """
    problem = build(rule, **given)
    check_covariance(problem)
    asked = times(t)
    default_rtol, default_atol, default_runaway, options = DEFAULTS.get(rule, FIRST_ORDER)
    if rule == "pepita":
        options = {"max_points": MAX_POINTS * 2 ** max(0, problem.K + problem.M - 4)} | options
    limit = (runaway or default_runaway) * max(1.0, np.diag(problem.T).max())
    if not _largest(problem.Q) < limit:
        raise UsageError(f"Q starts beyond the runaway limit {limit:g}; give a larger `runaway`")
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


def integrate_many(rule, states, *, t, rtol=1e-7, atol=1e-10, runaway=1e4, **common):
    """Solve the ODE of BP, FA or AFA from many states at once, on one clock of adaptive steps.

    Parameters
    ----------
    rule: "bp", "fa" or "afa".
    states: n dicts of keywords of `drift`, all with the same K, M and C.
    t: increasing times asked for, or one final time, as in `integrate`.
    rtol, atol: tolerances of the solver (DOP853), for the mean over all states.
    runaway: a state with a Q_kk beyond this many times its largest T_mm (or 1) is held there, and
        given as NaN from then on.
    common: keywords of `drift` that all states share.

    Returns one `Trajectory`; its arrays but `t`, `status` and `t_end` have a leading axis n.
    Raises UsageError as `integrate` does, and for states of different shapes.
    """
    one_of("rule", rule, FEEDBACK_FACTORS)
    problem, asked = _stack([build(rule, **common, **state) for state in states]), times(t)
    start, limit = problem_state(problem), runaway * np.maximum(1, _largest(problem.T))

    def held(y):
        return ~(_largest(unpack(problem, y)["Q"]) < limit)

    def moves(_, flat):
        y = flat.reshape(start.shape)
        return np.where(held(y)[:, None], 0.0, _rates(problem, y, {})).ravel()

    found = solve_ivp(moves, (0.0, max(asked[-1], 1e-12)), start.ravel(), "DOP853", t_eval=asked,
                      rtol=rtol, atol=atol)  # fmt: skip
    y = np.full((len(asked), *start.shape), np.nan)
    y[: len(found.t)] = found.y.T.reshape(-1, *start.shape)
    y[held(y)] = np.nan
    ends = np.where(np.isnan(y).any(-1), 0.0, asked[:, None]).max(0)
    status = np.where(ends == asked[-1], "completed", "runaway" if found.success else "stalled")
    return Trajectory(asked, **unpack(problem, y.swapaxes(0, 1)), status=status, t_end=ends,
                      generalization_error=_errors(problem, y).T, evaluations=found.nfev,
                      problem=problem, solution=None)  # fmt: skip


def _stack(problems):
    """One `Problem` whose arrays have a leading axis, of problems that differ in them alone."""
    arrays = {}
    for name, value in vars(problems[0]).items():
        if isinstance(value, np.ndarray):
            rows = [getattr(problem, name) for problem in problems]
            if any(row.shape != value.shape for row in rows):
                raise UsageError(f"the states differ in the shape of {name}; solve them apart")
            arrays[name] = np.stack(rows)
    return replace(problems[0], **arrays)


def problem_state(problem):
    """The vector (Q, R, v, a) that evolves; a leading axis of states stays."""
    lead = problem.Q.shape[:-2]
    parts = problem.Q, problem.R, problem.v, problem.a
    return np.concatenate([x.reshape(*lead, -1) for x in parts], axis=-1)


def unpack(problem, y):
    """Q, R, v, a as views of states `y` (..., size)."""
    K, M = problem.K, problem.M
    tail = problem.as_given(np.empty((K, problem.C))).shape
    shapes = dict(Q=(K, K), R=(K, M), v=tail, a=tail)
    ends = np.cumsum([np.prod(shape) for shape in shapes.values()])[:-1]
    parts = np.split(y, ends, axis=-1)
    return {name: x.reshape(*y.shape[:-1], *shapes[name]) for name, x in zip(shapes, parts)}


def _rates(problem, y, options):
    """d/dt of the state; NaN where a trial step is so far out that the drift has no value.

    The solver then tries a shorter step, and ends as stalled if none will do.
    """
    try:
        rates = evaluate(replace(problem, **unpack(problem, y)), **options)
    except np.linalg.LinAlgError:
        return np.full_like(y, np.nan)
    parts = (rates[name].reshape(*y.shape[:-1], -1) for name in ("dQ", "dR", "dv", "da"))
    return np.concatenate(list(parts), axis=-1)


def _largest(Q):
    """The largest diagonal element of matrices Q (..., K, K)."""
    return np.diagonal(Q, axis1=-2, axis2=-1).max(-1)


def _top(problem, y):
    return _largest(unpack(problem, y)["Q"])


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
        if _top(problem, solver.y) > limit:
            status = "runaway"
            knots[-1] = brentq(lambda t: _top(problem, pieces[-1](t)) - limit, *knots[-2:])
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
    error = _errors(problem, y)
    return Trajectory(t, **unpack(problem, y), generalization_error=error, status=status,
                      t_end=t_end, evaluations=evaluations, problem=problem,
                      solution=solution)  # fmt: skip


def _errors(problem, y):
    """The error at each time of states `y` (times, ..., size)."""
    return np.array([error_of(replace(problem, **unpack(problem, row))) for row in y])
