"""Online learning at finite D from given order parameters, all rules on the same stream."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from ._checks import number, times
from ._drift import error_of
from ._online import ADAPTIVE, FIXED, TWO_PASS, learn_block
from ._problem import Problem, build, check_covariance
from ._weights import default_G, initial_vectors, kappa, order_parameters

BLOCK = 2**20  # numbers drawn at a time (8 MB)


@dataclass(frozen=True)
class Simulation:
    """Order parameters at `t` (n,), as in `Trajectory`; a leading axis for a sequence of seeds."""

    t: np.ndarray
    Q: np.ndarray
    R: np.ndarray
    v: np.ndarray
    a: np.ndarray
    generalization_error: np.ndarray
    D: int
    seed: int | tuple
    scaling: str
    problem: Problem


def simulate(rule, D, *, t, seed=0, scaling="macro", workers=1, **given):
    """Stochastic gradient descent, one fresh sample a step, t = steps / D; keywords as in `drift`.

    The initial overlaps, those with F included, equal the given ones to rounding. Weights at t = 0,
    samples and label noise depend on the seed (and D) alone: rules share them.

    Parameters
    ----------
    rule: one rule, or a sequence of them, which then share every sample drawn (cheaper).
    D: number of inputs, at least K + M + C.
    t: as in `integrate`; rounded to whole steps (the result's `t` is exact).
    seed: one integer, or a sequence: every field of the result then has a leading axis.
    scaling: how large F is, if G is not given. "macro": F_c.F_d/D = delta_cd beyond what a, b need,
        and kappa = 1: order parameters average themselves as D grows. "micro": entries of F are
        O(1) and kappa = sqrt D, so a = w.F/sqrt D and G = D; then a(t) keeps fluctuations of order
        one (`micro_noise`), and PEPITA runs away unless gamma << 1/D.
    workers: threads, over seeds.

    Returns a `Simulation`, or a dict of them by rule if `rule` is a sequence. Raises UsageError as
    `integrate` does.
    """
    rules = [rule] if isinstance(rule, str) else list(rule)
    seeds = [seed] if np.ndim(seed) == 0 else list(seed)
    D = int(number("D", D, least=1))
    kappa(scaling, D)
    problems = [_with_G(name, given, D, scaling) for name in rules]
    steps = np.round(times(t) * D).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        runs = list(pool.map(lambda s: _run(problems, D, steps, s), seeds))
    results = {}
    for i, name in enumerate(rules):
        order = {key: np.array([run[i][key] for run in runs]) for key in runs[0][i]}
        if np.ndim(seed) == 0:
            order = {key: value[0] for key, value in order.items()}
        label = int(seed) if np.ndim(seed) == 0 else tuple(int(s) for s in seeds)
        results[name] = Simulation(steps / D, **order, D=D, seed=label, scaling=scaling,
                                   problem=problems[i])  # fmt: skip
    return results[rule] if isinstance(rule, str) else results


def _with_G(rule, given, D, scaling):
    """The checked problem; a G that is not given follows from the overlaps and the scaling."""
    if given.get("G") is not None:
        problem = build(rule, **given)
    else:
        problem = build(rule, **given | {"G": np.zeros(2 * np.shape(given.get("v"))[1:])})
        problem = replace(problem, G=default_G(problem, D, scaling))
    check_covariance(problem)
    return problem


def _run(problems, D, steps, seed):
    """All rules over one stream: for each, a dict of arrays (n, ...)."""
    initial, samples, noise = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    start = initial_vectors(problems[0], D, problems[0].G, initial)
    learners = [_Learner(problem, start) for problem in problems]
    records, done, C = [[] for _ in problems], 0, problems[0].C
    for step in steps:
        while done < step:
            n = min(step - done, max(1, BLOCK // D))
            X, disturbance = samples.standard_normal((n, D)), noise.standard_normal((n, C))
            for learner in learners:
                learner.learn(X, disturbance)
            done += n
        for record, learner in zip(records, learners):
            record.append(learner.measure())
    return [{key: np.array([r[key] for r in record]) for key in record[0]} for record in records]


class _Learner:
    """Weights of one rule at one seed."""

    def __init__(self, problem, start):
        self.problem, p = problem, problem
        self.w, self.w_teacher, self.F = (vectors.copy() for vectors in start)
        self.rows, self.v = np.ascontiguousarray(p.matrix(self.F).T), p.v.copy()
        two_pass = p.rule == "pepita" and p.gamma > 0
        self.mode = TWO_PASS if two_pass else ADAPTIVE if p.rule in ("afa", "pepita") else FIXED

    def learn(self, X, disturbance):
        """Go through the samples X (n, D), label noise included."""
        p = self.problem
        v = p.matrix(self.v)  # a view: learning changes self.v
        clean = p.presynaptic == "clean", p.output_activity == "clean"
        f = p.matrix(p.feedback) if p.rule == "fa" else v
        learn_block(X, p.label_noise * disturbance, self.w, v, self.w_teacher,
                    p.matrix(p.v_teacher), f, self.rows, self.mode, p.gamma or 1.0, clean, p.eta_w,
                    p.eta_v)  # fmt: skip

    def measure(self):
        """The order parameters now."""
        order = order_parameters(self.w, self.w_teacher, self.F)
        now = dict(Q=order["Q"], R=order["R"], v=self.v.copy(), a=order["a"])
        return now | {"generalization_error": error_of(replace(self.problem, **now))}
