"""What Table 1 states of the rules: the measures find what is there, and nothing else."""

import pytest
import torch

from topdown import properties
from topdown.network import apply_derivative
from topdown.properties import SIZES, PlainBatch, small_problem
from topdown.recipes import Recipe
from topdown.rules import RULES, Batch, Outer, Rule, summed
from topdown.rules.pepita import pepita
from topdown_book.figures import get

LAYERS = len(SIZES) - 1  # L = 4: three hidden layers
RULES_OF_THE_TABLE = ("bp", "fa", "dfa", "drtp", "pepita", "pepita-hebbian", "pepita-time-local",
                      "forward-forward")


def test_only_backpropagation_reads_weights_against_their_sense():
    found = {name: properties.timing(name).transposed for name in RULES_OF_THE_TABLE}
    assert found.pop("bp") == (2, 3, 4)
    assert set(found.values()) == {()}


@pytest.mark.parametrize(("name", "locked", "kept"), [
    ("bp", 2 * LAYERS - 1, [2 * (LAYERS - layer) for layer in (1, 2, 3)]),
    ("fa", 2 * LAYERS - 1, [2 * (LAYERS - layer) for layer in (1, 2, 3)]),
    ("dfa", LAYERS + 1, [LAYERS + 1 - layer for layer in (1, 2, 3)]),
    ("drtp", 1, [0, 0, 0]),
    ("pepita", LAYERS + 2, [LAYERS + 1] * 3),
    ("pepita-hebbian", LAYERS + 2, [LAYERS + 1] * 3),
    ("pepita-time-local", 1, [0, 0, 0]),
    ("forward-forward", 1, [0, 0, 0]),
])
def test_waiting_is_as_long_as_the_way_of_the_error(name, locked, kept):
    timing = properties.timing(name)
    assert (timing.locked, list(timing.kept)) == (locked, kept)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", RULES_OF_THE_TABLE)
def test_updates_of_the_rules_that_modulate_activity_are_made_of_activity(name, seed):
    part = properties.foreign_part(name, seed)
    modulated = name.startswith("pepita") or name == "forward-forward"
    assert part < 1e-9 if modulated else part > 0.1


def test_the_measures_see_an_error_that_is_smuggled_into_a_local_rule(monkeypatch):
    """PEPITA plus a little of BP's error: transport and a foreign part appear."""
    def smuggling(batch):
        update = pepita(batch)
        back = apply_derivative(batch.first_pass(), 3, batch.error @ batch.weights[3])
        return [*update[:2], [*update[2], Outer(0.1 * back, batch.first_pass().activations[2])],
                update[3]]
    monkeypatch.setitem(RULES, "pepita", Rule("pepita", (smuggling,), "input"))
    assert properties.timing("pepita").transposed == (4,)
    assert properties.foreign_part("pepita") > 1e-3


def test_the_plain_second_pass_is_the_trainer_s():
    plain = small_problem("pepita", rows=6)
    quick = Batch(plain.weights, plain.x, plain.target, plain.feedback)
    assert isinstance(plain, PlainBatch)
    for a, b in zip(summed(pepita(plain), plain.weights, 6),
                    summed(pepita(quick), quick.weights, 6)):
        torch.testing.assert_close(a, b)


def expected_multiply_adds(recipe: Recipe, inputs: int, classes: int) -> float:
    """Per example, by formula; w_l = n_l n_{l-1}, w the sum of all, B the batch.

    Every rule: w for a pass, w for the outer products. BP, FA: w - w_1 for the error. DFA, DRTP:
    C n_l for every hidden layer. PEPITA: DC for e F^T, C n_1 for e (W_1 F)^T, w_1 C/B for W_1 F,
    w - w_1 for the rest of the second pass. Hebbian: besides, w - w_1 for the second outer
    products, C n_1 + w_1 C/B for the first layer's. Time-local: two passes and two outer products,
    DC for e F^T. Forward-Forward: the same, but in the first layer, where the data differ in C
    pixels alone, only C n_1 for the second pass and as much for its outer product.
    """
    sizes = [inputs, *recipe.hidden, classes]
    layers = [m * n for m, n in zip(sizes[:-1], sizes[1:])]
    w, upper, share = sum(layers), sum(layers[1:]), classes / recipe.batch
    narrow = classes * recipe.hidden[0]
    second = inputs * classes + narrow + layers[0] * share + upper
    match recipe.rule:
        case "bp" | "fa":
            return 2 * w + upper
        case "dfa" | "drtp":
            return 2 * w + classes * sum(recipe.hidden)
        case "pepita":
            return 2 * w + second
        case "pepita-hebbian":
            return 2 * w + second + upper + narrow + layers[0] * share
        case "pepita-time-local":
            return 4 * w + inputs * classes
        case "forward-forward":
            return 2 * w + 2 * upper + 2 * narrow


@pytest.mark.parametrize("hidden", [(17,), (9, 14, 6)])
@pytest.mark.parametrize("name", RULES_OF_THE_TABLE)
def test_counted_operations_equal_the_formula(name, hidden):
    recipe = Recipe(rule=name, hidden=hidden, batch=8)
    counted = properties.multiply_adds(recipe, 23, 5)
    assert counted == expected_multiply_adds(recipe, 23, 5)


def test_mirroring_costs_two_products_a_layer_and_the_product_of_the_factors():
    options = dict(rule="pepita", hidden=(17,), batch=8, feedback="normal")
    plain, mirrored = (properties.multiply_adds(Recipe(**options, mirror_every=k), 23, 5)
                       for k in (0, 1))
    weights = 23 * 17 + 17 * 5
    assert mirrored - plain == 2 * weights + 23 * 17 * 5 / 8


def test_table_1_shares_all_but_one_laptop_recipe_with_other_tables():
    def keys(name):
        experiment = get(name)
        return {case.recipe.key for case in experiment.cases(experiment.profiles["laptop"])}
    assert len(keys("tab1") - keys("tab2") - keys("tabs1") - keys("ff")) == 1
