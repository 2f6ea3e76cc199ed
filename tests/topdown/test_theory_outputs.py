"""Several outputs: brute force, what must not matter, one output as the special case, finite D."""

from itertools import permutations, product

import numpy as np
import pytest
from test_theory_brute_force import g, gaussian_grid, largest_gap, slope
from test_theory_brute_force import random_state as one_output

from topdown.theory import (
    RULES,
    alignment_angles,
    copies_attract,
    copy_rates,
    default_init,
    degenerate_solution,
    drift,
    expected_solution,
    generalization_error,
    integrate,
    order_parameters,
    simulate,
)

CLOSED = ["bp", "fa", "afa"]
PER_OUTPUT = ("v", "v_teacher", "a", "b", "feedback")

STORED = {
    "bp": [-0.00438768913033638, 0.0009609429872499, 0.0471227970978519, 0.0422333833417049,
           0.0147957142615654, 0.00162967698972951, -0.0813164551110588, 0.0973448541604591],
    "fa": [0.0147222842812169, -0.025170254786363, -0.112385499250909, -0.100724493540917,
           0.0147957142615654, 0.00162967698972951, 0.095906183557598, -0.232162577522989],
    "afa": [0.0302778845697015, -0.0181532704226644, -0.0642202852862336, -0.0575568534519525,
           0.0147957142615654, 0.00162967698972951, 0.159843639262663, -0.132664330013136],
    "pepita": [
        0.0720809581121014, -0.0563812848822058, -0.103696455990825, -0.0890695408141378,
           0.0506244443806252, -0.0281875010547932, 0.389653441168212, -0.32748517488891],
}  # fmt: skip


def random_outputs(K, M, C, seed, size=1.0):
    """Generic keywords of `drift` with C outputs, with overlaps of actual vectors."""
    rng = np.random.default_rng(seed)
    vectors = size * rng.standard_normal((K + M + C, K + M + C + 3)) / np.sqrt(K + M + C + 3)
    S, F = vectors @ vectors.T, slice(K + M, None)
    return dict(
        Q=S[:K, :K], R=S[:K, K : K + M], T=S[K : K + M, K : K + M],
        a=S[:K, F], b=S[K : K + M, F], G=S[F, F],
        v=rng.standard_normal((K, C)), v_teacher=rng.standard_normal((M, C)),
        feedback=rng.standard_normal((K, C)), eta_w=0.3, eta_v=0.2)  # fmt: skip


def literal_averages(rule, s, fields, phi, noise, weights, gamma, clean=(False, False)):
    """The drift as averages of one literal step over samples of the fields, however drawn."""
    K, M = s["R"].shape
    g_fields = g(fields)
    e = s["v"].T @ g_fields[:K] - s["v_teacher"].T @ g_fields[K:] - noise
    z, h = np.vstack([fields, phi]), g_fields[:K]
    after, h_after = z, h
    if rule == "pepita":
        shift = np.vstack([s["a"], s["b"], s["G"]]) @ e
        h_after = g(fields[:K] - gamma * shift[:K])
        change = (h - h_after) / gamma
        after = z if clean[0] else z - gamma * shift
        h_after = h if clean[1] else h_after
    else:
        factor = {"bp": s["v"], "fa": s["feedback"], "afa": s["a"]}[rule]
        change = slope(fields[:K]) * (factor @ e)
    pull, eta = (change * weights) @ after.T, s["eta_w"]
    return {
        "dQ": -eta * (pull[:, :K] + pull[:, :K].T) + eta**2 * (change * weights) @ change.T,
        "dR": -eta * pull[:, K : K + M],
        "da": -eta * pull[:, K + M :],
        "dv": -s["eta_v"] * (h_after * weights) @ e.T,
    }


def brute(rule, s, gamma=None, clean=(False, False), step=None):
    """`literal_averages` on a grid; the fields of F enter by their regression."""
    C = np.block([[s["Q"], s["R"]], [s["R"].T, s["T"]]])
    fields, weights = gaussian_grid(C, step)
    phi = np.linalg.solve(C, np.vstack([s["a"], s["b"]])).T @ fields
    return literal_averages(rule, s, fields, phi, 0.0, weights, gamma, clean)


