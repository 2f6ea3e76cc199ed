"""Angles between output weights, the degenerate solution they approach and the adaptive feedback.

g is odd and hidden units are exchangeable, so with K = M every (w_k, v_k) = s_k (w_teacher_p(k),
v_teacher_p(k)), s_k = +-1 and p a permutation, has error 0: 2^K K! copies of the teacher. Which one
is reached is set by the signs of a; plain cos(v, v_teacher) may stay anywhere.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment


def alignment_cosine(x, y):
    """x.y / (|x| |y|) over the last axis, within [-1, 1]; NaN if one of them is zero."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape[-1:] != y.shape[-1:]:
        raise ValueError(f"vectors of lengths {x.shape[-1:]} and {y.shape[-1:]} have no angle")
    norms = np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip((x * y).sum(-1) / norms, -1.0, 1.0)


def alignment_angle(x, y):
    """Angle in degrees between x and y over the last axis."""
    return np.degrees(np.arccos(alignment_cosine(x, y)))


@dataclass(frozen=True)
class Copy:
    """A degenerate solution: student k stands for teacher `permutation[k]` times `signs[k]`.

    `v` (K,) are its output weights, d_k = s_k v_teacher_p(k); 0 (and permutation -1) for students
    beyond M. `overlap` is the mean |cosine| of the matched first-layer weights, 1 at a copy.
    """

    permutation: np.ndarray
    signs: np.ndarray
    v: np.ndarray
    overlap: float


def degenerate_solution(*, Q, R, T, v_teacher):
    """The copy of the teacher nearest to the student: signs and permutation from the overlaps.

    Maximises sum_k |R_k,p(k)| / sqrt(Q_kk T_pp) over matchings p; s_k = sign R_k,p(k). Q (K, K),
    R (K, M), T (M, M), v_teacher (M,).
    """
    Q, R, T = (np.asarray(x, dtype=float) for x in (Q, R, T))
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.nan_to_num(R / np.sqrt(np.outer(np.diag(Q), np.diag(T))))
    rows, columns = linear_sum_assignment(-np.abs(cosine))
    permutation, signs = np.full(len(Q), -1), np.zeros(len(Q))
    permutation[rows], signs[rows] = columns, np.where(R[rows, columns] < 0, -1.0, 1.0)
    v = signs * np.where(permutation < 0, 0, np.asarray(v_teacher, dtype=float)[permutation])
    return Copy(permutation, signs, v, float(np.abs(cosine[rows, columns]).mean()))


def expected_solution(a, v_teacher, permutation=None):
    """Output weights (K,) of the copy that the signs of a(0) announce: d_k = sign(a_k) |vt_p(k)|.

    Adaptive feedback keeps the signs of a, and a copy is stable only where a_k v_k > 0. The
    permutation (default: the identity) is not known beforehand.
    """
    a, v_teacher = np.asarray(a, dtype=float), np.asarray(v_teacher, dtype=float)
    if permutation is None and len(a) != len(v_teacher):
        raise ValueError(f"a has {len(a)} units, v_teacher {len(v_teacher)}: give a permutation")
    permutation = range(len(a)) if permutation is None else permutation
    return np.sign(a) * np.abs(v_teacher[list(permutation)])


def alignment_angles(trajectory):
    """The three angles of a `Trajectory` or `Simulation` (degrees, shaped like its error), a dict.

    student_teacher: v and v_teacher (NaN unless K = M). student_degenerate: v and the copy nearest
    to the student at the last time reached. feedback_student: a and v (at a copy this is the angle
    of b and v_teacher, not 0).
    """
    v, a = trajectory.v, trajectory.a
    v_teacher = trajectory.problem.v_teacher
    same = len(v_teacher) == v.shape[-1]
    return {
        "student_teacher": alignment_angle(v, v_teacher if same else np.full(v.shape[-1], np.nan)),
        "student_degenerate": alignment_angle(v, final_copies(trajectory)),
        "feedback_student": alignment_angle(a, v),
    }


def final_copies(trajectory):
    """Output weights of the copy nearest to the student at the last finite time, (..., 1, K)."""
    p, v = trajectory.problem, trajectory.v
    last = np.flatnonzero(np.isfinite(v).all(axis=tuple(set(range(v.ndim)) - {v.ndim - 2})))[-1]
    Q, R = trajectory.Q[..., last, :, :], trajectory.R[..., last, :, :]
    lead = Q.shape[:-2]
    copies = [
        degenerate_solution(Q=q, R=r, T=p.T, v_teacher=p.v_teacher).v
        for q, r in zip(Q.reshape(-1, p.K, p.K), R.reshape(-1, p.K, p.M))
    ]
    return np.reshape(copies, (*lead, 1, p.K))
