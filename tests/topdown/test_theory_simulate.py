"""Learning at finite D: exact initial overlaps, one stream for all rules, the ODE as the limit."""

import numpy as np
import pytest

from topdown.theory import (
    RULES,
    default_init,
    drift,
    integrate,
    micro_noise,
    order_parameters,
    simulate,
)
from topdown.theory._problem import least_G
from topdown.theory._weights import initial_vectors

STATE = default_init() | dict(eta_w=0.05, eta_v=0.05, feedback=[0.5, -0.4], gamma=0.1)


@pytest.mark.parametrize("D", [5, 50, 1000])
def test_the_initial_order_parameters_equal_the_requested_to_1e12(D):
    runs = simulate(RULES, D, t=[0.0], seed=[0, 1], **STATE)
    for run in runs.values():
        for name in ("Q", "R", "v", "a"):
            gap = getattr(run, name)[:, 0] - np.asarray(STATE[name])
            assert np.abs(gap).max() < 1e-12


def test_the_constructed_vectors_have_every_overlap_also_for_a_singular_covariance():
    from topdown.theory._problem import build

    T = np.eye(2)
    copy = STATE | dict(Q=T, R=T, a=STATE["b"])  # the student is the teacher
    for state in (STATE, copy):
        problem = build("afa", **state)
        w, w_teacher, F = initial_vectors(problem, 40, state["G"], np.random.default_rng(0))
        order = order_parameters(w, w_teacher, F)
        assert all(np.abs(order[name] - state[name]).max() < 1e-12 for name in order)


def test_overlaps_of_micro_scaled_feedback_are_sqrt_D_times_larger():
    w, F = np.ones((1, 16)), np.ones(16)
    macro, micro = (order_parameters(w, w, F, scaling) for scaling in ("macro", "micro"))
    assert micro["a"] == 4 * macro["a"] and micro["G"] == 16 * macro["G"] == 16


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_alone_and_among_others_sees_the_same_stream(rule):
    alone = simulate(rule, 60, t=[3.0], seed=4, **STATE)
    together = simulate(RULES, 60, t=[1.0, 3.0], seed=[3, 4], **STATE)[rule]
    assert np.array_equal(alone.Q[-1], together.Q[1, -1])


def test_rules_that_coincide_give_the_same_weights_on_the_common_stream():
    frozen = STATE | dict(eta_v=0.0, feedback=STATE["v"])  # then v is FA's feedback for ever
    runs = simulate(("bp", "fa"), 60, t=[5.0], **frozen)
    assert np.array_equal(runs["bp"].Q, runs["fa"].Q)
    limit = simulate(("afa", "pepita"), 60, t=[5.0], **STATE | {"gamma": 0.0})
    assert np.array_equal(limit["afa"].Q, limit["pepita"].Q)


def test_pepita_approaches_afa_sample_by_sample_linearly_in_gamma():
    afa = simulate("afa", 60, t=[5.0], **STATE)
    gaps = [
        np.abs(simulate("pepita", 60, t=[5.0], **STATE | {"gamma": x}).Q - afa.Q).max()
        for x in (1e-2, 1e-3, 1e-4)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.1)
    assert gaps[1] / gaps[2] == pytest.approx(10, rel=0.1)


def test_weights_do_not_depend_on_the_feedback_vector():
    with_F, without = simulate("bp", 50, t=[2.0], **STATE), STATE.copy()
    for name in ("a", "b", "G"):
        del without[name]
    assert np.array_equal(with_F.Q, simulate("bp", 50, t=[2.0], **without).Q)


def test_seeds_differ_and_a_seed_does_not_depend_on_its_company():
    many = simulate("afa", 50, t=[2.0], seed=[7, 8, 9], workers=2, **STATE)
    assert np.array_equal(many.Q[1], simulate("afa", 50, t=[2.0], seed=8, **STATE).Q)
    assert not np.array_equal(many.Q[0], many.Q[1])


@pytest.mark.checks("ODEs of BP, FA and AFA", "eq-app-drift")
@pytest.mark.checks("ODEs of exact PEPITA", "eq-ode-pepita")
def test_theory_and_simulation_approach_each_other_as_D_grows_for_all_rules():
    """Largest relative error of the generalization error over t <= 40, averaged over seeds.

    Fluctuations of one run are of order D^-1/2. No floor is needed: the error stays above 0.1.
    """
    sizes, t = [64, 256, 1024], np.linspace(0, 40, 21)
    errors = {rule: [] for rule in RULES}
    for D in sizes:
        runs = simulate(RULES, D, t=t, seed=range(6), workers=2, **STATE)
        for rule, run in runs.items():
            theory = integrate(rule, t=run.t, **STATE).generalization_error
            errors[rule].append(np.abs(run.generalization_error / theory - 1).max(1).mean())
    for rule in RULES:
        slope = np.polyfit(np.log(sizes), np.log(errors[rule]), 1)[0]
        assert -1.0 < slope < -0.3, (rule, errors[rule])
        assert errors[rule][-1] < 0.03, (rule, errors[rule])