@pytest.mark.checks("ODEs with several outputs", "eq-ode-outputs")
@pytest.mark.parametrize("rule", CLOSED)
@pytest.mark.parametrize("K, M, C", [(2, 2, 3), (1, 2, 2), (2, 1, 5)])
def test_closed_drift_equals_brute_force_to_1e8(rule, K, M, C):
    state = random_outputs(K, M, C, seed=K + 3 * C)
    assert largest_gap(drift(rule, **state), brute(rule, state)) < 1e-8


@pytest.mark.parametrize("clean", list(product([False, True], repeat=2)))
@pytest.mark.parametrize("K, M, C", [(2, 1, 2), (1, 2, 3)])
def test_exact_pepita_equals_brute_force_to_1e6_in_all_variants(K, M, C, clean):
    names = dict(zip(("presynaptic", "output_activity"), np.where(clean, "clean", "modulated")))
    state = random_outputs(K, M, C, seed=C, size=0.7)
    ours = drift("pepita", gamma=0.5, **names, **state)
    assert largest_gap(ours, brute("pepita", state, gamma=0.5, clean=clean)) < 1e-6


@pytest.mark.parametrize("rule", RULES)
def test_the_drift_with_label_noise_equals_monte_carlo_within_5_standard_errors(rule):
    """Ten batches of 2e5 samples of all fields and label noises; nothing is integrated."""
    K, M, C, noise, n = 2, 1, 2, 0.6, 200_000
    state = random_outputs(K, M, C, seed=4, size=0.8)
    N, rng, found = K + M, np.random.default_rng(0), []
    overlaps = np.vstack([state["a"], state["b"]])
    joint = np.block([[state["Q"], state["R"], state["a"]], [state["R"].T, state["T"], state["b"]],
                      [overlaps.T, state["G"]]])  # fmt: skip
    for _ in range(10):
        z = np.linalg.cholesky(joint) @ rng.standard_normal((N + C, n))
        xi = noise * rng.standard_normal((C, n))
        found.append(literal_averages(rule, state, z[:N], z[N:], xi, np.full(n, 1 / n), 0.4))
    ours = drift(rule, gamma=0.4, label_noise=noise, **state)
    for name in found[0]:
        batches = np.array([one[name] for one in found])
        error = batches.std(0, ddof=1) / np.sqrt(len(batches))
        assert (np.abs(ours[name] - batches.mean(0)) < 5 * error).all()


