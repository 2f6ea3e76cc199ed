"""The drift of every rule against brute force, its limits and its symmetries."""

import numpy as np
import pytest
from test_theory_brute_force import brute_drift, largest_gap, random_state

from topdown.theory import RULES, drift, generalization_error

SIZES = [(2, 2), (1, 1), (1, 3), (3, 1)]


@pytest.mark.checks("ODEs of BP, FA and AFA", "eq-app-drift")
@pytest.mark.parametrize("rule", ["bp", "fa", "afa"])
@pytest.mark.parametrize("K, M", SIZES)
def test_closed_drift_equals_brute_force_to_1e8(rule, K, M):
    state = random_state(K, M, seed=K + 10 * M)
    assert largest_gap(drift(rule, **state), brute_drift(rule, state)) < 1e-8


@pytest.mark.checks("ODEs of exact PEPITA", "eq-ode-pepita")
@pytest.mark.parametrize("presynaptic", ["modulated", "clean"])
@pytest.mark.parametrize("output_activity", ["modulated", "clean"])
@pytest.mark.parametrize("K, M", [(2, 2), (1, 2), (3, 1)])
def test_exact_pepita_equals_brute_force_to_1e6_in_all_variants(K, M, presynaptic, output_activity):
    state = random_state(K, M, seed=K + 7 * M)
    ours = drift(
        "pepita", gamma=0.5, presynaptic=presynaptic, output_activity=output_activity, **state
    )
    clean = dict(clean_input=presynaptic == "clean", clean_output=output_activity == "clean")
    assert largest_gap(ours, brute_drift("pepita", state, gamma=0.5, **clean)) < 1e-6


@pytest.mark.parametrize("gamma", [0.05, 1.0, 2.0])
def test_exact_pepita_holds_from_weak_to_strong_feedback(gamma):
    state = random_state(1, 2, seed=5, size=1.5)
    brute = brute_drift("pepita", state, gamma=gamma, step=0.15)
    assert largest_gap(drift("pepita", gamma=gamma, **state), brute) < 1e-6


@pytest.mark.parametrize("rule", RULES)
def test_label_noise_enters_the_drift_as_in_brute_force(rule):
    state = random_state(1, 2, seed=6) | {"label_noise": 0.7}
    brute = brute_drift(rule, state, gamma=0.6)
    assert largest_gap(drift(rule, gamma=0.6, **state), brute) < 1e-7


def test_pepita_minus_afa_is_linear_in_gamma():
    state = random_state(2, 2, seed=8)
    limit = drift("afa", **state)
    gammas = np.logspace(-1, -6, 6)
    gaps = [largest_gap(drift("pepita", gamma=x, **state), limit) for x in gammas]
    slopes = np.diff(np.log(gaps)) / np.diff(np.log(gammas))
    assert np.abs(slopes[1:] - 1).max() < 0.02
    assert largest_gap(drift("pepita", gamma=0.0, **state), limit) == 0


