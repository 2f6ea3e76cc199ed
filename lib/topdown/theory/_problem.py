"""One checked description of a teacher-student problem, shared by drift, integrate and simulate."""

from dataclasses import MISSING, dataclass, fields

import numpy as np

from topdown.errors import UsageError

from . import _checks as check

RULES = ("bp", "fa", "afa", "pepita")
"""The rules whose order parameters obey a closed ODE, or are simulated."""
ACTIVITIES = ("modulated", "clean")


@dataclass(frozen=True)
class Problem:
    """Order parameters, constants and options; K student and M teacher units, C outputs.

    Q (K, K), R (K, M), T (M, M): overlaps of the first layers / D. v (K, C), v_teacher (M, C):
    output weights. a (K, C), b (M, C), G (C, C): overlaps of the feedback vectors with student,
    teacher and themselves. feedback (K, C): FA's fixed factors. With `outputs` None these stand for
    one output, as vectors (K,), (M,) and a number G. Arrays may have one leading axis, of states.
    eta_w, eta_v: rates of the two layers. gamma: PEPITA's feedback strength. label_noise: standard
    deviation of the noise on each of the teacher's outputs.
    """

    rule: str
    Q: np.ndarray
    R: np.ndarray
    T: np.ndarray
    v: np.ndarray
    v_teacher: np.ndarray
    eta_w: float
    eta_v: float
    a: np.ndarray = None
    b: np.ndarray = None
    feedback: np.ndarray = None
    gamma: float = None
    G: float | np.ndarray = None
    presynaptic: str = "modulated"
    output_activity: str = "modulated"
    label_noise: float = 0.0
    outputs: int | None = None

    @property
    def K(self):
        """Number of student units."""
        return self.Q.shape[-1]

    @property
    def M(self):
        """Number of teacher units."""
        return self.T.shape[-1]

    @property
    def C(self):
        """Number of outputs."""
        return self.outputs or 1

    def matrix(self, x):
        """Anything with an axis of outputs, as the matrix (..., C) that it stands for."""
        return x[..., None] if self.outputs is None else x

    def as_given(self, x):
        """The inverse of `matrix`: vectors again where vectors were given."""
        return x[..., 0] if self.outputs is None else x

    @property
    def readout(self):
        """u = (v, -v_teacher), (K+M, C): errors e_c = sum_i u_ic g(z_i), z = (lambda, nu)."""
        return np.concatenate([self.matrix(self.v), -self.matrix(self.v_teacher)], axis=-2)

    @property
    def feedback_overlaps(self):
        """(a, b), (K+M, C): covariance of the fields of F with (lambda, nu)."""
        return np.concatenate([self.matrix(self.a), self.matrix(self.b)], axis=-2)

    @property
    def feedback_covariance(self):
        """G as a matrix (C, C): covariance of the fields of F."""
        return np.reshape(self.G, (self.C, self.C))

    @property
    def covariance(self):
        """Covariance (K+M, K+M) of the fields (lambda, nu)."""
        below = np.concatenate([self.R.swapaxes(-1, -2), self.T], axis=-1)
        return np.concatenate([np.concatenate([self.Q, self.R], axis=-1), below], axis=-2)


def build(rule, **given):
    """Checked `Problem` from the keywords of `drift`; a UsageError names what is wrong."""
    check.one_of("rule", rule, RULES)
    _check_names(rule, given)
    shapes = _shapes(given)
    given = {name: value for name, value in given.items() if value is not None}
    if rule in ("bp", "fa"):  # F plays no part: a, b only track it
        given = {"a": np.zeros(shapes["a"]), "b": np.zeros(shapes["b"]), **given}
    vectors = len(shapes["v"]) == 1
    numbers = {"eta_w", "eta_v", "gamma", "label_noise"} | ({"G"} if vectors else set())
    for name in shapes.keys() & given.keys() - numbers:
        given[name] = check.array(name, given[name], shapes[name])
    for name in numbers & given.keys():
        given[name] = check.number(name, given[name])
    for name in {"presynaptic", "output_activity"} & given.keys():
        check.one_of(name, given[name], ACTIVITIES)
    problem = Problem(rule, **given, outputs=None if vectors else shapes["v"][1])
    _check_needs(problem)
    return problem


def _shapes(given):
    """The shape of every array, from those of v and v_teacher: vectors, or matrices (., C)."""
    sizes = np.shape(given["v"])
    if len(sizes) not in (1, 2) or 0 in sizes:
        raise UsageError(f"v has shape {sizes}; give (K,), or (K, C) for C outputs")
    (K, *outputs), M = sizes, len(np.atleast_1d(given["v_teacher"]))
    student, teacher = (K, *outputs), (M, *outputs)
    return dict(Q=(K, K), R=(K, M), T=(M, M), v=student, v_teacher=teacher, a=student, b=teacher,
                feedback=student, G=(*outputs, *outputs))  # fmt: skip


def check_covariance(problem, with_feedback=True):
    """UsageError if no weights and feedback vectors can have these overlaps."""
    check.symmetric("Q", problem.Q)
    check.symmetric("T", problem.T)
    check.positive_semidefinite(
        "the joint covariance of (Q, R, T)",
        problem.covariance,
        "no weights have these overlaps; make |R| smaller or Q, T larger",
    )
    if with_feedback and problem.G is not None:
        G, overlaps = problem.feedback_covariance, problem.feedback_overlaps
        check.symmetric("G", G)
        check.positive_semidefinite(
            f"the joint covariance of (Q, R, T, a, b, G={check.short(problem.G)})",
            np.block([[problem.covariance, overlaps], [overlaps.T, G]]),
            "no feedback vector has these overlaps; make a, b smaller or G larger "
            f"(at least {check.short(least_G(problem))})",
        )


def least_G(problem):
    """Smallest G = F_c.F_d/D that the overlaps o = (a, b) allow: o' C^+ o, shaped like G."""
    overlaps = problem.feedback_overlaps
    least = overlaps.T @ np.linalg.pinv(problem.covariance, rcond=1e-12) @ overlaps
    return least.item() if problem.outputs is None else least


def _check_names(rule, given):
    known = {field.name: field for field in fields(Problem)[1:-1]}
    for name in given.keys() - known.keys():
        check.one_of(f"parameter for {rule}", name, list(known))
    missing = [
        name
        for name, field in known.items()
        if field.default is MISSING and given.get(name) is None
    ]
    check.nothing_missing(rule, missing)


def _check_needs(problem):
    needs = {
        "fa": ["feedback"],
        "afa": ["a", "b"],
        "pepita": ["a", "b", "gamma"] + ["G"] * (problem.presynaptic == "modulated"),
    }
    missing = [n for n in needs.get(problem.rule, []) if getattr(problem, n) is None]
    check.nothing_missing(problem.rule, missing)
