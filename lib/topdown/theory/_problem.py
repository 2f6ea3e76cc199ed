"""One checked description of a teacher-student problem, shared by drift, integrate and simulate."""

from dataclasses import MISSING, dataclass, fields

import numpy as np

from . import _checks as check

RULES = ("bp", "fa", "afa", "pepita")
ACTIVITIES = ("modulated", "clean")


@dataclass(frozen=True)
class Problem:
    """Order parameters, constants and options; K student and M teacher units.

    Q (K, K), R (K, M), T (M, M): overlaps of the first layers / D. v (K,), v_teacher (M,): output
    weights. a (K,), b (M,), G: overlaps of the feedback vector with student, teacher and itself.
    eta_w, eta_v: rates of the two layers. feedback (K,): FA's fixed vector. gamma: PEPITA's
    feedback strength. label_noise: standard deviation of the noise on the teacher's output.
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
    G: float = None
    presynaptic: str = "modulated"
    output_activity: str = "modulated"
    label_noise: float = 0.0

    @property
    def K(self):
        """Number of student units."""
        return len(self.v)

    @property
    def M(self):
        """Number of teacher units."""
        return len(self.v_teacher)

    @property
    def readout(self):
        """u = (v, -v_teacher): the error is e = sum_i u_i g(z_i), z = (lambda, nu)."""
        return np.concatenate([self.v, -self.v_teacher])

    @property
    def feedback_overlaps(self):
        """(a, b): covariance of the field of F with (lambda, nu)."""
        return np.concatenate([self.a, self.b])

    @property
    def covariance(self):
        """Covariance (K+M, K+M) of the fields (lambda, nu)."""
        return np.block([[self.Q, self.R], [self.R.T, self.T]])

    def joint_covariance(self, G):
        """Covariance (K+M+1, K+M+1) of (lambda, nu, field of F), `G` the variance of the last."""
        column = self.feedback_overlaps[:, None]
        return np.block([[self.covariance, column], [column.T, np.array([[G]])]])


def build(rule, **given):
    """Checked `Problem` from the keywords of `drift`; a ValueError names what is wrong."""
    check.one_of("rule", rule, RULES)
    _check_names(rule, given)
    K, M = np.size(given["v"]), np.size(given["v_teacher"])
    shapes = dict(
        Q=(K, K), R=(K, M), T=(M, M), v=(K,), v_teacher=(M,), a=(K,), b=(M,), feedback=(K,)
    )
    given = {name: value for name, value in given.items() if value is not None}
    if rule in ("bp", "fa"):  # F plays no part: a, b only track it
        given = {"a": np.zeros(K), "b": np.zeros(M), **given}
    for name in shapes.keys() & given.keys():
        given[name] = check.array(name, given[name], shapes[name])
    for name in {"eta_w", "eta_v", "gamma", "G", "label_noise"} & given.keys():
        given[name] = check.number(name, given[name])
    for name in {"presynaptic", "output_activity"} & given.keys():
        check.one_of(name, given[name], ACTIVITIES)
    problem = Problem(rule, **given)
    _check_needs(problem)
    return problem


def check_covariance(problem, with_feedback=True):
    """Raise ValueError if no weights and feedback vector can have these overlaps."""
    check.symmetric("Q", problem.Q)
    check.symmetric("T", problem.T)
    check.positive_semidefinite(
        "the joint covariance of (Q, R, T)",
        problem.covariance,
        "no weights have these overlaps; make |R| smaller or Q, T larger",
    )
    if with_feedback and problem.G is not None:
        check.positive_semidefinite(
            f"the joint covariance of (Q, R, T, a, b, G={problem.G:g})",
            problem.joint_covariance(problem.G),
            "no feedback vector has these overlaps; make a, b smaller or G larger "
            f"(at least {least_G(problem):.4g})",
        )


def least_G(problem):
    """Smallest G = |F|^2/D that the overlaps (a, b) allow: (a, b) C^+ (a, b)."""
    overlaps = problem.feedback_overlaps
    return float(overlaps @ np.linalg.pinv(problem.covariance, rcond=1e-12) @ overlaps)


def _check_names(rule, given):
    known = {field.name: field for field in fields(Problem)[1:]}
    for name in given.keys() - known.keys():
        check.one_of(f"parameter for {rule}", name, list(known))
    missing = [
        name
        for name, field in known.items()
        if field.default is MISSING and given.get(name) is None
    ]
    if missing:
        raise ValueError(f"rule {rule!r} needs {', '.join(missing)}; give them by name")


def _check_needs(problem):
    needs = {
        "fa": ["feedback"],
        "afa": ["a", "b"],
        "pepita": ["a", "b", "gamma"] + ["G"] * (problem.presynaptic == "modulated"),
    }
    missing = [n for n in needs.get(problem.rule, []) if getattr(problem, n) is None]
    if missing:
        raise ValueError(f"rule {problem.rule!r} needs {', '.join(missing)}; give them by name")
