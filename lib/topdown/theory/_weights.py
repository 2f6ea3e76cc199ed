"""Weights and feedback vectors of finite D with exactly given overlaps, and their overlaps back."""

import numpy as np

from ._checks import array
from ._problem import least_G


def initial_vectors(problem, D, G, rng):
    """Rows w (K, D), w_teacher (M, D), F (D,) whose overlaps / D are exactly those of `problem`.

    Random orthonormal directions (QR) are mixed by a square root of the covariance, so the overlaps
    hold to rounding at any D >= K + M + 1; a singular covariance is fine. The weights do not depend
    on a, b and G: F is their combination with the right overlaps plus a direction of its own.
    """
    n = problem.K + problem.M + 1
    if n > D:
        raise ValueError(f"D is {D}; K + M + 1 = {n} vectors need D >= {n}")
    directions = np.sqrt(D) * np.linalg.qr(rng.standard_normal((D, n)))[0].T
    variance, axes = np.linalg.eigh(problem.covariance)
    kept = variance > 1e-15 * variance[-1]
    scale = np.sqrt(np.where(kept, variance, 0))
    overlaps = np.divide(problem.feedback_overlaps @ axes, scale, where=kept, out=np.zeros(n - 1))
    F = np.append(overlaps, np.sqrt(max(G - overlaps @ overlaps, 0))) @ directions
    w, w_teacher = np.split((axes * scale) @ directions[:-1], [problem.K])
    return w, w_teacher, F


def default_G(problem, D, scaling):
    """G if none is given: |F|^2/D = 1 beyond the given overlaps (macro), or = 1 in all (micro)."""
    return D if scaling == "micro" else 1 + least_G(problem)


def order_parameters(w, w_teacher, F=None, scaling="macro"):
    """Overlaps of weights w (K, D), w_teacher (M, D) and a feedback vector F (D,), as a dict.

    Q = w.w/D, R = w.w_teacher/D, T = w_teacher.w_teacher/D, and with F: a = kappa w.F/D,
    b = kappa w_teacher.F/D, G = kappa^2 |F|^2/D, where kappa is 1 in the macro scaling of F and
    sqrt D in the micro scaling. Raises ValueError on mismatched shapes.
    """
    w, w_teacher = np.atleast_2d(w).astype(float), np.atleast_2d(w_teacher).astype(float)
    D = w.shape[1]
    array("w_teacher", w_teacher, (len(w_teacher), D))
    order = dict(Q=w @ w.T / D, R=w @ w_teacher.T / D, T=w_teacher @ w_teacher.T / D)
    if F is None:
        return order
    F = kappa(scaling, D) * array("F", F, (D,))
    return order | dict(a=w @ F / D, b=w_teacher @ F / D, G=F @ F / D)


def kappa(scaling, D):
    """The factor between F and the overlaps a, b: 1 (macro) or sqrt D (micro)."""
    factors = {"macro": 1.0, "micro": np.sqrt(D)}
    if scaling not in factors:
        raise ValueError(f"unknown scaling {scaling!r} (known: {', '.join(factors)})")
    return factors[scaling]
