"""Linear stability of the copies of the teacher under AFA: what replaces the rule of signs.

At a copy (K = M, distinct units) a_k = s_k b_p(k); signs and order drop out of the rates, so the
teacher itself stands for all copies. A deviation of w_k outside the teacher's span is seen by the
other units through g'_k g'_l alone; one within it, w_k = w_teacher_k + sum_j r_kj w_teacher_j,
couples to that of v. The appendix derives both matrices.
"""

import numpy as np

from . import _checks as check
from ._integrals import I2, I3, J2, J4


def copy_rates(*, T, v_teacher, b, eta_w, eta_v):
    """Rates at which small deviations from a perfect copy decay under AFA, for small eta.

    Outside the teacher's span, the eigenvalues of N_kl = eta_w (b_k.v_teacher_l) E[g'_k g'_l];
    within it, those of the linearised equations of (r (M, M), delta v (M, C)). T (M, M), v_teacher
    and b (M, C), or (M,) for one output. A copy is stable if and only if all real parts are
    positive. Returns the complex rates, (M,) outside and (M^2 + M C,) within.

    Raises UsageError for mismatched shapes and overlaps T that no weights have.
    """
    T, b, v = (np.asarray(x, dtype=float) for x in (T, b, v_teacher))
    M = len(b)
    check.array("T", T, (M, M))
    check.array("v_teacher", v, b.shape)
    check.positive_semidefinite("T", T, "no weights have these overlaps")
    b, v = b.reshape(M, -1), v.reshape(M, -1)
    outside = eta_w * (b @ v.T) * J2(T)
    return np.linalg.eigvals(outside), np.linalg.eigvals(_within(T, b, v, eta_w, eta_v))


def _within(T, b, v, eta_w, eta_v):
    """The matrix of minus the linearised equations; r and delta v flattened, one after the other.

    d r = -eta_w Y T^-1,  Y_km = sum_lj (b_k.v_l) E[g'_k g'_l z_j z_m] r_lj
                                 + sum_lc b_kc E[g'_k z_m g_l] delta v_lc,
    d delta v_kc = -eta_v (sum_lj v_lc E[g'_l z_j g_k] r_lj + sum_l E[g_k g_l] delta v_lc).
    """
    (M, C), slopes = b.shape, I3(T)
    Y = np.concatenate([
        np.einsum("kl,kljm->kmlj", b @ v.T, J4(T)).reshape(M, M, -1),
        np.einsum("kc,kml->kmlc", b, slopes).reshape(M, M, -1)], axis=2)  # fmt: skip
    r = eta_w * np.einsum("kmx,mj->kjx", Y, np.linalg.inv(T)).reshape(M * M, -1)
    by_r = np.einsum("lc,ljk->kclj", v, slopes).reshape(M * C, M * M)
    by_v = np.einsum("kl,cd->kcld", I2(T), np.eye(C)).reshape(M * C, M * C)
    return np.vstack([r, eta_v * np.hstack([by_r, by_v])])


def copies_attract(*, T, v_teacher, b, eta_w=1.0, eta_v=1.0):
    """Whether every rate of `copy_rates` has a positive real part; with one output, `can_learn`."""
    outside, within = copy_rates(T=T, v_teacher=v_teacher, b=b, eta_w=eta_w, eta_v=eta_v)
    return bool(min(outside.real.min(), within.real.min()) > 0)
