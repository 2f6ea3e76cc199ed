"""Brute-force averages and drifts, written from the update rules alone, for the other theory tests.

Nothing here uses a closed form: every average is a trapezoidal sum over all fields (and the label
noise), on a grid whose own accuracy is tested below.
"""

import numpy as np
import pytest
from scipy.special import erf

RADIUS = 7.0
STEPS = {1: 0.05, 2: 0.1, 3: 0.2, 4: 0.35}  # by number of fields: up to 3 million points


def g(z):
    return erf(z / np.sqrt(2))


def slope(z):
    return np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2)


def gaussian_grid(C, step=None):
    """Fields z (n, N) and weights (N,) such that E[f(z)] = f(z) @ weights, z ~ N(0, C), C > 0."""
    step = step or STEPS[len(C)]
    line = np.arange(-RADIUS, RADIUS + step / 2, step)
    x = np.stack([axis.ravel() for axis in np.meshgrid(*[line] * len(C), indexing="ij")])
    weights = np.exp(-0.5 * (x**2).sum(0))
    return np.linalg.cholesky(C) @ x, weights / weights.sum()


def random_state(K, M, seed, size=1.0):
    """Generic keywords of `drift`, with overlaps of actual vectors."""
    rng = np.random.default_rng(seed)
    vectors = size * rng.standard_normal((K + M + 1, K + M + 4)) / np.sqrt(K + M + 4)
    C = vectors @ vectors.T
    return dict(
        Q=C[:K, :K],
        R=C[:K, K:-1],
        T=C[K:-1, K:-1],
        a=C[:K, -1],
        b=C[K:-1, -1],
        G=C[-1, -1],
        v=rng.standard_normal(K),
        v_teacher=rng.standard_normal(M),
        feedback=rng.standard_normal(K),
        eta_w=0.3,
        eta_v=0.2,
    )


def brute_drift(rule, state, *, gamma=None, clean_input=False, clean_output=False, step=None):
    """The drift from averages of the literal update; the field of F enters by its regression."""
    s, K = state, len(state["v"])
    C = np.block([[s["Q"], s["R"]], [s["R"].T, s["T"]]])
    c = np.concatenate([s["a"], s["b"]])
    noise = s.get("label_noise", 0.0)
    covariance = np.pad(C, (0, 1)) if noise else C
    if noise:
        covariance[-1, -1] = 1.0
    z, weights = gaussian_grid(covariance, step)
    fields = z[: len(C)]
    error = np.concatenate([s["v"], -s["v_teacher"]]) @ g(fields)
    e = error - (noise * z[-1] if noise else 0.0)
    before = np.vstack([fields, np.linalg.solve(C, c) @ fields])  # (lambda, nu, field of F)
    after, h = before, g(fields[:K])
    if rule == "pepita":
        shift = np.append(c, s["G"])[:, None] * e
        h_after = g(fields[:K] - gamma * shift[:K])
        change = (h - h_after) / gamma
        after = before if clean_input else before - gamma * shift
        h = h if clean_output else h_after
    else:
        factor = {"bp": s["v"], "fa": s["feedback"], "afa": s["a"]}[rule]
        change = factor[:, None] * slope(fields[:K]) * e
    pull = (change * weights) @ after.T
    eta = s["eta_w"]
    return {
        "dQ": -eta * (pull[:, :K] + pull[:, :K].T) + eta**2 * (change * weights) @ change.T,
        "dR": -eta * pull[:, K:-1],
        "da": -eta * pull[:, -1],
        "dv": -s["eta_v"] * (h * e) @ weights,
        "generalization_error": 0.5 * error**2 @ weights,
    }


def largest_gap(ours, other):
    """Largest absolute difference over all entries of two drifts."""
    return max(np.abs(ours[name] - other[name]).max() for name in other)


@pytest.mark.parametrize("power, moment", [(2, 1), (4, 3), (6, 15)])
def test_the_grid_reproduces_gaussian_moments(power, moment):
    z, weights = gaussian_grid(np.array([[1.0, 0.3], [0.3, 1.0]]))
    assert z[1] ** power @ weights == pytest.approx(moment, abs=1e-6)


def test_halving_the_step_of_the_brute_force_changes_a_pepita_drift_below_1e9():
    state = random_state(2, 1, seed=3)
    coarse, fine = (brute_drift("pepita", state, gamma=0.7, step=h) for h in (0.2, 0.1))
    assert largest_gap(coarse, fine) < 1e-9