@pytest.mark.parametrize("rule", RULES)
def test_relabelling_hidden_units_relabels_the_drift(rule):
    state, student, teacher = random_state(2, 2, seed=9), [1, 0], [1, 0]
    swapped = state | dict(
        Q=state["Q"][np.ix_(student, student)],
        R=state["R"][np.ix_(student, teacher)],
        T=state["T"][np.ix_(teacher, teacher)],
        **{name: state[name][student] for name in ("v", "a", "feedback")},
        **{name: state[name][teacher] for name in ("v_teacher", "b")},
    )
    d, other = drift(rule, gamma=0.4, **state), drift(rule, gamma=0.4, **swapped)
    assert other["dQ"] == pytest.approx(d["dQ"][np.ix_(student, student)], abs=1e-9)
    assert other["dR"] == pytest.approx(d["dR"][np.ix_(student, teacher)], abs=1e-9)
    assert other["dv"] == pytest.approx(d["dv"][student], abs=1e-9)
    assert other["da"] == pytest.approx(d["da"][student], abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_flipping_the_signs_of_a_hidden_unit_flips_its_drift(rule):
    state, s, m = random_state(2, 2, seed=10), np.array([1, -1]), np.array([-1, 1])
    flipped = state | dict(
        Q=state["Q"] * np.outer(s, s),
        R=state["R"] * np.outer(s, m),
        T=state["T"] * np.outer(m, m),
        **{name: s * state[name] for name in ("v", "a", "feedback")},
        **{name: m * state[name] for name in ("v_teacher", "b")},
    )
    d, other = drift(rule, gamma=0.4, **state), drift(rule, gamma=0.4, **flipped)
    assert other["dQ"] == pytest.approx(d["dQ"] * np.outer(s, s), abs=1e-9)
    assert other["dR"] == pytest.approx(d["dR"] * np.outer(s, m), abs=1e-9)
    assert other["dv"] == pytest.approx(s * d["dv"], abs=1e-9)
    assert other["da"] == pytest.approx(s * d["da"], abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_negating_outputs_and_feedback_together_changes_nothing_but_their_signs(rule):
    state = random_state(2, 2, seed=11)
    names = ("v", "v_teacher", "a", "b", "feedback")
    other = drift(rule, gamma=0.4, **state | {name: -state[name] for name in names})
    d = drift(rule, gamma=0.4, **state)
    assert other["dQ"] == pytest.approx(d["dQ"], abs=1e-9)
    assert other["dR"] == pytest.approx(d["dR"], abs=1e-9)
    assert other["dv"] == pytest.approx(-d["dv"], abs=1e-9)
    assert other["da"] == pytest.approx(-d["da"], abs=1e-9)


def test_negating_the_feedback_vector_alone_reverses_the_first_layer_of_afa():
    state = random_state(2, 2, seed=12)
    d, other = (drift("afa", **state | {"a": s * state["a"], "b": s * state["b"]}) for s in (1, -1))
    still = drift("afa", **state | {"eta_w": 2 * state["eta_w"]})
    second_order = (still["dQ"] - 2 * d["dQ"]) / 2  # eta^2 f f S: even in F
    assert other["dR"] == pytest.approx(-d["dR"])
    assert other["dv"] == pytest.approx(d["dv"])
    assert other["da"] == pytest.approx(d["da"])
    assert other["dQ"] - second_order == pytest.approx(-(d["dQ"] - second_order))


def test_pepita_depends_on_feedback_only_through_gamma_times_F():
    state, s = random_state(2, 2, seed=13), 3.0
    louder = dict(a=s * state["a"], b=s * state["b"], G=s**2 * state["G"], eta_w=0.3 / s)
    d = drift("pepita", gamma=0.6, **state)
    other = drift("pepita", gamma=0.6 / s, **state | louder)
    assert other["dQ"] == pytest.approx(d["dQ"], abs=1e-8)
    assert other["dR"] == pytest.approx(d["dR"], abs=1e-8)
    assert other["da"] == pytest.approx(s * d["da"], abs=1e-8)


def test_fa_and_afa_are_bp_when_their_feedback_is_the_output_weights():
    state = random_state(2, 3, seed=14)
    state["a"] = state["feedback"] = state["v"]
    bp = drift("bp", **state)
    for rule in ("fa", "afa"):
        assert largest_gap(drift(rule, **state), bp) == 0


@pytest.mark.parametrize("rule", RULES)
def test_a_layer_without_rate_does_not_move(rule):
    state = random_state(2, 2, seed=15)
    still = drift(rule, gamma=0.3, **state | {"eta_w": 0.0})
    assert not any(still[name].any() for name in ("dQ", "dR", "da"))
    assert not drift(rule, gamma=0.3, **state | {"eta_v": 0.0})["dv"].any()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("permutation, signs", [([0, 1], [1, 1]), ([1, 0], [-1, 1])])
def test_every_copy_of_the_teacher_is_a_fixed_point_of_every_rule(rule, permutation, signs):
    state, s = random_state(2, 2, seed=16), np.array(signs)
    T, R = state["T"], s[:, None] * state["T"][permutation]
    copy = dict(Q=R[:, permutation] * s, R=R, v=s * state["v_teacher"][permutation])
    copy |= dict(a=s * state["b"][permutation])
    d = drift(rule, gamma=0.4, **state | copy | {"T": T})
    assert max(np.abs(x).max() for x in d.values()) < 1e-14


@pytest.mark.parametrize("K", [2, 3, 5])
def test_bp_rests_on_the_symmetric_plateau_of_saad_and_solla(K):
    """Soft committee at vanishing rate: Q = C = 1/(2K-1), R = S = 1/sqrt(K(2K-1)).

    Saad & Solla, Phys. Rev. E 52, 4225 (1995): error (K/pi)(pi/6 - K asin(1/(2K))) there.
    """
    ones, eta = np.ones(K), 1e-7
    state = dict(
        Q=np.full((K, K), 1 / (2 * K - 1)),
        R=np.full((K, K), 1 / np.sqrt(K * (2 * K - 1))),
        T=np.eye(K),
    )
    d = drift("bp", **state, v=ones, v_teacher=ones, a=0 * ones, b=0 * ones, eta_w=eta, eta_v=0.0)
    assert np.abs(d["dQ"]).max() / eta < 1e-6  # the term of order eta^2 is what is left
    assert np.abs(d["dR"]).max() / eta < 1e-13
    plateau = K / np.pi * (np.pi / 6 - K * np.arcsin(1 / (2 * K)))
    assert d["generalization_error"] == pytest.approx(plateau, abs=1e-14)


def test_afa_cannot_move_a_feedback_overlap_that_is_zero():
    state = random_state(2, 2, seed=17)
    state["a"][1] = 0.0
    assert drift("afa", **state)["da"][1] == 0
    assert drift("afa", **state)["da"][0] != 0


def test_bp_at_vanishing_rate_descends_the_generalization_error():
    names = ("Q", "R", "T", "v", "v_teacher")
    for seed in range(20):
        state = random_state(2, 3, seed) | {"eta_w": 1e-6, "eta_v": 1e-6}
        d, step = drift("bp", **state), 1.0
        moved = {n: state[n] + step * d.get("d" + n, 0) for n in names}
        before = generalization_error(**{n: state[n] for n in names})
        assert generalization_error(**moved) < before


def test_the_many_directions_of_a_larger_network_warn_when_the_nodes_run_out():
    state = random_state(4, 4, seed=1)
    with pytest.warns(UserWarning, match="8 directions needs more"):
        d = drift("pepita", gamma=0.1, **state)
    assert np.isfinite(d["dQ"]).all()
