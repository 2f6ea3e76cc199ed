"""Weights and feedback vectors of finite D with exactly given overlaps, and their overlaps back."""

import numpy as np

from topdown.errors import UsageError

from ._checks import array, one_of
from ._problem import least_G


def initial_vectors(problem, D, G, rng):
    """w (K, D), w_teacher (M, D), F (D, C) whose overlaps / D are exactly those of `problem`.

    Random orthonormal directions (QR) are mixed by a square root of the covariance, so the overlaps
    hold to rounding at any D >= K + M + C; a singular covariance is fine. The weights do not depend
    on a, b and G: each F_c is their combination with the right overlaps plus directions of its own.
    """
    N, C = problem.K + problem.M, problem.C
    if N + C > D:
        raise UsageError(f"D is {D}; K + M + C = {N + C} vectors need D >= {N + C}")
    directions = np.sqrt(D) * np.linalg.qr(rng.standard_normal((D, N + C)))[0].T
    variance, axes = np.linalg.eigh(problem.covariance)
    kept = variance > 1e-15 * variance[-1]
    scale = np.sqrt(np.where(kept, variance, 0))
    along = problem.feedback_overlaps.T @ axes
    along = np.divide(along, scale, where=kept, out=np.zeros((C, N)))
    own, turn = np.linalg.eigh(np.reshape(G, (C, C)) - along @ along.T)
    own = turn * np.sqrt(np.clip(own, 0, None)) @ turn.T
    F = (np.hstack([along, own]) @ directions).T
    w, w_teacher = np.split((axes * scale) @ directions[:N], [problem.K])
    return w, w_teacher, F.reshape(D, *np.shape(G)[1:])


def default_G(problem, D, scaling):
    """G if none is given: F_c.F_d/D = delta_cd beyond the overlaps (macro), or kappa^2 that."""
    one = 1.0 if problem.outputs is None else np.eye(problem.C)
    return D * one if scaling == "micro" else one + least_G(problem)


def order_parameters(w, w_teacher, F=None, scaling="macro"):
    """Overlaps of weights w (K, D), w_teacher (M, D) and feedback vectors F (D, C), as a dict.

    Q = w.w/D, R = w.w_teacher/D, T = w_teacher.w_teacher/D, and with F: a = kappa w.F/D (K, C),
    b = kappa w_teacher.F/D (M, C), G = kappa^2 F.F/D (C, C), where kappa is 1 in the macro scaling
    of F and sqrt D in the micro scaling; F (D,) is one output, with vectors a, b and a number G.
    Raises UsageError on mismatched shapes.
    """
    w, w_teacher = np.atleast_2d(w).astype(float), np.atleast_2d(w_teacher).astype(float)
    D = w.shape[1]
    array("w_teacher", w_teacher, (len(w_teacher), D))
    order = dict(Q=w @ w.T / D, R=w @ w_teacher.T / D, T=w_teacher @ w_teacher.T / D)
    if F is None:
        return order
    F = kappa(scaling, D) * array("F", F, (D, *np.shape(F)[1:]))
    return order | dict(a=w @ F / D, b=w_teacher @ F / D, G=F.T @ F / D)


def kappa(scaling, D):
    """The factor between F and the overlaps a, b: 1 (macro) or sqrt D (micro)."""
    factors = {"macro": 1.0, "micro": np.sqrt(D)}
    return factors[one_of("scaling", scaling, factors)]
