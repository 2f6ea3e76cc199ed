"""One pass of online learning over a block of samples, compiled: the rules at finite D.

A step is literal: dot products with the sample, the error, the update. `F` is kappa F throughout.
All functions change `w` (K, D) and `v` (K,) in place.
"""

import math

from numba import njit

ROOT_HALF = math.sqrt(0.5)
ROOT_2_OVER_PI = math.sqrt(2 / math.pi)


@njit(cache=True, fastmath={"reassoc", "contract", "arcp"}, nogil=True)
def _project(vectors, x, root_D, fields):
    """fields_i = vectors_i . x / sqrt D."""
    for i in range(len(vectors)):
        total = 0.0
        for d in range(len(x)):
            total += vectors[i, d] * x[d]
        fields[i] = total / root_D


@njit(cache=True, nogil=True)
def _output(readout, fields, h):
    """sum_i readout_i g(fields_i); leaves g(fields) in `h`."""
    total = 0.0
    for i in range(len(fields)):
        h[i] = math.erf(fields[i] * ROOT_HALF)
        total += readout[i] * h[i]
    return total


@njit(cache=True, nogil=True)
def _move(w, v, x, factors, h, e, eta_w, eta_v, root_D):
    """w_k -= (eta_w / sqrt D) factors_k x,  v_k -= (eta_v / D) e h_k."""
    for k in range(len(v)):
        step = eta_w / root_D * factors[k]
        for d in range(len(x)):
            w[k, d] -= step * x[d]
        v[k] -= eta_v / root_D**2 * e * h[k]


@njit(cache=True, nogil=True)
def first_order_block(X, noise, w, v, w_teacher, v_teacher, f, adaptive, F, eta_w, eta_v):
    """BP (`f` is v itself), FA (`f` fixed), AFA (`adaptive`: f_k = w_k.F/D before each step)."""
    n, D = X.shape
    K, root_D = len(v), math.sqrt(D)
    fields, h = w[:, 0].copy(), w[:, 0].copy()
    teacher, spare = w_teacher[:, 0].copy(), w_teacher[:, 0].copy()
    factors, feedback = w[:, 0].copy(), w[:, 0].copy()
    for s in range(n):
        x = X[s]
        _project(w, x, root_D, fields)
        _project(w_teacher, x, root_D, teacher)
        e = _output(v, fields, h) - _output(v_teacher, teacher, spare) - noise[s]
        feedback[:] = f
        if adaptive:
            _project(w, F, float(D), feedback)
        for k in range(K):
            slope = ROOT_2_OVER_PI * math.exp(-fields[k] * fields[k] / 2)
            factors[k] = feedback[k] * slope * e
        _move(w, v, x, factors, h, e, eta_w, eta_v, root_D)


@njit(cache=True, nogil=True)
def two_pass_block(
    X, noise, w, v, w_teacher, v_teacher, gamma, clean_input, clean_output, F, eta_w, eta_v
):
    """PEPITA: x' = x - (gamma / sqrt D) F e, w_k -= (eta_w / (gamma sqrt D)) (h_k - h'_k) x'."""
    n, D = X.shape
    K, root_D = len(v), math.sqrt(D)
    fields, h, h_modulated = w[:, 0].copy(), w[:, 0].copy(), w[:, 0].copy()
    teacher, spare = w_teacher[:, 0].copy(), w_teacher[:, 0].copy()
    factors, modulated = w[:, 0].copy(), F.copy()
    for s in range(n):
        x = X[s]
        _project(w, x, root_D, fields)
        _project(w_teacher, x, root_D, teacher)
        e = _output(v, fields, h) - _output(v_teacher, teacher, spare) - noise[s]
        for d in range(D):
            modulated[d] = x[d] - gamma / root_D * F[d] * e
        _project(w, modulated, root_D, fields)
        _output(v, fields, h_modulated)
        for k in range(K):
            factors[k] = (h[k] - h_modulated[k]) / gamma
        presynaptic = x if clean_input else modulated
        activity = h if clean_output else h_modulated
        _move(w, v, presynaptic, factors, activity, e, eta_w, eta_v, root_D)
