"""Learning rates that are chosen on held-out examples, and the tables that wait for the choice."""

from dataclasses import replace

import pandas as pd
import pytest

from topdown.recipes import Recipe
from topdown_book.figures import _rates as rates
from topdown_book.figures import get
from topdown_book.store.records import Record, Store

RECIPE, TRIED = Recipe(dataset="digits", rule="bp", hidden=(8,), epochs=2), (0.01, 0.1, 1.0)


def stored(store, recipe, accuracy, seed=0, status="ok"):
    curves = pd.DataFrame({"seed": seed, "epoch": [0, 1, 2], "metric": "test_accuracy",
                           "value": [10.0, 99.0, accuracy]})
    store.add(Record(recipe, curves, {seed: {"status": status}}))


def trained(store, values):
    for candidate, value in zip(rates.held_out(RECIPE, TRIED), values):
        stored(store, candidate, value)


def test_the_candidates_are_the_recipe_at_every_rate_with_examples_held_out():
    for candidate, rate in zip(rates.held_out(RECIPE, TRIED), TRIED):
        assert candidate.held_out > 0
        assert replace(candidate, held_out=0) == replace(RECIPE, lr=rate)


def test_the_rate_with_the_best_last_epoch_on_held_out_examples_is_chosen():
    store = Store()
    trained(store, (80.0, 90.0, 70.0))
    assert rates.chosen(RECIPE, TRIED, store) == replace(RECIPE, lr=0.1)


def test_the_test_set_has_no_part_in_the_choice():
    store = Store()
    trained(store, (80.0, 90.0, 70.0))
    for rate, accuracy in zip(TRIED, (99.0, 1.0, 1.0)):
        stored(store, replace(RECIPE, lr=rate), accuracy)
    assert rates.chosen(RECIPE, TRIED, store).lr == 0.1


def test_a_rate_that_diverged_loses_to_any_that_did_not():
    store = Store()
    for candidate, value, status in zip(rates.held_out(RECIPE, TRIED), (10.0, 5.0, 10.0), (
            "diverged in epoch 1", "ok", "diverged in epoch 2")):
        stored(store, candidate, value, status=status)
    assert rates.chosen(RECIPE, TRIED, store).lr == 0.1  # chance level is no merit


def test_nothing_is_chosen_before_every_rate_was_tried():
    store = Store()
    trained(store, (80.0, 90.0))
    assert rates.chosen(RECIPE, TRIED, store) is None


@pytest.mark.parametrize("name", ("icml", "came_after"))
def test_a_table_asks_for_its_candidates_first_and_has_all_cases_when_they_are_there(name):
    store, figure = Store(), get(name)
    settings = {**figure.profiles["smoke"], "profile": "smoke"}
    waiting = figure.candidates(settings)
    assert {recipe for recipe, _ in figure.wanted(settings)} >= set(waiting)
    assert str(len(waiting)) in figure.pending(settings, store)
    before = len(figure.cases(settings))
    for candidate in waiting:
        stored(store, candidate, 50.0)
    assert figure.pending(settings, store) == ""
    assert len(figure.cases(settings)) > before


def test_icml_compares_with_the_recipe_of_2022():
    cases = get("icml").cases({**get("icml").profiles["paper"], "profile": "paper"})
    for case in cases:
        recipe = case.recipe
        assert (recipe.sign, recipe.output_error, recipe.initialization) == (1, "second",
                                                                             "he_uniform")
        assert recipe.lr == (0.1 if recipe.dataset == "mnist" else 0.01)
        rates_ = [recipe.learning_rate(epoch) for epoch in range(1, 101)]
        assert [rates_.count(r) for r in dict.fromkeys(rates_)] == [60, 30, 10]
