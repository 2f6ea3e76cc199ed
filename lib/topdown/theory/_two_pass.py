"""Drift of the exact two-pass rule, PEPITA at any feedback strength gamma, as D -> infinity.

With s_k = a_k.e (a sum over outputs), lambda'_k = lambda_k - gamma s_k and phi_k = (g(lambda_k) -
g(lambda'_k)) / gamma. First order in gamma, phi_k = g'(lambda_k) s_k, which is AFA; that part is
known in closed form, so only the remainder rho_k = phi_k - g'(lambda_k) s_k is integrated. The
limit gamma -> 0 is then exact and the error of the quadrature shrinks with gamma. The integral runs
over as many independent Gaussians as the covariance of (lambda, nu) has directions, K + M or fewer.
"""

import math
import warnings

import numpy as np
from numba import njit

from ._first_order import first_order_moments
from ._quadrature import STEP, TAIL, nodes

ROOT_HALF = math.sqrt(0.5)
ROOT_2_OVER_PI = math.sqrt(2 / math.pi)


def two_pass_moments(problem, max_points=2_000_000, step=STEP, tail=TAIL):
    """What `rates` takes, for PEPITA(gamma): E[phi_k z'_j] (K, K+M+C), E[phi_k phi_l] (K, K) and
    E[e_c h'_k] (K, C), where z'_j = z_j - gamma o_j.e (o: a, b and G) or, clean, z_j; h'_k =
    g(lambda'_k) or, clean, g(lambda_k).

    `max_points`, `step` and `tail` bound the cost of the quadrature, 1e-7 s a point.
    """
    loading, feedback_loading, error_loading, widths = directions(problem)
    X, W, used = nodes(widths, max_points, step, tail)
    if used > 1.3 * step and step == STEP:
        warnings.warn(
            f"PEPITA's integral over {len(widths)} directions needs more than {max_points} nodes; "
            "with those, errors of 1e-6 to 1e-4 are possible",
            stacklevel=2,
        )
    a, gamma = np.ascontiguousarray(problem.matrix(problem.a)), float(problem.gamma)
    rest, work, more = _averages(X, W, loading, error_loading, problem.readout, a, gamma)
    pull, growth, output = first_order_moments(problem, a)
    pull = pull + np.column_stack([rest @ loading.T, rest @ feedback_loading])
    if problem.presynaptic == "modulated":
        shifts = np.concatenate([problem.feedback_overlaps, problem.feedback_covariance])
        pull = pull - gamma * work @ shifts.T
    if problem.output_activity == "modulated":
        output = output - gamma * work
    return pull, growth + more, output


def directions(problem):
    """Independent Gaussians x behind the fields, and how sharply the integrand varies with each.

    Returns `loading` (K+M, r) with z = loading @ x, the regression (r, C) of the fields of F on x,
    the loading (C, r) of the label noise in e, and the squared sharpness (r,): the variance that
    x_q gives to the fields, plus what reaches lambda' through gamma a.e.
    """
    u, overlaps, C = problem.readout, problem.feedback_overlaps, problem.C
    strength, a = problem.gamma**2, problem.matrix(problem.a)
    variance, axes = np.linalg.eigh(problem.covariance)
    kept = variance > 1e-14 * variance[-1]
    variance, axes = variance[kept][::-1], axes[:, kept][:, ::-1]
    loading = axes * np.sqrt(variance)
    feedback_loading = (overlaps.T @ axes / np.sqrt(variance)).T
    reach = ((a @ u.T) ** 2).sum(0)  # over students: how strongly g(z_i) moves lambda'
    widths = variance + strength * 2 / np.pi * (reach[:, None] * loading**2).sum(0)
    error_loading = np.zeros((C, len(widths)))
    if problem.label_noise > 0:  # a direction more for each output, seen by its error alone
        loading = np.pad(loading, ((0, 0), (0, C)))
        feedback_loading = np.pad(feedback_loading, ((0, C), (0, 0)))
        error_loading = np.hstack([error_loading, problem.label_noise * np.eye(C)])
        widths = np.append(widths, strength * problem.label_noise**2 * (a**2).sum(0))
    return loading, feedback_loading, error_loading, widths


@njit(cache=True)
def _remainder(field, shift, first, gamma):
    """rho = [g(field) - g(field - shift)]/gamma - first; as a series where this would cancel."""
    if abs(shift) < 3e-3:
        f2 = field * field
        third = shift / 24 * (f2 - 3) * field + shift**2 / 120 * (f2 * f2 - 6 * f2 + 3)
        return first * shift * (field / 2 + shift * ((f2 - 1) / 6 + third))
    return (math.erf(field * ROOT_HALF) - math.erf((field - shift) * ROOT_HALF)) / gamma - first


@njit(cache=True)
def _averages(X, W, loading, error_loading, u, a, gamma):
    """E[rho_k x_q], E[phi_k e_c], E[phi_k phi_l - first_k first_l] over the nodes."""
    (n, r), N, (K, C) = X.shape, len(u), a.shape
    first, rho, e = np.zeros(K), np.zeros(K), np.zeros(C)
    field = np.zeros(N)
    rest, work, growth = np.zeros((K, r)), np.zeros((K, C)), np.zeros((K, K))
    for p in range(n):
        x, weight = X[p], W[p]
        _errors(x, loading, error_loading, u, field, e)
        for k in range(K):
            signal = 0.0
            for c in range(C):
                signal += a[k, c] * e[c]
            first[k] = signal * ROOT_2_OVER_PI * math.exp(-field[k] * field[k] / 2)
            rho[k] = _remainder(field[k], gamma * signal, first[k], gamma)
        for k in range(K):
            for c in range(C):
                work[k, c] += weight * (first[k] + rho[k]) * e[c]
            for q in range(r):
                rest[k, q] += weight * rho[k] * x[q]
            for m in range(K):
                growth[k, m] += weight * (rho[k] * (first[m] + rho[m]) + first[k] * rho[m])
    return rest, work, growth


@njit(cache=True)
def _errors(x, loading, error_loading, u, field, e):
    """The fields and the errors at a node, in place."""
    e[:] = 0.0
    for c in range(len(e)):
        for q in range(len(x)):
            e[c] += error_loading[c, q] * x[q]
    for i in range(len(field)):
        field[i] = 0.0
        for q in range(len(x)):
            field[i] += loading[i, q] * x[q]
        activity = math.erf(field[i] * ROOT_HALF)
        for c in range(len(e)):
            e[c] += u[i, c] * activity
