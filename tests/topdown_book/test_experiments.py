"""Experiments: recipes as published, shared between figures; absent data sets; known values."""

import numpy as np
import pandas as pd
import pytest
from test_data_formats import miniature, write_parquet

from topdown.data import DataNotFoundError
from topdown.errors import UsageError
from topdown.recipes import Recipe
from topdown_book import figures
from topdown_book.figures import Case, gather
from topdown_book.figures._afa import gap, gap_in_words
from topdown_book.figures._known import UNKNOWN, known_curve, known_value
from topdown_book.figures._panels import NO_DATA
from topdown_book.figures._tables import BEST, mark_best, mean_sd, means
from topdown_book.figures.figs1 import deviation
from topdown_book.figures.tabs2 import fits
from topdown_book.figures.wall_clock import costs
from topdown_book.figures.widths import widths
from topdown_book.page import shown
from topdown_book.store.records import Record, Store
from topdown_book.store.running import plan, run_jobs

EXPERIMENTS = figures.experiments()
TINY = dict(profile="smoke", width=8, epochs=5, seeds=1)


@pytest.fixture
def no_data(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPDOWN_DATA", str(tmp_path / "empty"))


def recipes(name, **changes):
    experiment = EXPERIMENTS[name]
    settings = {**experiment.profiles["laptop"], "profile": "laptop", **changes}
    return [case.recipe for case in experiment.cases(settings)]


def computed(name, store=None, **changes):
    store, experiment = store or Store(), EXPERIMENTS[name]
    settings = experiment.settings({**TINY, **changes}, store)
    run_jobs(plan(experiment.wanted(settings), store, 1), store, "cpu", progress=False)
    return gather(experiment, settings, store)


def drawn(name, results=None, **changes):
    """What the figure draws: one thing, or several by name."""
    return figures.module(name).draw(results or computed(name, **changes))


@pytest.fixture(scope="module")
def one_store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("shared"))


@pytest.mark.parametrize("profile", ("smoke", "laptop", "paper"))
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_labels_tell_the_cases_of_an_experiment_apart(name, profile):
    experiment = EXPERIMENTS[name]
    cases = experiment.cases({**experiment.profiles[profile], "profile": profile})
    labels = [tuple(case.labels.items()) for case in cases]
    assert len(set(labels)) == len(labels)


def test_a_part_of_an_experiment_is_chosen_by_labels():
    experiment = EXPERIMENTS["anchors"]
    settings = {**experiment.profiles["paper"], "profile": "paper"}
    chosen = experiment.wanted(settings, {"variant": "ICML 2022 code", "lr": "0.1"})
    assert [(r.lr, r.sign, seeds) for r, seeds in chosen] == [(0.1, 1, list(range(10)))]


@pytest.mark.parametrize("only, said", [
    ({"varaint": "BP"}, "label of ff 'varaint'; did you mean 'variant'"),
    ({"variant": "BPP"}, "variant of ff 'BPP'; did you mean 'BP'"),
])
def test_a_label_that_no_case_has_is_named(only, said):
    experiment = EXPERIMENTS["ff"]
    with pytest.raises(UsageError, match=said):
        experiment.wanted(experiment.profiles["smoke"], only)


def test_the_order_of_the_rules_needs_no_recipe_of_its_own_but_one():
    known = {r for name in ("tab1", "fig3", "tab2") for r in recipes(name)}
    new = [r for r in recipes("order") if r not in known]
    assert [(r.dataset, r.rule) for r in new if r.dataset == "cifar10"] == [
        ("cifar10", "pepita-time-local")]


def test_table_s1_reuses_the_recipes_of_figure_3():
    figure = {r for r in recipes("fig3") if not (r.mirror_every or r.premirror_epochs)}
    assert figure <= set(recipes("tabs1"))


def test_table_s2_trains_nothing_of_its_own():
    assert set(recipes("tabs2")) <= set(recipes("fig3")) | set(recipes("tab2"))


def test_the_released_recipe_is_that_of_the_paper_profile():
    paper = EXPERIMENTS["tab2"].profiles["paper"]
    chosen = next(r for r in recipes("tab2", **paper) if r.dataset == "cifar10"
                  and r.rule == "pepita" and not r.changes().keys() & {"normalization"})
    assert chosen == Recipe(initialization="he_normal", feedback="normal")


def test_the_short_run_of_the_ancestor_is_the_start_of_the_long_one():
    short, long = (next(r for r in recipes("anchors", epochs=e) if r.sign == 1) for e in (10, 100))
    assert long == Recipe(sign=1, output_error="second", decay_delay=1)
    assert [short.learning_rate(e) for e in range(1, 11)] == [long.learning_rate(e)
                                                            for e in range(1, 11)]