@pytest.mark.parametrize("presynaptic", ["modulated", "clean"])
@pytest.mark.parametrize("output_activity", ["modulated", "clean"])
def test_every_variant_of_pepita_follows_its_own_theory(presynaptic, output_activity):
    variant = dict(presynaptic=presynaptic, output_activity=output_activity)
    state = STATE | dict(gamma=0.5, **variant)
    run = simulate("pepita", 800, t=[10.0], seed=range(4), **state)
    theory = integrate("pepita", t=[10.0], **state)
    assert run.a.mean(0) == pytest.approx(theory.a, rel=0.02)
    assert run.v.mean(0) == pytest.approx(theory.v, abs=0.01)
    assert np.diagonal(run.Q.mean(0)[0]) == pytest.approx(np.diag(theory.Q[0]), rel=0.03)


@pytest.mark.parametrize("rule", RULES)
def test_label_noise_in_the_simulation_follows_the_theory(rule):
    state = STATE | dict(label_noise=1.0, eta_w=0.3)
    run = simulate(rule, 800, t=[5.0], seed=range(6), **state)
    theory = integrate(rule, t=[5.0], **state)
    silent = integrate(rule, t=[5.0], **state | {"label_noise": 0.0})
    growth = np.trace(theory.Q[0]) - np.trace(silent.Q[0])
    assert np.trace(run.Q.mean(0)[0]) - np.trace(silent.Q[0]) == pytest.approx(growth, rel=0.25)


def test_label_noise_in_the_drift_equals_monte_carlo_of_one_step():
    """D E[change of Q] over samples at fixed order parameters; 1e6 draws, 5 standard errors."""
    state, n, s = default_init(K=1, M=1) | dict(eta_w=0.4, eta_v=0.3), 10**6, 0.8
    rng = np.random.default_rng(0)
    Q, R, T = state["Q"][0, 0], state["R"][0, 0], state["T"][0, 0]
    z = np.linalg.cholesky([[Q, R], [R, T]]) @ rng.standard_normal((2, n))
    from test_theory_brute_force import g, slope

    e = state["v"] * g(z[0]) - state["v_teacher"] * g(z[1]) + s * rng.standard_normal(n)
    step = -0.4 * state["a"] * slope(z[0]) * e
    change = 2 * step * z[0] + step**2
    expected = drift("afa", label_noise=s, **state)["dQ"][0, 0]
    assert abs(change.mean() - expected) < 5 * change.std() / np.sqrt(n)


@pytest.mark.checks("Fluctuation of micro-scaled feedback", "eq-app-sde")
def test_micro_scaled_feedback_fluctuates_as_the_sde_says_at_any_D():
    state = STATE | dict(eta_w=0.2, eta_v=0.2)
    del state["G"]
    short = 0.2  # later a moves, and its fluctuations with it
    covariance = micro_noise(**{k: v for k, v in state.items() if k not in ("gamma", "feedback")})
    expected = np.sqrt(np.diag(covariance) * short)
    for D in (50, 400):
        a = simulate("afa", D, t=[short], seed=range(400), scaling="micro", workers=2, **state).a
        assert a[:, 0].std(0) == pytest.approx(expected, rel=0.15)


def test_micro_scaled_feedback_grows_under_pepita_unless_gamma_is_far_below_one_over_D():
    state = {k: v for k, v in STATE.items() if k != "G"} | {"G": 500.0}
    weak, strong = (
        simulate("pepita", 500, t=[20.0], **state | {"gamma": x}).a[0, 0] for x in (1e-5, 1e-2)
    )
    afa = simulate("afa", 500, t=[20.0], **state).a[0, 0]
    assert weak == pytest.approx(afa, rel=0.01)
    assert strong > 1.3 * afa


def test_label_noise_and_times_are_rounded_to_whole_steps():
    run = simulate("bp", 30, t=[0.0, 0.5, 1.01], **STATE)
    assert np.array_equal(run.t, [0, 0.5, 1.0])
    assert run.Q.shape == (3, 2, 2) and run.generalization_error.shape == (3,)


@pytest.mark.parametrize("scaling, G", [("macro", None), ("micro", 60.0)])
@pytest.mark.parametrize("rule", RULES)
def test_the_feedback_s_size_follows_from_the_scaling_if_it_is_not_given(rule, scaling, G):
    state = {name: value for name, value in STATE.items() if name != "G"}
    problem = simulate(rule, 60, t=[0.0], scaling=scaling, **state).problem
    least = least_G(problem)
    assert pytest.approx(1 + least if G is None else G) == problem.G
