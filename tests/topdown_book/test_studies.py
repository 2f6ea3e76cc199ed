"""Studies behind the theory's pages: batches, stability of copies, the store, the explorer."""

import dataclasses
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from topdown import theory
from topdown.errors import RecordError, UsageError
from topdown_book import figures
from topdown_book.figures import _two_layers as two_layers
from topdown_book.figures import deep_linear, exact_rule, explorer, fig2, gather, which_feedback
from topdown_book.figures import theory_vs_simulation as distance
from topdown_book.page import shown
from topdown_book.store import stored
from topdown_book.store.records import Store
from topdown_book.store.running import plan, run_jobs

RESULTS = Path(__file__).parents[2] / "results" / "theory"
WHICH = figures.get("which_feedback")
SMALL = dict(D=40, streams=1, horizon=60.0)


@pytest.mark.parametrize("signs", list(product((1, -1), repeat=2)))
@pytest.mark.parametrize("copy", list(product((1, -1), repeat=2)))
def test_copies_attract_just_where_every_sign_of_b_v_teacher_is_positive(signs, copy):
    """A student a little off a copy: the error falls at once, or grows in the end."""
    v_teacher, s = np.array([1.0, 0.9]), np.array(copy)
    b = np.array([1.0, 0.8]) * signs
    off = 1e-3  # squared distance of each w_k from the copy, in directions of their own
    run = theory.integrate(
        "afa", t=[0.0, 400.0], Q=(1 + off) * np.eye(2), R=np.diag(s.astype(float)), T=np.eye(2),
        v=s * v_teacher, v_teacher=v_teacher, a=s * b, b=b, eta_w=0.05, eta_v=0.05)
    start, end = run.generalization_error
    assert (end < 0.1 * start) == theory.can_learn(b, v_teacher)
    if not theory.can_learn(b, v_teacher):
        assert end > 3 * start


def test_a_stored_result_comes_back_with_its_settings_and_is_computed_once(own_store):
    calls = []

    def compute(settings):
        calls.append(settings)
        return pd.DataFrame({"x": [settings["draws"], 2.5]})

    study = dataclasses.replace(WHICH, compute=compute)
    first, how = study.run(study.defaults | {"draws": 11})
    again, how_again = study.run(study.defaults | {"draws": 11})
    assert len(calls) == 1 and first.equals(again) and how == how_again
    assert "draws 11" in how and "SciPy" in how
    newer = dataclasses.replace(study, stored=2)
    assert newer.file(study.defaults) != study.file(study.defaults)


def test_the_same_calculation_twice_in_a_row_is_done_once_and_another_anew():
    asked = []
    study = dataclasses.replace(WHICH, compute=lambda s: asked.append(s["K"]), stored=0,
                                defaults={"K": 1})
    for K in (1, 1, 2, 1):
        study.run({"K": K, "other": 3})
    assert asked == [1, 2, 1]


def test_a_damaged_stored_result_is_named(own_store):
    study = WHICH
    file = study.file(study.defaults)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no parquet")
    with pytest.raises(RecordError, match="delete it"):
        stored.read(file)


def test_an_unknown_parameter_of_a_study_is_an_error():
    with pytest.raises(UsageError, match="did you mean 'draws'"):
        WHICH.settings({"drawss": 3})


