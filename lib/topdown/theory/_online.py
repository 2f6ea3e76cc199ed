"""One pass of online learning over a block of samples, compiled: the rules at finite D.

A step is literal: dot products with the sample, the errors, the update. `F` (C, D) is kappa F.
All functions change `w` (K, D) and `v` (K, C) in place.
"""

import math

import numpy as np
from numba import njit

ROOT_HALF = math.sqrt(0.5)
ROOT_2_OVER_PI = math.sqrt(2 / math.pi)
FIXED, ADAPTIVE, TWO_PASS = 0, 1, 2


@njit(cache=True, fastmath={"reassoc", "contract", "arcp"}, nogil=True)
def _project(vectors, x, root_D, fields):
    """fields_i = vectors_i . x / sqrt D."""
    for i in range(len(vectors)):
        total = 0.0
        for d in range(len(x)):
            total += vectors[i, d] * x[d]
        fields[i] = total / root_D


@njit(cache=True, nogil=True)
def _errors(readout, fields, sign, h, e):
    """e_c += sign sum_i readout_ic g(fields_i); leaves g(fields) in `h`."""
    for i in range(len(fields)):
        h[i] = math.erf(fields[i] * ROOT_HALF)
        for c in range(len(e)):
            e[c] += sign * readout[i, c] * h[i]


@njit(cache=True, nogil=True)
def _move(w, v, x, factors, h, e, eta_w, eta_v, root_D):
    """w_k -= (eta_w / sqrt D) factors_k x,  v_kc -= (eta_v / D) e_c h_k."""
    for k in range(len(v)):
        step = eta_w / root_D * factors[k]
        for d in range(len(x)):
            w[k, d] -= step * x[d]
        for c in range(len(e)):
            v[k, c] -= eta_v / root_D**2 * e[c] * h[k]


@njit(cache=True, fastmath={"reassoc", "contract", "arcp"}, nogil=True)
def _feedback(F, e, Fe):
    """Fe = sum_c F_c e_c."""
    Fe[:] = 0.0
    for c in range(len(e)):
        for d in range(len(Fe)):
            Fe[d] += F[c, d] * e[c]


@njit(cache=True, nogil=True)
def learn_block(X, noise, w, v, w_teacher, v_teacher, f, F, mode, gamma, clean, eta_w, eta_v):
    """Samples X (n, D), with `noise` (n, C) on the teacher's outputs, one after the other.

    mode FIXED: w_k -= (eta_w / sqrt D) g'_k (f_k.e) x, f (K, C) constant, or v itself (BP).
    mode ADAPTIVE: the same with f_k.e = w_k.(F e)/D. mode TWO_PASS: x' = x - (gamma / sqrt D) F e,
    w_k -= (eta_w / (gamma sqrt D)) (h_k - h'_k) x'. clean: whether (x, h) replace (x', h').
    """
    (n, D), (K, C), root_D = X.shape, v.shape, math.sqrt(X.shape[1])
    fields, teacher, signals = np.zeros(K), np.zeros(len(v_teacher)), np.zeros(K)
    h, h_modulated, spare = np.zeros(K), np.zeros(K), np.zeros(len(v_teacher))
    e, Fe, modulated = np.zeros(C), np.zeros(D), np.zeros(D)
    for s in range(n):
        x = X[s]
        _project(w, x, root_D, fields)
        _project(w_teacher, x, root_D, teacher)
        e[:] = -noise[s]
        _errors(v, fields, 1.0, h, e)
        _errors(v_teacher, teacher, -1.0, spare, e)
        if mode != FIXED:
            _feedback(F, e, Fe)
        if mode == TWO_PASS:
            modulated[:] = x - gamma / root_D * Fe
            _project(w, modulated, root_D, signals)
            for k in range(K):
                h_modulated[k] = math.erf(signals[k] * ROOT_HALF)
                signals[k] = (h[k] - h_modulated[k]) / gamma
            presynaptic = x if clean[0] else modulated
            _move(w, v, presynaptic, signals, h if clean[1] else h_modulated, e, eta_w, eta_v,
                  root_D)  # fmt: skip
            continue
        if mode == ADAPTIVE:
            _project(w, Fe, float(D), signals)
        for k in range(K):
            if mode == FIXED:
                signals[k] = np.sum(f[k] * e)
            signals[k] *= ROOT_2_OVER_PI * math.exp(-fields[k] * fields[k] / 2)
        _move(w, v, x, signals, h, e, eta_w, eta_v, root_D)
