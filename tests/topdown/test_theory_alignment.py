"""Angles, degenerate solutions, random feedback and starts."""

from itertools import permutations, product

import numpy as np
import pytest

from topdown.theory import (
    alignment_angle,
    alignment_angles,
    alignment_cosine,
    can_learn,
    default_init,
    degenerate_solution,
    expected_solution,
    integrate,
    random_feedback,
    simulate,
)

RATES = dict(eta_w=0.05, eta_v=0.05)


def test_angles_of_parallel_orthogonal_and_opposite_vectors():
    x = np.array([0.1, 0.3])
    vectors = np.array([7 * x, [-0.3, 0.1], -x])
    assert alignment_angle(vectors, x) == pytest.approx([0, 90, 180], abs=1e-5)


def test_rounding_beyond_one_is_clipped_and_a_zero_vector_has_no_angle():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1000, 3))
    assert np.isfinite(alignment_angle(x, 3.3 * x)).all()
    assert np.isnan(alignment_cosine([0.0, 0.0], [1.0, 2.0]))


def test_vectors_of_different_lengths_have_no_angle():
    with pytest.raises(ValueError, match="no angle"):
        alignment_cosine([1.0, 2.0], [1.0, 2.0, 3.0])


@pytest.mark.parametrize("signs", list(product([1, -1], repeat=3)))
@pytest.mark.parametrize("permutation", list(permutations(range(3))))
def test_each_of_the_48_copies_of_three_units_is_recognised(permutation, signs):
    T = np.array([[1.0, 0.2, 0.1], [0.2, 1.3, -0.3], [0.1, -0.3, 0.8]])
    v_teacher, s, p = np.array([1.0, -0.9, 0.7]), np.array(signs), list(permutation)
    copy = degenerate_solution(
        Q=T[np.ix_(p, p)] * np.outer(s, s), R=s[:, None] * T[p], T=T, v_teacher=v_teacher
    )
    assert np.array_equal(copy.permutation, p) and np.array_equal(copy.signs, s)
    assert np.array_equal(copy.v, s * v_teacher[p]) and copy.overlap == pytest.approx(1)


def test_students_beyond_the_teacher_are_left_out_of_the_copy():
    R = np.array([[0.1], [-0.9]])
    copy = degenerate_solution(Q=np.eye(2), R=R, T=np.eye(1), v_teacher=[2.0])
    assert np.array_equal(copy.v, [0, -2]) and np.array_equal(copy.permutation, [-1, 0])


@pytest.mark.parametrize("seed", range(3))
def test_the_signs_of_a_announce_the_copy_that_afa_reaches(seed):
    state = default_init(seed=seed)
    run = integrate("afa", t=[20_000.0], **state, **RATES)
    T, v_teacher = state["T"], state["v_teacher"]
    reached = degenerate_solution(Q=run.Q[0], R=run.R[0], T=T, v_teacher=v_teacher)
    expected = expected_solution(state["a"], v_teacher, reached.permutation)
    assert np.array_equal(reached.v, expected)
    assert run.v[0] == pytest.approx(expected, abs=1e-3)


def test_the_default_start_is_misaligned_and_student_then_copy_then_feedback_align():
    run = integrate("afa", t=[0.0, 20_000.0], **default_init(), **RATES)
    angles = alignment_angles(run)
    assert angles["student_degenerate"][0] > 90 and angles["feedback_student"][0] > 90
    assert angles["student_degenerate"][1] < 0.1 and angles["feedback_student"][1] < 5
    assert angles["student_teacher"][1] > 80


@pytest.mark.parametrize("outputs", [None, 3])
def test_angles_of_a_simulation_have_a_seed_axis(outputs):
    start = default_init(outputs=outputs)
    run = simulate("afa", 50, t=[0.0, 1.0], seed=[0, 1, 2], **start, **RATES)
    assert all(x.shape == (3, 2) for x in alignment_angles(run).values())


def test_angles_of_a_runaway_use_the_last_time_reached():
    state = default_init() | RATES
    run = integrate("pepita", t=np.linspace(0, 500, 11), gamma=2.0, **state)
    angles = alignment_angles(run)["student_degenerate"]
    assert run.status == "runaway" and np.isfinite(angles[run.t <= run.t_end]).all()


@pytest.mark.parametrize("K, M", [(1, 1), (2, 2), (3, 3), (2, 4), (5, 3)])
@pytest.mark.parametrize("agree", [True, False])
def test_default_starts_are_possible_and_agree_as_asked(K, M, agree):
    for seed in range(10):
        state = default_init(K, M, agree=agree, seed=seed)
        integrate("afa", t=[0.0], **state, **RATES)  # raises if the overlaps are impossible
        assert can_learn(state["b"], state["v_teacher"]) == agree


def test_random_feedback_has_the_covariance_of_the_weights_and_learns_with_chance_2_to_minus_M():
    state = default_init(K=2, M=2, student=0.8)
    a, b = random_feedback(200_000, seed=1, **state | {"G": 2.0})
    C = np.block([[state["Q"], state["R"]], [state["R"].T, state["T"]]])
    assert np.cov(np.hstack([a, b]).T) == pytest.approx(2 * C, abs=0.03)
    assert can_learn(b, state["v_teacher"]).mean() == pytest.approx(0.25, abs=0.01)
