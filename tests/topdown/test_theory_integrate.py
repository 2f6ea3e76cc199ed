"""Trajectories: accuracy of the solver, conserved quantities, runaways, what is learnt."""

import numpy as np
import pytest

from topdown.theory import (
    RULES,
    alignment_angles,
    alignment_cosine,
    default_init,
    drift,
    integrate,
    integrate_many,
)

STATE = default_init() | dict(eta_w=0.05, eta_v=0.05, feedback=[0.5, -0.4], gamma=0.2)


@pytest.mark.parametrize("rule", ["bp", "fa", "afa"])
def test_a_tighter_tolerance_brings_the_solution_closer_in_proportion(rule):
    t = [50.0, 200.0]
    exact = integrate(rule, t=t, rtol=1e-12, atol=1e-13, **STATE)
    errors = [
        np.abs(integrate(rule, t=t, rtol=tol, atol=tol / 100, **STATE).Q - exact.Q).max()
        for tol in (1e-4, 1e-6, 1e-8)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-7


def test_pepitas_default_accuracy_holds_against_finer_quadrature_and_solver():
    from topdown.theory import _integrate as module

    coarse = integrate("pepita", t=[20.0, 40.0], **STATE)
    fine_options = (1e-9, 1e-11, 10.0, {"max_points": 2_000_000})  # as in `drift`
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(module.DEFAULTS, "pepita", fine_options)
        fine = integrate("pepita", t=[20.0, 40.0], **STATE)
    assert np.abs(coarse.Q - fine.Q).max() < 1e-5
    assert coarse.generalization_error == pytest.approx(fine.generalization_error, rel=1e-5)


@pytest.mark.parametrize("rule", RULES)
def test_the_trajectory_starts_at_the_state_and_follows_the_drift(rule):
    h = 1e-3
    run, rates = integrate(rule, t=[0.0, h], **STATE), drift(rule, **STATE)
    for name in ("Q", "R", "v", "a"):
        assert np.array_equal(getattr(run, name)[0], STATE[name])
        speed = (getattr(run, name)[1] - STATE[name]) / h
        assert speed == pytest.approx(rates["d" + name], abs=1e-5)
    assert run.generalization_error[0] == rates["generalization_error"]


def test_dense_output_equals_a_run_that_asks_for_those_times():
    run = integrate("afa", t=100.0, **STATE)
    again = integrate("afa", t=[3.7, 55.5, 100.0], **STATE)
    assert np.array_equal(run.at([3.7, 55.5, 100.0]).Q, again.Q)
    assert run.status == "completed" and run.t_end == run.t[-1] == 100


def test_a_scalar_time_gives_log_spaced_times_from_zero():
    t = integrate("bp", t=100.0, **STATE).t
    assert t[0] == 0 and t[-1] == pytest.approx(100) and len(t) == 101
    assert np.ptp(np.diff(np.log(t[1:]))) < 1e-9


@pytest.mark.checks("PEPITA tends to AFA as F vanishes", "eq-theory-taylor")
def test_gamma_to_zero_turns_pepitas_trajectory_into_afas_linearly():
    t = [60.0]
    tight = dict(rtol=1e-10, atol=1e-12)
    afa = integrate("afa", t=t, **tight, **STATE).generalization_error[0]
    gaps = [
        abs(integrate("pepita", t=t, **tight, **STATE | {"gamma": x}).generalization_error[0] - afa)
        for x in (0.01, 0.001)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_afa_conserves_the_signs_of_a(seed):
    run = integrate("afa", t=1000.0, **STATE | default_init(seed=seed, feedback=0.2))
    assert (np.sign(run.a) == np.sign(run.a[0])).all()


def test_afa_recovers_the_teacher_and_its_feedback_ends_at_the_angle_of_b_and_v_teacher():
    run = integrate("afa", t=[20_000.0], **STATE)
    assert run.generalization_error[0] < 1e-8
    limit = alignment_cosine(STATE["b"], STATE["v_teacher"])
    assert limit == pytest.approx(0.99831, abs=5e-6)
    assert alignment_cosine(run.a[0], run.v[0]) == pytest.approx(limit, abs=1e-5)


def test_afa_with_one_wrong_sign_of_b_does_not_recover_the_teacher():
    right, wrong = (
        integrate("afa", t=[5000.0], **STATE | default_init(agree=agree)) for agree in (True, False)
    )
    assert right.generalization_error[0] < 1e-4 < 1e-2 < wrong.generalization_error[0]


def test_label_noise_slows_bp_down_to_a_floor_that_grows_with_it():
    floors = [
        integrate("bp", t=[3000.0], label_noise=s, **STATE).generalization_error[0]
        for s in (0.0, 0.2, 0.4)
    ]
    assert floors[0] < 1e-4 < floors[1] < floors[2]


def test_a_runaway_of_pepita_ends_with_its_time_and_nan_after_it():
    run = integrate("pepita", t=np.linspace(0, 1000, 21), **STATE | {"gamma": 2.0})
    assert run.status == "runaway"
    assert 0 < run.t_end < 1000
    reached = run.t <= run.t_end
    assert np.isfinite(run.Q[reached]).all() and np.isnan(run.Q[~reached]).all()
    assert np.diag(run.at([run.t_end]).Q[0]).max() == pytest.approx(10, rel=1e-3)


def test_a_run_out_of_evaluations_says_so():
    run = integrate("bp", t=[1.0, 1e5], max_evaluations=100, **STATE)
    assert run.status == "too many steps"
    assert np.isfinite(run.Q[0]).all() and np.isnan(run.Q[1]).all()


@pytest.mark.parametrize("outputs", [None, 3])
@pytest.mark.parametrize("rule", ["bp", "fa", "afa"])
def test_a_batch_equals_its_members_solved_one_by_one(rule, outputs):
    t, rates = [1.0, 60.0], dict(eta_w=0.2, eta_v=0.1, label_noise=0.1)
    states = [default_init(3, 2, outputs=outputs, seed=seed) for seed in range(4)]
    states = [state | {"feedback": -state["v"]} for state in states]
    batch = integrate_many(rule, states, t=t, **rates)
    angles = alignment_angles(batch)
    for k, state in enumerate(states):
        alone = integrate(rule, t=t, **state, **rates)
        for name in ("Q", "R", "v", "a", "generalization_error"):
            assert getattr(batch, name)[k] == pytest.approx(getattr(alone, name), abs=1e-6)
        for name, angle in alignment_angles(alone).items():
            assert angles[name][k] == pytest.approx(angle, abs=1e-3, nan_ok=True)
    assert (batch.status == "completed").all() and (batch.t_end == 60).all()


def test_a_runaway_in_a_batch_is_nan_from_then_on_and_leaves_the_others_alone():
    calm, rates = default_init(seed=1), dict(eta_w=2.0, eta_v=0.1)
    wild = calm | {"v_teacher": calm["v_teacher"] * 40, "Q": 4 * calm["Q"]}
    batch = integrate_many("bp", [calm, wild], t=[0.0, 1.0, 50.0], runaway=5.0, **rates)
    alone = integrate("bp", t=[0.0, 1.0, 50.0], **rates, **calm)
    assert list(batch.status) == ["completed", "runaway"] and batch.t_end[1] < 50
    assert np.isnan(batch.Q[1, -1]).all() and np.isfinite(batch.Q[1, 0]).all()
    assert batch.generalization_error[0] == pytest.approx(alone.generalization_error, abs=1e-6)


def test_a_batch_of_unlike_states_or_of_pepita_or_at_other_times_is_refused():
    rates = dict(t=[1.0], eta_w=0.1, eta_v=0.1)
    with pytest.raises(ValueError, match="differ in the shape of"):
        integrate_many("afa", [default_init(2, 2), default_init(2, 3)], **rates)
    with pytest.raises(ValueError, match=r"b has shape \(3,\), expected \(2,\)"):
        integrate_many("afa", [default_init() | {"b": np.ones(3)}], **rates)
    with pytest.raises(ValueError, match="unknown rule 'pepita'"):
        integrate_many("pepita", [default_init()], **rates)
    with pytest.raises(ValueError, match="no dense output"):
        integrate_many("afa", [default_init()], **rates).at([0.5])
