"""Table 1: the rules' biological properties (measured, see `topdown.properties`) and accuracy."""

from dataclasses import replace

import pandas as pd

from topdown.recipes import Recipe
from topdown_book.figures._drawing import Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._known import known_value
from topdown_book.figures._panels import summary
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import forward_forward, make, table_1
from topdown_book.figures._tables import cell, known_cell, means
from topdown_book.figures._words import joined

FF = "Forward-Forward"
INPUTS, CLASSES = 784, 10
"""Of the network whose cost is counted, MNIST's, whatever the data that are shown."""
ROUNDING = 1e-9
"""Below this part an update counts as local."""
ONE_PASS = ("bp", "fa", "dfa", "drtp")


def cases(settings: dict) -> list[Case]:
    """One recipe a rule; all but Forward-Forward with one hidden layer."""
    own = forward_forward(settings["epochs"], probe="goodness_difference")
    layers = (settings["ff_width"],) * settings["ff_depth"]
    recipes = {**table_1(settings), FF: make(settings, hidden=layers, **own)}
    return [Case(recipe, dict(variant=name)) for name, recipe in recipes.items()]


FIGURE = Experiment(
    title="Properties of the rules and their accuracy",
    parameters=(
        *COMMON,
        Parameter("ff_width", int, "units in each layer of Forward-Forward", low=1, high=16384),
        Parameter("ff_depth", int, "layers of Forward-Forward", low=1, high=10),
    ),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2, ff_width=64, ff_depth=2),
        "laptop": dict(dataset="mnist", width=256, epochs=5, seeds=3, ff_width=256, ff_depth=2),
        "paper": dict(dataset="mnist", width=1024, epochs=100, seeds=10, ff_width=1000,
                      ff_depth=3),
    },
    cases=cases,
)


def draw(results: Results) -> dict[str, Table]:
    """`properties` and accuracies, a row per rule; `costs`: the numbers behind the properties."""
    final, of_rules = results.final(), measured(results)
    found, properties, costs = means(final, ["variant"]), [], []
    for row in of_rules.to_dict("records"):
        name = row["variant"]
        value = known_value("tab1", {"variant": name}, results.settings)
        properties.append({"rule": name, **_properties(row),
                           "accuracy (%)": cell(found, variant=name),
                           "paper (%)": known_cell(value)})
        costs.append({"rule": name, **_costs(row)})
    numbers = of_rules.merge(summary(final, ["variant"]), on="variant")
    return {"properties": Table(pd.DataFrame(properties), _caption(results.settings), numbers),
            "costs": Table(pd.DataFrame(costs), _COSTS, of_rules)}


def measured(results: Results) -> pd.DataFrame:
    """A row per rule of the table: `variant`, and everything that `measure` finds."""
    return pd.DataFrame([
        {**case.labels, **measure(case.recipe, results.settings["width"])}
        for case in cases(results.settings)])


def measure(recipe: Recipe, width: int) -> dict:
    """Everything `topdown.properties` says of the recipe's rule; cost with one hidden layer."""
    from topdown import properties

    same = replace(recipe, dataset="mnist", hidden=(width,), batch=64)
    timing = properties.timing(recipe.rule)
    cost = properties.multiply_adds(same, INPUTS, CLASSES)
    reference = properties.multiply_adds(Recipe(rule="bp", hidden=(width,)), INPUTS, CLASSES)
    return {"transported_weights": len(timing.transposed),
            "foreign_part": properties.foreign_part(recipe.rule),
            "kept_for_products": max(timing.kept), "first_layer_waits": timing.locked,
            "frozen": max(timing.kept) > 0 and recipe.rule in ONE_PASS,
            "numbers_kept": width if timing.kept[0] else 0,
            "multiply_adds": cost, "cost_of_bp": cost / reference}


def _properties(m: dict) -> dict:
    holds = {"weight transport": m["transported_weights"],
             "local in space": m["foreign_part"] < ROUNDING,
             "local in time": m["kept_for_products"] == 0, "activity frozen": m["frozen"]}
    return {name: "yes" if value else "no" for name, value in holds.items()}


def _costs(m: dict) -> dict:
    return {
        "foreign part": f"{m['foreign_part']:.2f}", "activity kept for": m["kept_for_products"],
        "first layer waits for": m["first_layer_waits"], "numbers kept": m["numbers_kept"],
        "multiply-adds": f"{m['multiply_adds']:,.0f}", "of BP's": f"{m['cost_of_bp']:.2f}",
    }


def _caption(settings: dict) -> str:
    return (
        "Properties as measured on the code that trains, and test accuracy on "
        f"{settings['dataset']} at the end of training, mean ± standard deviation over seeds. One "
        f"hidden layer of {settings['width']} units and learning rate 0.01; PEPITA-TL and "
        "Forward-Forward have recipes of their own, the latter with "
        f"{settings['ff_depth']} x {settings['ff_width']} units. Nothing is tuned.")


_COSTS = (
    "Foreign part: what the layer's own activities do not make up of a hidden update, from 0 to 1. "
    "Kept for, waits for: products one after the other, three hidden layers. Numbers kept and "
    "multiply-adds: per sample, one hidden layer of the width above on 784 inputs, batches of 64, "
    "mirroring included."
)


def answer(results: Results) -> str:
    """Which rules have which property, by the measurements (a row a rule)."""
    m = measured(results)
    local, forgets = m.foreign_part < ROUNDING, m.kept_for_products == 0
    return (f"Weights are transported by {_who(m, m.transported_weights > 0)}; local in space, so "
            f"that a layer's update is made of its own activities, are {_who(m, local)}; local in "
            f"time, so that nothing waits for a later pass, are {_who(m, forgets)}. Activity is "
            f"frozen in {_who(m, m.frozen)}, and kept but not frozen in "
            f"{_who(m, ~m.frozen & ~forgets)}. All is measured on the code of each rule.")


def _who(measured: pd.DataFrame, mask: pd.Series) -> str:
    names = list(measured.variant[mask.astype(bool)])
    return joined(names) if names else "no rule"
