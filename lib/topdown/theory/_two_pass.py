"""Drift of the exact two-pass rule, PEPITA at any feedback strength gamma, as D -> infinity.

lambda'_k = lambda_k - gamma a_k e, phi_k = (g(lambda_k) - g(lambda'_k)) / gamma. First order in
gamma, phi_k = a_k g'(lambda_k) e, which is AFA; that part is known in closed form, so only the
remainder rho_k = phi_k - a_k g'(lambda_k) e is integrated numerically. The limit gamma -> 0 is then
exact and the error of the quadrature shrinks with gamma. The integral runs over as many independent
Gaussians as the covariance of (lambda, nu) has directions, K + M or fewer.
"""

import math
import warnings

import numpy as np
from numba import njit

from ._first_order import error_slopes, output_slopes, squared_slopes
from ._quadrature import STEP, TAIL, nodes

ROOT_HALF = math.sqrt(0.5)
ROOT_2_OVER_PI = math.sqrt(2 / math.pi)


def two_pass_drift(problem, max_points=2_000_000, step=STEP, tail=TAIL):
    """dQ, dR, dv, da of PEPITA(gamma); the presynaptic field is z' = z - gamma e (a, b, G) or z.

    dQ_kl = -eta_w E[phi_k lambda'_l + phi_l lambda'_k] + eta_w^2 E[phi_k phi_l],
    dR_km = -eta_w E[phi_k nu'_m],   da_k = -eta_w E[phi_k (field of F)'],
    dv_k = -eta_v E[e h'_k], h'_k = g(lambda'_k), or with h_k = g(lambda_k) if `output_activity` is
    "clean". `max_points`, `step` and `tail` bound the cost of the quadrature, 1e-7 s a point.
    """
    K, M, eta, gamma = problem.K, problem.M, problem.eta_w, problem.gamma
    pull, work, growth = moments(problem, max_points, step, tail)
    if problem.presynaptic == "modulated":
        pull = pull - gamma * np.outer(work, np.append(problem.feedback_overlaps, problem.G))
    output = output_slopes(problem)
    if problem.output_activity == "modulated":
        output = output - gamma * work
    return {
        "dQ": -eta * (pull[:, :K] + pull[:, :K].T) + eta**2 * growth,
        "dR": -eta * pull[:, K : K + M],
        "dv": -problem.eta_v * output,
        "da": -eta * pull[:, K + M],
    }


def moments(problem, max_points, step, tail):
    """E[phi_k z_j] (K, K+M+1; last the field of F), E[phi_k e] (K,), E[phi_k phi_l] (K, K)."""
    a = problem.a
    loading, feedback_loading, error_loading, widths = directions(problem)
    X, W, used = nodes(widths, max_points, step, tail)
    if used > 1.3 * step and step == STEP:
        warnings.warn(
            f"PEPITA's integral over {len(widths)} directions needs more than {max_points} nodes; "
            "with those, errors of 1e-6 to 1e-4 are possible",
            stacklevel=2,
        )
    rest, work, growth = _averages(
        X, W, loading, error_loading, problem.readout, a, float(problem.gamma)
    )
    rest = np.column_stack([rest @ loading.T, rest @ feedback_loading])
    return (
        a[:, None] * error_slopes(problem) + rest,
        work,
        np.outer(a, a) * squared_slopes(problem) + growth,
    )


def directions(problem):
    """Independent Gaussians x behind the fields, and how sharply the integrand varies with each.

    Returns `loading` (K+M, r) with z = loading @ x, the regression (r,) of the field of F on x, the
    loading (r,) of the label noise in e, and the squared sharpness (r,): the variance that x_q
    gives to the fields, plus what reaches lambda' through gamma a e.
    """
    u, s2 = problem.readout, problem.label_noise**2
    variance, axes = np.linalg.eigh(problem.covariance)
    kept = variance > 1e-14 * variance[-1]
    variance, axes = variance[kept][::-1], axes[:, kept][:, ::-1]
    loading = axes * np.sqrt(variance)
    feedback_loading = problem.feedback_overlaps @ axes / np.sqrt(variance)
    strength = problem.gamma**2 * (problem.a @ problem.a)
    widths = variance + strength * 2 / np.pi * ((u[:, None] * loading) ** 2).sum(0)
    error_loading = np.zeros(len(widths))
    if s2 > 0:  # one more direction, seen by e alone
        loading = np.column_stack([loading, np.zeros(len(u))])
        feedback_loading = np.append(feedback_loading, 0.0)
        error_loading = np.append(error_loading, problem.label_noise)
        widths = np.append(widths, strength * s2)
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
    """E[rho_k x_q], E[phi_k e], E[phi_k phi_l - first_k first_l] over the nodes."""
    (n, r), N, K = X.shape, len(u), len(a)
    field, first, rho = np.zeros(N), np.zeros(K), np.zeros(K)
    rest, work, growth = np.zeros((K, r)), np.zeros(K), np.zeros((K, K))
    for p in range(n):
        x, weight = X[p], W[p]
        e = 0.0
        for q in range(r):
            e += error_loading[q] * x[q]
        for i in range(N):
            field[i] = 0.0
            for q in range(r):
                field[i] += loading[i, q] * x[q]
            e += u[i] * math.erf(field[i] * ROOT_HALF)
        for k in range(K):
            first[k] = a[k] * e * ROOT_2_OVER_PI * math.exp(-field[k] * field[k] / 2)
            rho[k] = _remainder(field[k], gamma * a[k] * e, first[k], gamma)
        for k in range(K):
            work[k] += weight * (first[k] + rho[k]) * e
            for q in range(r):
                rest[k, q] += weight * rho[k] * x[q]
            for m in range(K):
                growth[k, m] += weight * (rho[k] * (first[m] + rho[m]) + first[k] * rho[m])
    return rest, work, growth