def test_both_readings_of_the_caption_of_figure_s1():
    assert deviation("as typed", 3072) == pytest.approx(0.5 * 2 * (6 / 3072) ** 0.5)
    assert deviation("a tenth", 3072) == pytest.approx(0.05 * 2 * (6 / 3072) ** 0.5)


def test_an_absent_data_set_gives_rows_that_say_so(no_data):
    results = computed("tab2", datasets="digits,cifar100")
    cells = drawn("tab2", results).cells
    assert set(cells["cifar100"]) == {NO_DATA}
    assert NO_DATA not in set(cells["digits"])
    assert set(results.frame.dataset) == {"digits"}


def test_a_table_of_absent_data_alone_is_drawn(no_data):
    cells = drawn("tabs1", datasets="cifar100", depth=3).cells
    assert (cells["1 hidden"] == NO_DATA).all()


def test_cifar100_is_trained_and_shown_where_its_files_are(tmp_path, monkeypatch):
    write_parquet(tmp_path, "cifar100", miniature("cifar100", 128, 100))
    monkeypatch.setenv("TOPDOWN_DATA", str(tmp_path))
    small = dict(datasets="cifar100", epochs=1)
    assert not (drawn("tab2", **small).cells["cifar100"] == NO_DATA).any()
    one_layer = drawn("tabs1", rules="normal", depth=1, **small).cells["1 hidden"]
    assert len(one_layer) == 3 and not (one_layer == NO_DATA).any()
    assert "cifar100" in drawn("figs6", **small).data.dataset.tolist()


def test_absent_data_that_a_figure_cannot_do_without_stop_it(no_data):
    with pytest.raises(DataNotFoundError, match="mnist"):
        computed("tab2", datasets="mnist")


def test_a_record_is_shown_where_its_data_are_not(no_data):
    experiment, store = EXPERIMENTS["tab2"], Store()
    settings = experiment.settings({**TINY, "datasets": "cifar100"}, store)
    case = experiment.cases(settings)[0]
    curve = pd.DataFrame({"seed": 0, "epoch": [0, 1], "metric": "test_accuracy",
                          "value": [1.0, 7.0]})
    store.add(Record(case.recipe, curve, {0: {}}))
    cells = drawn("tab2", gather(experiment, settings, store)).cells
    assert cells["cifar100"].tolist() == [f"7.00 (1 seed) {BEST}"] + [NO_DATA] * (len(cells) - 1)


def test_known_values_belong_to_their_labels():
    labels = dict(dataset="mnist", variant="PEPITA normal", technique="none", depth=3)
    assert known_value("tabs1", labels, {}) == 95.07
    for other in (dict(technique="weight decay"), dict(depth=2), dict(dataset="cifar10"),
                  dict(variant="PEPITA-Hebbian")):
        assert known_value("tabs1", labels | other, {}) is None


def test_the_known_curve_of_the_ancestor_has_its_four_epochs():
    labels = dict(variant="ICML 2022 code", dataset="cifar10")
    found = known_curve("anchors", labels, dict(dataset="cifar10"))
    assert found == {1: 35.12, 10: 45.05, 60: 50.92, 100: 52.58}


def test_a_known_value_is_not_shown_for_another_data_set():
    labels = dict(variant="time-local", reading="as typed")
    assert known_value("figs1", labels, dict(dataset="cifar10")) == 40
    assert known_value("figs1", labels, dict(dataset="digits")) is None


def test_a_known_cell_stands_beside_ours_and_the_others_are_unknown(no_data):
    cells = drawn("tabs1", datasets="cifar100", depth=3).cells
    known = cells[cells.paper != UNKNOWN]
    assert list(zip(known.technique, known.variant, known.paper)) == [
        ("none", "PEPITA normal", "1 at depth 3; rest unknown"),
        ("weight decay", "PEPITA normal", "23.13 at depth 3; rest unknown")]


def test_cells_show_mean_spread_and_failures():
    assert mean_sd([1.0, 3.0]) == "2.00 ± 1.41"
    assert mean_sd([2.0]) == "2.00 (1 seed)"
    assert mean_sd([2.0, float("nan")]) == "failed (1 of 2 seeds)"


def test_the_best_of_each_group_is_marked_and_no_failed_one():
    rows = pd.DataFrame({"d": list("aaabb"), "r": list("xyzxy"),
                         "value": [1.0, 3.0, float("nan"), 5.0, 5.0]})
    text = mark_best(means(rows, ["d", "r"]), ["d"]).text
    assert [BEST in t for t in text] == [False, True, False, True, True]


def test_a_failed_fit_is_listed_in_the_table_of_slowness():
    results = computed("tabs2")
    bad = results.frame.variant == "DRTP"
    results.frame.loc[bad & (results.frame.metric == "test_accuracy"), "value"] = float("nan")
    cells = drawn("tabs2", results)["slowness"].cells.set_index("rule")
    assert cells.loc["DRTP", "slowness (epochs)"] == "no fit"
    assert cells.loc["DRTP", "fits"] == "0 of 1"
    assert "diverged" in cells.loc["DRTP", "why fits failed"]
    assert fits(results).problem.astype(bool).sum() >= 1


