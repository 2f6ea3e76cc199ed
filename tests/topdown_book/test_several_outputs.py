"""The page on several outputs: its draws, its counts, its small networks, its pictures."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from topdown import theory
from topdown_book.figures import _directions, _two_layers
from topdown_book.figures import _feedback_draws as solved
from topdown_book.figures import _small_networks as small
from topdown_book.figures import several_outputs as page
from topdown_book.page import shown
from topdown_book.store import stored

RESULTS = Path(__file__).parents[2] / "results" / "theory"


def stored_rows(study):
    found = stored.read(RESULTS / study.name / study.file(study.defaults).name)
    assert found, f"no stored result of {study.name}: topdown run {study.name}"
    return found[0]


@pytest.mark.parametrize("K, M, C, rows", [(2, 2, 3, "orthogonal"), (4, 2, 1, "random")])
def test_draws_have_the_covariance_of_the_weights_and_the_rows_asked_for(K, M, C, rows):
    states = solved.draw_states(K, M, C, rows, 3000)
    one = states[0]
    overlaps = np.stack([np.vstack([s["a"], s["b"]])[:, 0] for s in states])
    expected = np.block([[one["Q"], one["R"]], [one["R"].T, one["T"]]])
    G = theory.default_init(K, M)["G"]
    assert np.cov(overlaps.T) / G == pytest.approx(expected, abs=0.1)
    for s in states[:50]:
        lengths = np.linalg.norm(s["v_teacher"], axis=1)
        assert lengths == pytest.approx(0.9 ** np.arange(M))
        if rows == "orthogonal":
            assert abs(s["v_teacher"][0] @ s["v_teacher"][1]) < 1e-12


def test_orthogonal_rows_are_asked_for_only_where_there_are_outputs_enough():
    assert all(1 < M <= C for _, M, C, rows in solved.points() if rows == "orthogonal")
    assert {C for K, M, C, rows in solved.points() if K == M == 3 and rows == "random"} == set(
        solved.OUTPUTS)


def test_one_output_is_predicted_to_learn_as_often_as_all_signs_are_right():
    for M in (1, 2, 3):
        states = solved.draw_states(M, M, 1, "random", 300)
        signs = [theory.can_learn(s["b"][:, 0], s["v_teacher"][:, 0]) for s in states]
        assert [solved.least_rate(s) > 0 for s in states] == signs


def test_with_several_outputs_positive_products_are_neither_necessary_nor_sufficient():
    states = solved.draw_states(2, 2, 3, "random", 600)
    positive = [((s["b"] * s["v_teacher"]).sum(1) > 0).all() for s in states]
    stable = [solved.least_rate(s) > 0 for s in states]
    assert {(True, False), (False, True)} <= set(zip(positive, stable))


def test_recovery_is_timed_where_the_curve_crosses_the_limit():
    t = np.array([1.0, 10.0, 100.0, 1000.0])
    error = np.array([[1e-1, 1e-3, 1e-5, 1e-7], [1.0, 1.0, 1.0, 1.0], [1e-6] * 4])
    assert solved._first_below(t, error) == pytest.approx([10**1.5, np.nan, 1], nan_ok=True)


def test_a_small_calculation_has_every_part_and_its_pictures_say_what_they_show(monkeypatch):
    monkeypatch.setattr(solved, "OUTPUTS", (1, 3))
    monkeypatch.setattr(solved, "PREDICTED", 20)
    monkeypatch.setattr(solved, "SIZES", ((1, 1), (2, 2)))
    rows = solved.compute(dict(draws=10, eta=0.2, horizon=3000.0, D=40, streams=2, gamma=0.1))
    assert set(rows.part) == {"draw", "predicted", "angle", "ode", "run"}
    found = page.fractions(rows)
    assert (found.n == 10).all() and (found.low <= found.recovered).all()
    for drawn in (page._draws(rows), page._curves(rows)):
        shown.check("several_outputs", drawn)


def test_attracting_copies_are_needed_in_the_stored_draws_and_nearly_enough():
    """Those that recovered without them repel slowly: by less than e^23 until the end."""
    rows = stored_rows(page.FIGURE)
    assert (page.fractions(rows).agree > 0.9).all()
    both, attract, good = page.outcomes(rows)
    assert both > 0.95 * good and both > 0.8 * attract
    draws = rows[rows.part == "draw"]
    without = draws[(draws.error < solved.RECOVERED) & (draws.rate <= 0)]
    assert (without.rate * page.DEFAULTS["horizon"] > -23).all()


def test_stored_draws_replay():
    rows = stored_rows(page.FIGURE)
    states = solved.draw_states(2, 2, 5, "random", page.DEFAULTS["draws"])
    kept = rows[(rows.part == "draw") & (rows.K == 2) & (rows.M == 2) & (rows.C == 5)
                & (rows.rows == "random")].set_index("draw")
    recovered = kept[kept.t < 5000].index[:2]
    run = theory.integrate_many("afa", [states[int(k)] for k in recovered], t=[5000.0], eta_w=0.05,
                                eta_v=0.05)
    assert (run.generalization_error[:, 0] < solved.RECOVERED).all()
    for k in recovered:
        assert solved.least_rate(states[int(k)], 0.05) == pytest.approx(kept.rate[k])


def test_stored_results_are_drawn_and_answer_the_question():
    rows, networks = stored_rows(page.FIGURE), stored_rows(page.SMALL)
    drawn = page.draw(rows, networks)
    for one in drawn.values():
        shown.check("several_outputs", one)
        assert len(one.caption.split()) <= 60
    shown.check_answer("several_outputs", page.answer(rows, networks))


def accuracies(afa, bp, C=2, width=4):
    rows = [dict(rule="afa", accuracy=x) for x in afa] + [dict(rule="bp", accuracy=x) for x in bp]
    return pd.DataFrame(rows).assign(classes=C, width=width, epoch=8, seed=0)


def test_a_seed_is_bad_below_half_the_gain_of_the_best_of_bp_or_diverged():
    rows = accuracies(afa=[99.0, 74.9, 75.1, np.nan], bp=[100.0, 50.0, 50.0])
    found = small.bad_seeds(rows).set_index("rule")
    assert (found.limit == 75).all()
    assert found.bad.to_dict() == {"afa": 2, "bp": 2} and found.n.to_dict() == {"afa": 4, "bp": 3}
    assert found.low["afa"] < 0.5 < found.high["afa"]
    assert small.shares(rows, 2, 4, "afa")[0] == pytest.approx(0.98)


def test_reduced_data_are_balanced_and_keep_their_size_as_classes_grow():
    torch = pytest.importorskip("torch")
    from topdown.data import load

    digits = load("digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small, "TRAIN", 100)
        patch.setattr(small, "TEST", 20)
        for C in (2, 5):
            part = small.reduced(digits, C)
            counts = torch.bincount(part.train_labels)
            assert counts.tolist() == [100 // C] * C and len(part.classes) == C
            assert len(part.test_images) == 20
    assert dataclasses.is_dataclass(part)


@pytest.mark.parametrize("K, M, outputs, scaling", [(2, 2, 3, "macro"), (1, 1, 2, "macro"),
                                                    (3, 2, 4, "micro")])
def test_figure_2_starts_solves_and_shows_any_number_of_outputs(K, M, outputs, scaling):
    given = dict(D=40, streams=1, horizon=60.0, K=K, M=M, outputs=outputs, scaling=scaling,
                 rules=("bp", "fa", "afa"))
    state = _two_layers.start(K, M, scaling, outputs)
    assert state["a"].shape == (K, outputs) and state["b"].shape == (M, outputs)
    one = _two_layers.start(K, M, scaling)
    assert np.linalg.norm(state["a"], axis=1) == pytest.approx(np.abs(one["a"]))
    settings = {**_two_layers.DEFAULTS, **given}
    run = _two_layers.solve(_two_layers.compute(settings), settings)
    marks = _directions.marked_times(run.curves["afa"])
    arrows = _directions.direction_table(run.curves["afa"], marks)
    student = arrows[arrows.series.str.startswith("student")].groupby("x").value
    assert student.apply(lambda v: (v**2).sum()).to_numpy() == pytest.approx(1)
    plane = _directions.view(run.curves["afa"])
    assert plane @ plane.T == pytest.approx(np.eye(2))
    assert (run.deviations("bp") < 5).all()
