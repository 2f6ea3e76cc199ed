"""Gaussian averages of g(z) = erf(z/sqrt 2) and its slope, in closed form.

The public functions take the covariance `C` (n, n) of jointly Gaussian, centred fields z and return
the whole tensor over the indices asked for (default: all of them). Indices may repeat, and `C` may
be singular. The forms are those of the online-learning literature (Saad & Solla, Phys. Rev. E 52,
4225, 1995); the appendix on the theory derives them by tilting the Gaussian. Each formula stands
once, written for elements of C: arrays in Python, numbers in the compiled sums of `averages`, which
are in this file because numba's cache looks at one file only.
"""

import numpy as np
from numba import njit
from numba.extending import register_jitable


@register_jitable
def i2(ii, jj, ij):
    """E[g_i g_j]; rounding may carry a correlation past 1."""
    correlation = ij / np.sqrt((1 + ii) * (1 + jj))
    return 2 / np.pi * np.arcsin(np.minimum(1.0, np.maximum(-1.0, correlation)))


@register_jitable
def j2(ii, jj, ij):
    """E[g'_i g'_j]."""
    return 2 / np.pi / np.sqrt((1 + ii) * (1 + jj) - ij**2)


@register_jitable
def _tilted(mn, im, in_, jm, jn, ii, jj, ij):
    """Element (m, n) of the covariance that the slopes g'_i g'_j leave."""
    pulled = im * in_ * (1 + jj) + jm * jn * (1 + ii) - ij * (im * jn + in_ * jm)
    return mn - pulled / ((1 + ii) * (1 + jj) - ij**2)


def _open_grid(C, *choices):
    """Index arrays that broadcast against each other, one axis a choice; None is every field."""
    every = range(len(C))
    return np.ix_(*(every if choice is None else choice for choice in choices))


def I2(C, i=None, j=None):
    """E[g_i g_j] = (2/pi) asin(c_ij / sqrt((1 + c_ii)(1 + c_jj))), shape (i, j)."""
    i, j = _open_grid(C, i, j)
    return i2(C[i, i], C[j, j], C[i, j])


def J2(C, i=None, j=None):
    """E[g'_i g'_j] = (2/pi) / sqrt((1 + c_ii)(1 + c_jj) - c_ij^2), shape (i, j)."""
    i, j = _open_grid(C, i, j)
    return j2(C[i, i], C[j, j], C[i, j])


def I3(C, i=None, j=None, k=None):
    """E[g'_i z_j g_k], shape (i, j, k); linear in the covariances of z_j, free of c_jj.

    J2(i, k) [c_jk (1 + c_ii) - c_ij c_ik] / (1 + c_ii)
    """
    i, j, k = _open_grid(C, i, j, k)
    return j2(C[i, i], C[k, k], C[i, k]) * (C[j, k] - C[i, j] * C[i, k] / (1 + C[i, i]))


def J4(C, i=None, j=None, k=None, l=None):  # noqa: E741 (the index of the formula)
    """E[g'_i g'_j z_k z_l], shape (i, j, k, l): J2(i, j) times the tilted covariance."""
    i, j, k, l = _open_grid(C, i, j, k, l)  # noqa: E741
    pair = C[i, i], C[j, j], C[i, j]
    return j2(*pair) * _tilted(C[k, l], C[i, k], C[i, l], C[j, k], C[j, l], *pair)


def I4(C, i=None, j=None, k=None, l=None):  # noqa: E741
    """E[g'_i g'_j g_k g_l], shape (i, j, k, l).

    The slopes tilt the Gaussian: weight J2(i, j), covariance C - C_.,ij (1 + C_ij,ij)^-1 C_ij,. ;
    what is left is I2 in the tilted covariance.
    """
    i, j, k, l = _open_grid(C, i, j, k, l)  # noqa: E741
    pair = C[i, i], C[j, j], C[i, j]

    def tilted(m, n):
        return _tilted(C[m, n], C[i, m], C[i, n], C[j, m], C[j, n], *pair)

    return j2(*pair) * i2(tilted(k, k), tilted(l, l), tilted(k, l))


@njit(cache=True)
def averages(C, overlaps, f, u):
    """The three averages of the drift, for each of n states; N = K + M fields, c outputs.

    C (n, N, N): covariance of (lambda, nu). overlaps (n, N, c): their covariance with the fields of
    F. f (n, K, c): feedback factors. u (n, N, c): readout. With s_k = sum_c f_kc e_c, e_c = sum_i
    u_ic g_i, returns E[g'_k s_k z_j] (n, K, N + c), E[g'_k g'_l s_k s_l] (n, K, K) and E[e_c g_k]
    (n, K, c).
    """
    (n, N, c), K = u.shape, f.shape[1]
    pull, output = np.zeros((n, K, N + c)), np.zeros((n, K, c))
    growth, tilted = np.zeros((n, K, K)), np.zeros((N, N))
    for s in range(n):
        U = f[s] @ u[s].T  # s_k = sum_i U_ki g_i
        for k in range(K):
            for i in range(N):
                _add_slope(C[s], overlaps[s], U, k, i, pull[s])
                activity = i2(C[s, k, k], C[s, i, i], C[s, k, i])
                for j in range(c):
                    output[s, k, j] += activity * u[s, i, j]
            for l in range(k + 1):  # noqa: E741
                growth[s, k, l] = growth[s, l, k] = _square(C[s], U, k, l, tilted)
    return pull, growth, output


@njit(cache=True)
def _add_slope(C, overlaps, U, k, i, pull):
    """Add U_ki I3(k, j, i) to pull_kj for every field z_j, those of F included."""
    N = len(C)
    weight = U[k, i] * j2(C[k, k], C[i, i], C[k, i])
    shrink = C[k, i] / (1 + C[k, k])
    for j in range(N):
        pull[k, j] += weight * (C[i, j] - shrink * C[k, j])
    for c in range(overlaps.shape[1]):
        pull[k, N + c] += weight * (overlaps[i, c] - shrink * overlaps[k, c])


@njit(cache=True)
def _square(C, U, k, l, tilted):  # noqa: E741
    """sum_ij U_ki U_lj I4(k, l, i, j); `tilted` is room to work in."""
    N, pair = len(C), (C[k, k], C[l, l], C[k, l])
    for i in range(N):
        for j in range(i + 1):
            tilted[i, j] = _tilted(C[i, j], C[k, i], C[k, j], C[l, i], C[l, j], *pair)
    total = 0.0
    for i in range(N):
        total += U[k, i] * U[l, i] * i2(tilted[i, i], tilted[i, i], tilted[i, i])
        for j in range(i):
            both = U[k, i] * U[l, j] + U[k, j] * U[l, i]
            total += both * i2(tilted[i, i], tilted[j, j], tilted[i, j])
    return total * j2(*pair)