def test_pepita_and_afa_of_figure_s3_start_from_the_same_draw():
    curves = computed("figs3", datasets="digits", seeds=2).frame
    start = curves[(curves.epoch == 0) & curves.metric.isin(["test_loss", "angle_total"])]
    sides = [start[start.variant == v].value.to_numpy() for v in ("PEPITA", "AFA")]
    assert (sides[0] == sides[1]).all()


def test_the_gap_of_figure_2a_is_taken_seed_by_seed():
    rows = pd.DataFrame({"variant": ["PEPITA", "PEPITA", "AFA", "AFA"], "seed": [0, 1, 1, 0],
                         "epoch": 1, "value": [10.0, 20.0, 19.0, 9.5]})
    assert sorted(gap(rows)) == [0.5, 1.0]


def test_a_gap_says_how_many_seeds_are_left():
    rows = pd.DataFrame([dict(variant=v, seed=s, epoch=1, value=x) for v, values in
                         (("PEPITA", (3.0, np.nan)), ("AFA", (1.0, 2.0)))
                         for s, x in enumerate(values)])
    assert gap_in_words(rows) == "+2.00 (1 of 2 seeds)"
    assert gap_in_words(rows[rows.seed == 1]) == "none (0 of 1 seeds)"


def test_steps_of_figure_s2_hold_the_share_between_their_quantiles():
    figure = drawn("figs2").figure
    densities, edges, _ = figure.axes[0].patches[0].get_data()
    assert (densities * np.diff(edges)).sum() == pytest.approx(0.98)


def test_figures_say_where_data_are_not_here(no_data):
    for name in ("figs3", "figs6"):
        found = drawn(name, datasets="digits,cifar100")
        assert "No data here: cifar100" in found.alt
        assert any(NO_DATA in text.get_text() for axis in found.figure.axes for text in axis.texts)


def test_the_cost_of_an_epoch_does_not_depend_on_how_many_seeds_shared_a_run():
    results = computed("wall_clock")
    alone = costs(results).seconds
    for record in results.records:
        for entry in record.provenance.values():
            entry["trained_together"], entry["seconds"] = 5, 5 * entry["seconds"]
    assert costs(results).seconds.to_numpy() == pytest.approx(alone.to_numpy())


def test_a_second_pass_costs_less_than_the_first_and_mirroring_more():
    counted = costs(computed("wall_clock")).set_index("variant").operations
    assert counted["DFA"] < counted["PEPITA"] < 2 * counted["DFA"] < 2 * counted["PEPITA + WM"]


def test_every_layer_of_the_deep_network_has_its_curve():
    found = drawn("layer_angles")
    assert set(found.data.angle) == {"layer 1", "layer 2", "layer 3", "layer 4", "F, all layers"}
    epochs = TINY["epochs"] + 1
    for axis in found.figure.axes:
        assert [len(line.get_xdata()) for line in axis.lines].count(epochs) == 5


def test_curves_of_forgetting_agree_until_mirroring_stops():
    rows = computed("forgetting", epochs=4, until=2).curves("angle_layer_1")
    angle = rows.pivot_table(index="epoch", columns="variant", values="value")
    same = angle["mirrored throughout"] == angle["mirroring stops"]
    assert same.tolist() == [True, True, True, False, False]


@pytest.mark.parametrize(("largest", "expected"), [(4096, [64, 256, 1024, 4096]), (3, [1, 3])])
def test_widths_fall_by_four_to_at_least_one_unit(largest, expected):
    assert widths(largest) == expected


@pytest.mark.parametrize("name", (
    "anchors", "tab2", "tabs1", "tabs2", "figs1", "figs2", "figs3", "figs6", "widths",
    "layer_angles", "wall_clock", "forgetting"))
def test_one_seed_is_drawn_with_whole_data_and_words_without_nan(name, one_store):
    found = drawn(name, computed(name, one_store))
    for one in found.values() if isinstance(found, dict) else [found]:
        shown.check(name, one)
        words = f"{getattr(one, 'alt', '')} {one.caption}"
        assert "nan" not in words.replace("Hebbian", "").lower().split()
        assert len(one.data) and len(one.caption.split()) <= 60


def test_an_optional_case_needs_its_data_or_a_record(no_data):
    labels = dict(variant="x")
    assert Case(Recipe(dataset="digits"), labels, optional=True).can_run()
    assert not Case(Recipe(dataset="cifar100"), labels, optional=True).can_run()
    assert Case(Recipe(dataset="cifar100"), labels).can_run()