@pytest.mark.parametrize("rule", RULES)
def test_rotating_all_outputs_together_changes_nothing_but_their_axes(rule):
    C = 3
    state = random_outputs(2, 2, C, seed=1)
    turn = np.linalg.qr(np.random.default_rng(2).standard_normal((C, C)))[0]
    turned = state | {name: state[name] @ turn for name in PER_OUTPUT}
    turned["G"] = turn.T @ state["G"] @ turn
    d, other = (drift(rule, gamma=0.3, label_noise=0.2, **s) for s in (state, turned))
    for name in ("dQ", "dR", "generalization_error"):
        assert other[name] == pytest.approx(d[name], abs=1e-9)
    for name in ("dv", "da"):
        assert other[name] == pytest.approx(d[name] @ turn, abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_equal_outputs_learn_as_one_output_sqrt_C_times_larger(rule):
    """C equal columns are the output sqrt(C) v along (1, ..., 1)/sqrt C, and none across it."""
    one, C = one_output(2, 2, seed=3), 3
    many = one | {name: np.repeat(one[name][:, None], C, 1) for name in PER_OUTPUT}
    many["G"] = one["G"] * np.ones((C, C))
    larger = one | {name: np.sqrt(C) * one[name] for name in PER_OUTPUT} | {"G": C * one["G"]}
    d, same = drift(rule, gamma=0.2, **larger), drift(rule, gamma=0.2, **many)
    for name in ("dQ", "dR", "generalization_error"):
        assert same[name] == pytest.approx(d[name], abs=1e-8)
    for name in ("dv", "da"):
        assert same[name] == pytest.approx(np.outer(d[name], np.ones(C)) / np.sqrt(C), abs=1e-8)


@pytest.mark.parametrize("rule", RULES)
def test_vectors_are_matrices_of_one_column_in_drift_runs_and_angles(rule):
    vectors = default_init() | dict(eta_w=0.2, eta_v=0.1, feedback=np.array([0.5, -0.4]), gamma=0.2)
    columns = vectors | {name: vectors[name][:, None] for name in PER_OUTPUT}
    columns["G"] = np.array([[vectors["G"]]])
    d, other = drift(rule, **vectors), drift(rule, **columns)
    assert d["dv"].shape == (2,) and other["dv"].shape == (2, 1)
    assert all(np.array_equal(np.ravel(d[name]), np.ravel(other[name])) for name in d)
    run, same = (integrate(rule, t=[0.0, 5.0], **s) for s in (vectors, columns))
    assert np.array_equal(run.v, same.v[..., 0]) and np.array_equal(run.Q, same.Q)
    sampled, same = (simulate(rule, 40, t=[2.0], **s) for s in (vectors, columns))
    assert np.array_equal(sampled.a, same.a[..., 0])
    for name, angle in alignment_angles(sampled).items():
        assert alignment_angles(same)[name] == angle


def test_one_output_gives_the_numbers_it_gave_before_there_were_several():
    """Stored points of the code for one output alone (commit b0ad7b0), to 1e-12."""
    state = default_init() | dict(eta_w=0.4, eta_v=0.3, feedback=[0.3, -0.7], gamma=0.5)
    for rule, stored in STORED.items():
        d = drift(rule, label_noise=0.3, **state)
        assert np.concatenate([d["dQ"][0], d["dR"][1], d["dv"], d["da"]]) == pytest.approx(
            stored, abs=1e-12)  # fmt: skip


@pytest.mark.parametrize("C", [2, 4])
@pytest.mark.parametrize("signs", list(product([1, -1], repeat=2)))
@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_signs_and_permutations_of_rows_are_solutions_and_are_recognised(C, signs, order):
    state, s = random_outputs(2, 2, C, seed=6), np.array(signs)
    p, T, v_teacher = list(order), state["T"], state["v_teacher"]
    v, R = s[:, None] * v_teacher[p], s[:, None] * T[p]
    Q = R[:, p] * s
    assert abs(generalization_error(Q=Q, R=R, T=T, v=v, v_teacher=v_teacher)) < 1e-14
    copy = degenerate_solution(Q=Q, R=R, T=T, v_teacher=v_teacher)
    assert np.array_equal(copy.v, v) and np.array_equal(copy.permutation, p)
    assert np.array_equal(expected_solution(0.3 * v, v_teacher, p), v)
    moved = drift("afa", **state | dict(Q=Q, R=R, v=v, a=s[:, None] * state["b"][p]))
    assert max(np.abs(x).max() for x in moved.values()) < 1e-14


@pytest.mark.parametrize("C", [2, 3])
def test_initial_overlaps_hold_at_finite_D_and_a_sum_over_outputs_comes_back(C):
    state = default_init(2, 3, outputs=C) | dict(eta_w=0.1, eta_v=0.1, feedback=np.ones((2, C)))
    runs = simulate(RULES, 2 + 3 + C, t=[0.0], gamma=0.1, **state)
    for run in runs.values():
        for name in ("Q", "R", "v", "a"):
            assert np.abs(getattr(run, name)[0] - state[name]).max() < 1e-12
    rng = np.random.default_rng(0)
    w, F = rng.standard_normal((2, 30)), rng.standard_normal((30, C))
    order = order_parameters(w, w, F)
    assert order["a"][1, 0] == pytest.approx(w[1] @ F[:, 0] / 30)
    assert order["G"][0, 1] == pytest.approx(F[:, 0] @ F[:, 1] / 30)


def test_theory_and_simulation_approach_each_other_as_D_grows_with_three_outputs():
    """As for one output: the largest relative error over t <= 40 falls as about D^-1/2."""
    state = default_init(outputs=3) | dict(eta_w=0.2, eta_v=0.2, gamma=0.1)
    state["feedback"] = state["a"]
    sizes, t = [32, 128, 512], np.linspace(0, 40, 11)
    errors = {rule: [] for rule in RULES}
    for D in sizes:
        for rule, run in simulate(RULES, D, t=t, seed=range(8), **state).items():
            theory = integrate(rule, t=run.t, **state).generalization_error
            errors[rule].append(np.abs(run.generalization_error / theory - 1).max(1).mean())
    for rule in RULES:
        falls = np.polyfit(np.log(sizes), np.log(errors[rule]), 1)[0]
        assert -1.0 < falls < -0.25, (rule, errors[rule])
        assert errors[rule][-1] < 0.06, (rule, errors[rule])


@pytest.mark.parametrize("M, C", [(2, 1), (2, 3), (3, 2)])
def test_the_rates_of_a_copy_are_those_of_the_drift_linearised_by_differences(M, C):
    """Q off the span is a square: its rates are sums of two of the rates outside the span."""
    state = random_outputs(M, M, C, seed=M + C)
    T, b, v = state["T"] + 0.5 * np.eye(M), state["b"], state["v_teacher"]
    at, eta, h = np.concatenate([T.ravel(), T.ravel(), v.ravel()]), 1e-9, 1e-6

    def rate(y):
        Q, R, v_now = np.split(y, [M * M, 2 * M * M])
        Q, R = Q.reshape(M, M), R.reshape(M, M)
        d = drift("afa", Q=(Q + Q.T) / 2, R=R, T=T, v=v_now.reshape(M, C), v_teacher=v, a=b, b=b,
                  eta_w=eta, eta_v=eta)  # fmt: skip
        return np.concatenate([d[name].ravel() for name in ("dQ", "dR", "dv")]) / eta

    steps = h * np.eye(len(at))
    found = list(-np.linalg.eigvals([(rate(at + s) - rate(at - s)) / (2 * h) for s in steps]))
    outside, within = copy_rates(T=T, v_teacher=v, b=b, eta_w=1.0, eta_v=1.0)
    pairs = [outside[i] + outside[j] for i in range(M) for j in range(i + 1)]
    for expected in [*within, *pairs]:
        nearest = np.argmin(np.abs(np.array(found) - expected))
        assert abs(found.pop(nearest) - expected) < 1e-7


def test_with_one_output_copies_attract_where_every_sign_of_b_v_teacher_is_positive():
    rng = np.random.default_rng(0)
    for M in (1, 2, 3):
        for _ in range(30):
            (b, v), A = rng.standard_normal((2, M)), rng.standard_normal((M, M + 2))
            assert copies_attract(T=A @ A.T, v_teacher=v, b=b) == (b * v > 0).all()


def test_feedback_along_the_teacher_attracts_and_against_it_repels_with_any_number_of_outputs():
    rng = np.random.default_rng(1)
    for C in (1, 2, 5, 10):
        v, A = rng.standard_normal((3, C)), rng.standard_normal((3, 5))
        assert copies_attract(T=A @ A.T, v_teacher=v, b=2 * v)
        assert not copies_attract(T=A @ A.T, v_teacher=v, b=-v)


@pytest.mark.parametrize("angle, learns", [(40.0, True), (140.0, False)])
def test_a_student_beside_a_copy_returns_or_leaves_as_the_rates_say(angle, learns):
    """b_m is v_teacher_m turned by `angle` in the plane of the two outputs, all rows alike."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    v_teacher = np.array([[1.0, 0.0], [0.0, 0.9]])
    b = v_teacher @ [[c, s], [-s, c]]
    assert copies_attract(T=np.eye(2), v_teacher=v_teacher, b=b) == learns
    run = integrate("afa", t=[0.0, 800.0], Q=1.001 * np.eye(2), R=np.eye(2), T=np.eye(2), a=b, b=b,
                    v=v_teacher, v_teacher=v_teacher, eta_w=0.05, eta_v=0.05)  # fmt: skip
    start, end = run.generalization_error
    assert end < 0.1 * start if learns else end > 3 * start


@pytest.mark.parametrize(
    "change, message",
    [
        ({"a": np.ones((2, 2))}, r"a has shape \(2, 2\), expected \(2, 3\)"),
        ({"v_teacher": np.ones(2)}, r"v_teacher has shape \(2,\), expected \(2, 3\)"),
        ({"G": 5.0}, r"G has shape \(\), expected \(3, 3\)"),
        ({"v": np.ones((2, 3, 1))}, r"v has shape \(2, 3, 1\); give \(K,\), or \(K, C\)"),
        ({"G": 0.1 * np.eye(3)}, r"G larger \(at least \[\["),
        ({"G": 9 * np.eye(3) + np.eye(3, k=1)}, "G is not symmetric"),
    ],
)
def test_wrong_shapes_and_impossible_feedback_are_named(change, message):
    state = default_init(outputs=3) | dict(eta_w=0.1, eta_v=0.1)
    with pytest.raises(ValueError, match=message):
        integrate("afa", t=[1.0], **state | change)
