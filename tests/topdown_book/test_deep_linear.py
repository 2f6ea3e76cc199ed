"""Deep linear students: the ODE against gradients, literal two passes, simulation and limits."""

import numpy as np
import pytest

from topdown_book.figures import _deep_linear as linear
from topdown_book.figures._deep_linear import (
    LinearState,
    linear_drift,
    linear_integrate,
    linear_simulate,
    linear_start,
)

GOOD = np.array([[1.0, 0.4], [-0.3, 0.8]])  # eigenvalues with positive real parts


def flat(rates):
    return np.concatenate([x.ravel() for x in (*rates[:3], *rates[3])])


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_bp_follows_the_gradient_of_the_error_in_every_matrix_above_the_first(layers):
    state, step = linear_start(2, 3, layers, seed=3), 1e-6
    drift = linear_drift("bp", state, eta=0.3)[3]
    for layer, matrix in enumerate(state.upper):
        for place in np.ndindex(matrix.shape):
            errors = []
            for sign in (1, -1):
                upper = [m.copy() for m in state.upper]
                upper[layer][place] += sign * step
                moved = LinearState(state.Q, state.R, state.a, tuple(upper), state.T, state.b,
                                    state.G)
                errors.append(moved.generalization_error)
            slope = (errors[0] - errors[1]) / (2 * step)
            assert drift[layer][place] == pytest.approx(-0.3 * slope, abs=1e-7)


def test_bp_moves_q_and_r_by_the_gradient_in_the_first_matrix():
    state, D, eta = linear_start(2, 3, 3, seed=4), 40, 1e-7
    W, B, _ = linear._vectors(state, D, np.random.default_rng(0))
    A = state.heads[-1]
    dW = -A.T @ (A @ W - B)  # minus the gradient of |A W - B|^2 / 2
    dQ, dR, _, _ = linear_drift("bp", state, eta=eta)  # at a small rate: no term in eta^2
    assert dQ / eta == pytest.approx((dW @ W.T + W @ dW.T) / D, abs=1e-6)
    assert dR / eta == pytest.approx(dW @ B.T / D, abs=1e-6)


@pytest.mark.parametrize("layers", [2, 4])
def test_a_step_of_the_simulation_is_pepitas_two_passes_taken_literally(layers):
    state, D, eta, gamma = linear_start(2, 3, layers, seed=5), 30, 0.2, 0.7
    rng = np.random.default_rng(1)
    W, B, F = linear._vectors(state, D, rng)
    x, weights = rng.standard_normal(D) / np.sqrt(D), [W, *(m.copy() for m in state.upper)]

    def passed(x):
        h = [x]
        for matrix in weights:
            h.append(matrix @ h[-1])
        return h

    clean = passed(x)
    e = clean[-1] - B @ x
    second = passed(x - gamma * F @ e / D)
    expected = [m - (eta if k == 0 else eta / D) / gamma * np.outer(p - q, below) for k, (m, p, q,
                below) in enumerate(zip(weights[:-1], clean[1:], second[1:], second))]
    expected.append(weights[-1] - eta / D * np.outer(e, second[-2]))
    W, upper = W.copy(), [m.copy() for m in state.upper]
    linear._learn("pepita", W, upper, B, F, x, eta, gamma)
    for found, right in zip([W, *upper], expected):
        assert found == pytest.approx(right, abs=1e-12)


def test_pepita_minus_afa_is_exactly_linear_in_gamma():
    state = linear_start(3, 4, 3, seed=2)
    afa = flat(linear_drift("afa", state, eta=0.1))
    one, two = (flat(linear_drift("pepita", state, eta=0.1, gamma=g)) - afa for g in (0.2, 0.4))
    assert two == pytest.approx(2 * one, abs=1e-12)
    assert np.abs(one).max() > 1e-3


@pytest.mark.parametrize(("rule", "gamma"), [("bp", 0.0), ("afa", 0.0), ("pepita", 0.3)])
def test_simulations_follow_the_ode(rule, gamma):
    state, t = linear_start(2, 3, 3, seed=1, feedback=GOOD), [0.0, 10.0, 20.0]
    solved = linear_integrate(rule, state, t=t, eta=0.1, gamma=gamma)
    runs = [linear_simulate(rule, state, 200, t=t, eta=0.1, gamma=gamma, seed=s) for s in range(3)]
    for name in ("Q", "R", "a"):
        for k, right in enumerate(solved):
            mean = np.mean([getattr(run[k], name) for run in runs], axis=0)
            assert mean == pytest.approx(getattr(right, name), abs=1e-9 if k == 0 else 0.06)


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_the_effective_feedback_ends_at_the_teacher_applied_to_f(layers):
    state = linear_start(2, 4, layers, seed=6, feedback=GOOD)
    end = linear_integrate("afa", state, t=[0.0, 400.0], eta=0.1)[-1]
    assert end.generalization_error < 1e-8
    assert end.effective_feedback == pytest.approx(GOOD, abs=1e-3)


def test_one_eigenvalue_of_b_in_the_left_half_plane_prevents_learning():
    state = linear_start(2, 4, 3, seed=6, feedback=np.diag([1.0, -0.6]))
    end = linear_integrate("afa", state, t=[0.0, 400.0], eta=0.1, runaway=1e3)[-1]
    assert end.generalization_error > 0.05 * state.generalization_error


def test_impossible_overlaps_and_unknown_rules_are_errors():
    state = linear_start(2, 3, 2)
    wrong = LinearState(state.Q, 9 * np.ones((3, 2)), state.a, state.upper, state.T, state.b,
                        state.G)
    with pytest.raises(ValueError, match="not positive semi-definite"):
        linear_integrate("afa", wrong, t=[0.0, 1.0], eta=0.1)
    with pytest.raises(ValueError, match="did you mean 'pepita'"):
        linear_drift("pepitta", state, eta=0.1)


def test_all_layers_but_the_last_move_the_map_through_the_effective_feedback():
    """The mean motion of A W_1 - B under AFA, layer by layer, against the formula of the page."""
    state, D = linear_start(2, 3, 4, seed=7), 50
    W, B, F = linear._vectors(state, D, np.random.default_rng(2))
    heads, a = state.heads, W @ F / D
    A, E = heads[-1], heads[-1] @ W - B
    dW = -a @ E
    upper = [-(h @ a if h is not heads[-1] else np.eye(2)) @ E @ W.T @ below.T / D
             for h, below in zip(heads[1:], heads)]
    moved = A @ dW
    for layer, step in enumerate(upper):
        above = np.eye(2)
        for matrix in reversed(state.upper[layer + 1:]):
            above = above @ matrix
        moved = moved + above @ step @ heads[layer] @ W
    K = [W.T @ h.T @ h @ W / D for h in heads]
    expected = -state.effective_feedback @ E @ (np.eye(D) + K[0] + K[1]) - E @ K[2]
    assert moved == pytest.approx(expected, abs=1e-9)
