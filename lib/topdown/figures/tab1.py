"""Table 1."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from topdown import properties
from topdown.experiments import Results
from topdown.experiments.tab1 import cases
from topdown.figures._known import known_value
from topdown.figures._page import Table
from topdown.figures._tables import cell, known_cell, means
from topdown.figures._training import summary
from topdown.recipes import Recipe

INPUTS, CLASSES = 784, 10
"""Of the network whose cost is counted, MNIST's, whatever the data that are shown."""
_NONE = 1e-9
"""Below this part an update counts as local: rounding."""


def tab1(results: Results) -> Table:
    """A row per rule: what it needs, as measured; the accuracy of the records; the paper's."""
    final = results.final()
    found = means(final, ["variant"])
    rows, data = [], []
    for case in cases(results.settings):
        name = case.labels["variant"]
        measured = measure(case.recipe, results.settings["width"])
        value = known_value("tab1", case.labels, results.settings)
        rows.append({"rule": name, **_cells(measured),
                     "accuracy (%)": cell(found, variant=name), "paper (%)": known_cell(value)})
        data.append({"variant": name, **measured})
    numbers = pd.DataFrame(data).merge(summary(final, ["variant"]), on="variant")
    return Table(pd.DataFrame(rows), _CAPTION, numbers)


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


def _cells(m: dict) -> dict:
    return {
        "weight transport": _yes(m["transported_weights"]),
        "local in space": _yes(m["foreign_part"] < _NONE),
        "local in time": _yes(m["kept_for_products"] == 0),
        "activity frozen": _yes(m["frozen"]),
        "activity kept for": f"{m['kept_for_products']}",
        "first layer waits for": f"{m['first_layer_waits']}",
        "numbers kept": f"{m['numbers_kept']}",
        "operations / BP": f"{m['cost_of_bp']:.2f}",
    }


def _yes(holds) -> str:
    return "yes" if holds else "no"


_CAPTION = (
    "What each rule needs, measured on the code that trains, and its test accuracy at the end of "
    "training (mean ± standard deviation over seeds). The measures are defined below. \"Kept for\" "
    "and \"waits for\" count products with a matrix, one after the other, in a network of three "
    "hidden layers; numbers kept (per sample) and multiply-adds (relative to BP, batches of 64, "
    "mirroring included) are those of one hidden layer on MNIST. Accuracy: one hidden layer, "
    "learning rate 0.01, but Forward-Forward and PEPITA-TL have recipes of their own, and "
    "Forward-Forward more layers. Nothing is tuned here. The paper's cells are unknown to us where "
    "it says so."
)
