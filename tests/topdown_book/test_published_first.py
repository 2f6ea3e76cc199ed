"""The published sizes are shown as far as they have been trained, and never mixed with others."""

import numpy as np
import pandas as pd
import pytest

from topdown.recipes import Recipe
from topdown_book import figures
from topdown_book.figures import Case, Drawing, Experiment, Table, gather
from topdown_book.figures._parameters import COMMON
from topdown_book.figures._recipes import make, usual
from topdown_book.figures._tables import means
from topdown_book.page import origin, shown
from topdown_book.store.records import Record, Store

ENTRY = dict(status="ok", seconds=60.0, trained_together=1, commit="0" * 40, clean=True,
             device="a device", packages={"torch": "9"}, started="2026-01-02T03:04:05")
METRICS = ("test_accuracy", "train_accuracy", "test_loss", "angle_total")


def put(recipe: Recipe, seeds) -> None:
    """A made-up record of the whole length: curves that rise to a level of their own."""
    level = 40 + int(recipe.key, 16) % 20
    rows = [dict(seed=seed, epoch=epoch, metric=metric, value=level + 0.1 * seed - 5 / (epoch + 1))
            for seed in seeds for metric in METRICS for epoch in range(recipe.epochs + 1)]
    Store().add(Record(recipe, pd.DataFrame(rows), {seed: dict(ENTRY) for seed in seeds}))


def cases(settings):
    return [Case(make(settings, depth, rule=rule), dict(variant=rule, depth=depth))
            for rule in ("bp", "pepita") for depth in (1, 2)]


WHOLE = Experiment("a figure", COMMON, usual("digits", "digits"), cases, name="whole")
CURVES = Experiment("a figure", COMMON, usual("digits", "digits"), cases, units=("variant",),
                    name="curves")


def published(experiment):
    return [(case.labels, case.recipe) for case in cases(experiment.profiles["paper"])]


def test_without_units_a_figure_is_shown_as_soon_as_each_of_its_cases_has_a_seed():
    for number, (_, recipe) in enumerate(published(WHOLE)):
        assert WHOLE.settings({}, Store())["profile"] == "smoke"
        put(recipe, range(1 + number))
    settings = WHOLE.settings({}, Store())
    assert settings["profile"] == "paper" and len(settings.held) == 4


def test_with_units_a_curve_is_shown_once_it_is_whole_and_nothing_of_the_others():
    (_, bp_1), (_, bp_2), (_, pepita_1), _ = published(CURVES)
    put(bp_1, [0, 1, 2])
    put(pepita_1, [0])
    assert CURVES.settings({}, Store())["profile"] == "smoke"
    put(bp_2, [0])
    settings = CURVES.settings({}, Store())
    assert settings.held == {bp_1: [0, 1, 2], bp_2: [0]}
    results = gather(CURVES, settings, Store())
    assert {tuple(r) for r in results.final()[["variant", "depth", "seed"]].to_numpy()} == {
        ("bp", 1, 0), ("bp", 1, 1), ("bp", 1, 2), ("bp", 2, 0)}
    assert results.seeds_in_words() == "1 to 3 seeds"


def test_what_is_shown_in_part_is_never_trained_further_unasked():
    for _, recipe in published(WHOLE):
        put(recipe, [0])
    store = Store()
    settings = WHOLE.settings({}, store)
    assert all(not store.missing(recipe, seeds) for recipe, seeds in WHOLE.wanted(settings))
    assert all(store.missing(*pair) for pair in WHOLE.wanted(WHOLE.settings(
        {"profile": "paper"}, store)))


@pytest.mark.parametrize("given", [dict(seeds=1), dict(epochs=3), dict(width=9)])
def test_a_reader_s_own_sizes_and_seeds_are_trained_not_replaced_by_what_is_there(given):
    for _, recipe in published(WHOLE):
        put(recipe, [0, 1])
    settings = WHOLE.settings(given, Store())
    assert {name: settings[name] for name in given} == given
    assert settings.held is None


def test_seeds_beyond_the_published_number_are_not_shown():
    for _, recipe in published(WHOLE):
        put(recipe, [3, 10, 11])
    assert set(map(tuple, WHOLE.settings({}, Store()).held.values())) == {(3,)}


def test_the_laptop_profile_stands_below_where_it_is_complete_and_only_there():
    store = Store()
    for _, recipe in published(WHOLE):
        put(recipe, [0])
    settings = WHOLE.settings({}, store)
    assert WHOLE.below(settings, store) is None
    for case in cases(WHOLE.profiles["laptop"]):
        put(case.recipe, range(3))
    assert WHOLE.below(settings, store)["profile"] == "laptop"
    assert WHOLE.below(WHOLE.settings({"profile": "smoke"}, store), store) is None


def test_the_page_says_which_cases_have_how_many_seeds_and_what_is_missing():
    for number, (_, recipe) in enumerate(published(CURVES)[:2]):
        put(recipe, range(1 + number))
    settings = CURVES.settings({}, Store())
    assert origin.seeds_of_each(CURVES, settings) == (
        "One seed, so no interval: bp, depth 1; 2 seeds: bp, depth 2.")
    missing = origin.missing(CURVES, settings, Store())
    assert "Not yet trained: pepita, depth 1; pepita, depth 2, " in missing
    assert "for one seed of each. 35 more seeds would make 10 of each" in missing  # 9 + 8 + 9 + 9