def test_the_command_computes_a_study_and_names_what_is_wrong(own_store):
    from typer.testing import CliRunner

    from topdown_book.cli.main import app

    asked = ["study", "which_feedback", "--set", "draws=10", "--set", "horizon=100"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0 and "draws 10" in done.output
    assert len(list(own_store.glob("theory/which_feedback/*.parquet"))) == 1
    assert "did you mean" in str(CliRunner().invoke(app, ["study", "which_feedbak"]).exception)


def stored_rows(study):
    found = stored.read(RESULTS / study.name / study.file(study.defaults).name)
    assert found, f"no stored result of {study.name}: topdown study {study.name}"
    return found[0]


def test_stored_draws_replay():
    study = WHICH
    rows = stored_rows(study)
    start = theory.default_init(2, 2)
    a, b = theory.random_feedback(study.defaults["draws"], seed=202, **start)
    t = which_feedback.times(study.defaults)[:8]
    for draw in (0, 57):
        one = rows[(rows.K == 2) & (rows.M == 2) & (rows.draw == draw)]
        run = theory.integrate("afa", t=t, eta_w=0.05, eta_v=0.05,
                               **start | dict(a=a[draw], b=b[draw], G=None))
        assert one.error.to_numpy()[:8] == pytest.approx(run.generalization_error, rel=1e-3)
        assert one.right_signs.iloc[0] == theory.can_learn(b[draw], start["v_teacher"])


def test_stored_simulations_of_figure_2_replay():
    rows = stored_rows(two_layers.TWO_LAYERS)
    t = np.sort(rows.t.unique())[:15]
    given = two_layers.start() | two_layers.rates(two_layers.DEFAULTS)
    own = two_layers.DEFAULTS
    runs = theory.simulate(own["rules"], own["D"], t=t, seed=range(own["streams"]), **given)
    for rule, run in runs.items():
        kept = rows[(rows.rule == rule) & (rows.t <= t[-1])].sort_values(["stream", "t"])
        assert kept.error.to_numpy() == pytest.approx(run.generalization_error.ravel(), rel=1e-6)


def test_stored_distances_of_simulations_from_the_theory_replay():
    study = figures.get("theory_vs_simulation")
    rows = stored_rows(study)
    again = study.compute(study.defaults | dict(largest=64))
    kept = rows[rows.D <= 64].sort_values(["eta", "D"], kind="stable")
    assert kept.error.to_numpy() == pytest.approx(again.error.to_numpy(), rel=1e-3)
    assert sorted(rows.D.unique()) == distance.sizes(study.defaults)


def test_stored_runs_of_the_deep_linear_student_replay():
    study = figures.get("deep_linear")
    found = deep_linear.DeepLinear.of(stored_rows(study))
    again = deep_linear.compute(study.defaults | dict(depth=2, draws=3))
    few = deep_linear.DeepLinear.of(again)
    two = found.curves[found.curves.layers == 2]
    assert two.error.to_numpy() == pytest.approx(few.curves.error.to_numpy(), rel=1e-3, abs=1e-7)
    assert list(found.draws.learned[:3]) == list(few.draws.learned)
    assert found.draws.least.to_numpy()[:3] == pytest.approx(few.draws.least.to_numpy())
    assert len(found.draws) == study.defaults["draws"]


@pytest.mark.parametrize("place", [3, 40, 100])
def test_stored_maps_replay(place):
    rows = stored_rows(exact_rule.MAPS)
    row = rows.iloc[place]
    variant = exact_rule.VARIANTS[row.variant]
    again = exact_rule.run(row.gamma, row.eta, row.G, **variant)
    assert again["status"] == row.status
    assert again["deviation"] == pytest.approx(row.deviation, rel=0.02)


def test_stored_runs_of_the_explorer_replay():
    rows = stored_rows(figures.get("explorer"))
    for point in ((0.1, 0.0, 90), (0.5, 0.2, 150)):
        again = explorer.run(*point)
        one = rows[(rows.eta == point[0]) & (rows.gamma == point[1]) & (rows.angle == point[2])]
        assert one.error.to_numpy() == pytest.approx(again.error, rel=1e-3)


@pytest.mark.parametrize("outputs", [1, 2, 5])
@pytest.mark.parametrize("angle", [0, 30, 150])
def test_the_explorer_turns_the_student_by_its_angle_for_any_number_of_outputs(outputs, angle):
    old, new = two_layers.start(outputs=outputs), explorer.begin(angle, outputs)
    a, v = new["a"].ravel(), new["v"].ravel()
    assert theory.alignment_angle(v, a) == pytest.approx(angle, abs=1e-5)
    assert np.linalg.norm(v) == pytest.approx(np.linalg.norm(old["v"]))
    assert np.linalg.matrix_rank([v, a, old["v"].ravel()], tol=1e-9) <= 2


def test_rotated_outputs_change_nothing_in_the_explorer(monkeypatch):
    plain = explorer.run(1.0, 0.1, 120, 2)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    given = two_layers.start(outputs=2)
    turned = {k: x @ turn if k in ("v", "v_teacher", "a", "b", "feedback") else x
              for k, x in given.items()} | {"G": turn.T @ given["G"] @ turn}
    monkeypatch.setattr(explorer, "start", lambda outputs: turned)
    again = explorer.run(1.0, 0.1, 120, 2)
    shares = [*explorer.ANGLES_SHOWN, *explorer.ORDER, "copy1", "copy2"]
    assert again.error.to_numpy() == pytest.approx(plain.error, rel=0.02)
    assert again[shares].to_numpy() == pytest.approx(plain[shares].to_numpy(), rel=0.01, abs=0.01)
    copy = np.abs(plain[["copy1", "copy2"]].iloc[0])
    assert copy.min() / copy.max() == pytest.approx(0.9, abs=1e-3)  # the teacher's, in some order


def test_runs_of_several_outputs_are_stored_beside_those_of_one():
    study = figures.get("explorer")
    assert study.file(study.settings({"outputs": 2})) != study.file(study.settings({}))
    with pytest.raises(UsageError, match="outputs=0"):
        study.settings({"outputs": 0})


def trained():
    store = Store()
    experiment = figures.get("fig2")
    settings = experiment.settings(dict(profile="smoke", width=8, epochs=3, seeds=1), store)
    run_jobs(plan(experiment.wanted(settings), store, 1), store, "cpu", progress=False)
    return gather(experiment, settings, store)


@pytest.mark.parametrize("K, M, scaling", [(2, 2, "macro"), (3, 3, "macro"), (1, 1, "macro"),
                                           (3, 2, "macro"), (2, 3, "micro")])
def test_figure_2_is_drawn_for_any_number_of_units_with_whole_data(K, M, scaling):
    given = dict(SMALL, K=K, M=M, scaling=scaling, rules=("bp", "fa", "afa", "pepita"))
    settings = {**two_layers.DEFAULTS, **given}
    solved = two_layers.solve(two_layers.compute(settings), settings)
    drawn = fig2.draw(trained(), solved)
    shown.check("fig2", drawn)
    assert "nan" not in f"{drawn.alt} {drawn.caption}".lower().split()
    assert set(drawn.data.panel) == set("abcd")
    arrows = drawn.data[drawn.data.panel == "d"]
    assert ("teacher 1" in set(arrows.series)) == (K == M)
    assert arrows[arrows.series.str.startswith("student")].groupby("x").value.apply(
        lambda v: (v**2).sum()).to_numpy() == pytest.approx(1)


def test_figure_2_offers_the_rules_of_the_theory():
    assert two_layers.RULES == theory.RULES


def test_the_start_of_figure_2_is_misaligned_and_learnable():
    state = two_layers.start()
    assert theory.alignment_angle(state["a"], state["v"]) > 90
    assert theory.can_learn(state["b"], state["v_teacher"])
    assert two_layers.start(scaling="micro")["G"] is None


def test_slopes_and_their_errors_are_those_of_a_straight_line():
    D = np.repeat([10, 100, 1000], 4)
    noise = np.tile([0.9, 1.1, 1.0, 1.0], 3)
    rows = pd.DataFrame(dict(eta=0.1, rule="bp", D=D, stream=0, error=3 * D**-0.5 * noise))
    line = distance.slopes(rows).iloc[0]
    assert line.slope == pytest.approx(-0.5, abs=1e-3) and 0 < line.standard_error < 0.05
    rows = pd.concat([rows.assign(eta=eta) for eta in (0.1, 0.5)])
    assert len(distance.draw(rows).figure.axes) == 2


def test_drawings_of_stored_results_say_what_they_show():
    drawn = which_feedback.draw(stored_rows(WHICH))["figure"]
    shown.check("which_feedback", drawn)
    assert "against 0.25" in drawn.alt and "exceptions" in drawn.alt
    maps = stored_rows(exact_rule.MAPS)
    assert 0.5 < exact_rule.visible(maps) < 10
    scale = exact_rule.boundary(maps)
    assert (scale.stays < scale.away).all()
