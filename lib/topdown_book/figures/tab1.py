"""Table 1, and the costs of its rules."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from topdown import properties
from topdown.recipes import Recipe
from topdown_book.experiments import Results
from topdown_book.experiments.tab1 import cases
from topdown_book.figures._known import known_value
from topdown_book.figures._page import Table
from topdown_book.figures._tables import cell, known_cell, means
from topdown_book.figures._training import summary

INPUTS, CLASSES = 784, 10
"""Of the network whose cost is counted, MNIST's, whatever the data that are shown."""
_NONE = 1e-9
"""Below this part an update counts as local: rounding."""


def tab1(results: Results) -> Table:
    """A row per rule: its properties as measured, the accuracy of the records, the paper's."""
    final, of_rules = results.final(), measured(results)
    found = means(final, ["variant"])
    rows = []
    for row in of_rules.to_dict("records"):
        name = row["variant"]
        value = known_value("tab1", {"variant": name}, results.settings)
        rows.append({"rule": name, **_properties(row), "accuracy (%)": cell(found, variant=name),
                     "paper (%)": known_cell(value)})
    numbers = of_rules.merge(summary(final, ["variant"]), on="variant")
    return Table(pd.DataFrame(rows), _caption(results.settings), numbers)


def tab1_costs(results: Results) -> Table:
    """A row per rule: how long it waits and keeps, how much, and how many operations."""
    of_rules = measured(results)
    rows = [{"rule": row["variant"], **_costs(row)} for row in of_rules.to_dict("records")]
    return Table(pd.DataFrame(rows), _COSTS, of_rules)


def measured(results: Results) -> pd.DataFrame:
    """A row per rule of the table: `variant`, and everything that `measure` finds."""
    return pd.DataFrame([
        {**case.labels, **measure(case.recipe, results.settings["width"])}
        for case in cases(results.settings)])


def measure(recipe: Recipe, width: int) -> dict:
    """Everything `topdown.properties` says of the recipe's rule; cost with one hidden layer."""
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


ONE_PASS = ("bp", "fa", "dfa", "drtp")


def _properties(m: dict) -> dict:
    return {
        "weight transport": _yes(m["transported_weights"]),
        "local in space": _yes(m["foreign_part"] < _NONE),
        "local in time": _yes(m["kept_for_products"] == 0),
        "activity frozen": _yes(m["frozen"]),
    }


def _costs(m: dict) -> dict:
    return {
        "foreign part": f"{m['foreign_part']:.2f}", "activity kept for": m["kept_for_products"],
        "first layer waits for": m["first_layer_waits"], "numbers kept": m["numbers_kept"],
        "multiply-adds": f"{m['multiply_adds']:,.0f}", "of BP's": f"{m['cost_of_bp']:.2f}",
    }


def _yes(holds) -> str:
    return "yes" if holds else "no"


def _caption(settings: dict) -> str:
    return (
        "Properties as measured on the code that trains (definitions above), and test accuracy on "
        f"{settings['dataset']} at the end of training, mean ± standard deviation over seeds. One "
        f"hidden layer of {settings['width']} and learning rate 0.01, but PEPITA-TL and "
        "Forward-Forward have recipes of their own, the latter with "
        f"{settings['ff_depth']} x {settings['ff_width']} units. Nothing is tuned here. The "
        "paper's cells are unknown to us where it says so.")


_COSTS = (
    "The numbers behind the properties. Foreign part: what the layer's own activities do not make "
    "up of a hidden update, from 0 to 1. Kept for, waits for: products one after the other, in a "
    "network of three hidden layers. Numbers kept and multiply-adds: per sample, one hidden layer "
    "of the width above on 784 inputs and 10 classes, batches of 64, mirroring included."
)