def test_a_cell_of_one_seed_says_so_and_cells_that_differ_say_how_many():
    rows = pd.DataFrame({"variant": ["a", "a", "b"], "value": [1.0, 2.0, 3.0]})
    texts = dict(means(rows, ["variant"])[["variant", "text"]].to_numpy())
    assert texts == {"a": f"1.50 ± {np.std([1, 2], ddof=1):.2f} (2 seeds)", "b": "3.00 (1 seed)"}


IN_PARTS = [name for name, figure in figures.experiments().items() if figure.units]


def units(figure):
    """Each unit of a figure at the published sizes: its labels and its recipes."""
    found = {}
    for case in figure.cases({**figure.profiles["paper"], "profile": "paper"}):
        found.setdefault(tuple(case.labels[name] for name in figure.units), []).append(case.recipe)
    control = found.pop((figure.control,), [])
    return {unit: control + recipes for unit, recipes in found.items()}


@pytest.mark.parametrize("name", IN_PARTS)
def test_a_figure_of_one_unit_alone_is_drawn_and_said_without_a_number_that_is_none(name):
    figure, source = figures.get(name), figures.module(name)
    for place in {0, len(units(figure)) - 1}:
        store = Store()
        for path in store.files():
            path.unlink()
        recipes = list(units(figure).values())[place]
        for number, recipe in enumerate(recipes):
            put(recipe, range(1 + number % 2))
        settings = figure.settings({}, store)
        assert settings["profile"] == "paper" and set(settings.held) == set(recipes)
        (results, *_), _ = figure.obtain(settings, store)
        drawn = source.draw(results)
        for one in drawn.values() if isinstance(drawn, dict) else [drawn]:
            assert isinstance(one, Drawing | Table)
            shown.check(name, one)
        if hasattr(source, "answer"):
            shown.check_answer(name, source.answer(results))


def test_one_curve_is_no_panel_of_figure_s1_and_the_control_belongs_to_each():
    figure = figures.get("figs1")
    panel = units(figure)["as typed",]
    assert len(panel) == 5 and panel[0].feedback_scale == 0
    for place in (0, -1):  # the control, or one rule, alone: nothing to say of feedback
        put(panel[place], [0, 1])
        assert figure.settings({}, Store())["profile"] != "paper"
    for recipe in panel:
        put(recipe, [0, 1])
    assert set(figure.settings({}, Store()).held) == set(panel)


def test_table_2_of_one_data_set_has_a_column_of_one_size_and_says_that_the_rest_is_not_yet_run():
    figure = figures.get("tab2")
    recipes = units(figure)[("mnist",)]
    for recipe in recipes:
        put(recipe, [0])
    settings = figure.settings({}, Store())
    (results,), _ = figure.obtain(settings, Store())
    cells = figures.module("tab2").draw(results).cells
    assert set(cells["cifar10"]) == {"not yet run"}
    assert cells["mnist"].str.contains("1 seed").all()
    assert {record.recipe.hidden for record in results.records} == {(1024,)}


def test_the_page_shows_the_published_sizes_with_the_laptop_s_folded_behind(monkeypatch):
    from topdown_book import page
    from topdown_book.page import markup

    figure, seen = figures.get("tab2"), []
    for recipe in units(figure)[("mnist",)]:
        put(recipe, [0, 1])
    for case in figure.cases({**figure.profiles["laptop"], "profile": "laptop"}):
        put(case.recipe, range(3))
    monkeypatch.setattr(markup, "display", lambda data, raw, metadata: seen.append(
        (data, metadata)))
    opened = page.open_figure("tab2", dict.fromkeys(["profile", "seeds", "epochs", "width",
                                                     "datasets"]))
    opened.compute()
    opened.show()
    (data, metadata), = seen
    text, about = data["text/html"], metadata[shown.KEY]
    assert about["settings"]["profile"] == "paper" and about["in_part"]
    front, _, folded = text.partition("<details class='smaller'>")
    assert front.count("<table") == folded.count("<table") - folded.count("tab2.ipynb") == 1
    assert "as far as it has been trained, 2 seeds" in front and "Not yet trained" in front
    assert len(about["records"]) == len(units(figure)[("mnist",)])


def heads(monkeypatch, **changes):
    """What stands above Figure 3 in a notebook with these parameters."""
    from topdown_book import page
    from topdown_book.page import markup

    seen = []
    monkeypatch.setattr(markup, "display", lambda data, raw, metadata: seen.append(data))
    names = [parameter.name for parameter in figures.get("fig3").parameters]
    opened = page.open_figure("fig3", {**dict.fromkeys(names), **changes})
    opened.compute()
    opened.show()
    return seen[0]["text/html"].partition("<figure")[0]


def test_a_changed_figure_shows_no_verdict_and_says_which_data_it_has_and_why(
        monkeypatch, tmp_path):
    monkeypatch.setenv("TOPDOWN_DATA", str(tmp_path))
    figure = figures.get("fig3")
    for profile in ("laptop", "smoke"):
        for case in figure.cases({**figure.profiles[profile], "profile": profile}):
            put(case.recipe, range(3))
    assert "class='claims'" in heads(monkeypatch)
    for case in figure.cases({**figure.profiles["smoke"], "profile": "smoke", "width": 5}):
        put(case.recipe, range(3))
    changed = heads(monkeypatch, width=5)
    assert "claims'" not in changed and "Changed here: width = 5" in changed
    assert "Profile smoke, on digits, since no larger profile is recorded" in changed
    assert "-p profile laptop" in changed and "topdown data fetch cifar10" in changed
    asked = heads(monkeypatch, profile="smoke", width=5)
    assert "on digits, as asked" in asked and "claims'" not in asked
