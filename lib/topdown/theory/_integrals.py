"""Gaussian averages of g(z) = erf(z/sqrt 2) and its slope, in closed form.

Every function takes the covariance `C` (n, n) of jointly Gaussian, centred fields z and returns the
whole tensor over the indices asked for (default: all of them). Indices may repeat. `C` may be
singular. The forms are those of the online-learning literature (Saad & Solla, Phys. Rev. E 52,
4225, 1995); the appendix on the theory derives them by tilting the Gaussian.
"""

import numpy as np


def _open_grid(C, *choices):
    """Index arrays that broadcast against each other, one axis a choice; None is every field."""
    every = range(len(C))
    return np.ix_(*(every if choice is None else choice for choice in choices))


def _arcsin(x):
    """Arc sine of a correlation; rounding may carry it past 1."""
    return np.arcsin(np.clip(x, -1.0, 1.0))


def I2(C, i=None, j=None):
    """E[g_i g_j] = (2/pi) asin(c_ij / sqrt((1 + c_ii)(1 + c_jj))), shape (i, j)."""
    i, j = _open_grid(C, i, j)
    return 2 / np.pi * _arcsin(C[i, j] / np.sqrt((1 + C[i, i]) * (1 + C[j, j])))


def J2(C, i=None, j=None):
    """E[g'_i g'_j] = (2/pi) / sqrt((1 + c_ii)(1 + c_jj) - c_ij^2), shape (i, j)."""
    i, j = _open_grid(C, i, j)
    return 2 / np.pi / np.sqrt((1 + C[i, i]) * (1 + C[j, j]) - C[i, j] ** 2)


def I3(C, i=None, j=None, k=None):
    """E[g'_i z_j g_k], shape (i, j, k); linear in the covariances of z_j, free of c_jj.

    (2/pi) [c_jk (1 + c_ii) - c_ij c_ik] / [(1 + c_ii) sqrt((1 + c_ii)(1 + c_kk) - c_ik^2)]
    """
    i, j, k = _open_grid(C, i, j, k)
    slope, overlap = 1 + C[i, i], C[i, k]
    root = np.sqrt(slope * (1 + C[k, k]) - overlap**2)
    return 2 / np.pi * (C[j, k] * slope - C[i, j] * overlap) / (slope * root)


def I4(C, i=None, j=None, k=None, l=None):  # noqa: E741 (the index of the formula)
    """E[g'_i g'_j g_k g_l], shape (i, j, k, l).

    The slopes tilt the Gaussian: weight J2(i, j), covariance C - C_.,ij (1 + C_ij,ij)^-1 C_ij,. ;
    what is left is I2 in the tilted covariance.
    """
    i, j, k, l = _open_grid(C, i, j, k, l)  # noqa: E741
    volume = (1 + C[i, i]) * (1 + C[j, j]) - C[i, j] ** 2

    def tilted(m, n):
        return (
            C[m, n]
            - (
                C[i, m] * C[i, n] * (1 + C[j, j])
                + C[j, m] * C[j, n] * (1 + C[i, i])
                - C[i, j] * (C[i, m] * C[j, n] + C[i, n] * C[j, m])
            )
            / volume
        )

    cosine = tilted(k, l) / np.sqrt((1 + tilted(k, k)) * (1 + tilted(l, l)))
    return 4 / np.pi**2 / np.sqrt(volume) * _arcsin(cosine)
