"""The order of the rules on every data set, by the recipes of Table 1, at Table 2's sizes."""

from __future__ import annotations

from dataclasses import replace

from topdown_book.experiments import tab1
from topdown_book.experiments._base import Case, Experiment
from topdown_book.experiments.fig3 import VARIANTS
from topdown_book.experiments.tab2 import MAY_BE_ABSENT, TAB2

UNIFORM = "PEPITA uniform"


def cases(settings: dict) -> list[Case]:
    """Table 1's rules with one hidden layer, and PEPITA uniform, on every data set."""
    return [Case(recipe, dict(dataset=dataset, variant=name), optional=dataset in MAY_BE_ABSENT)
            for dataset in settings["datasets"] for name, recipe in _recipes(settings, dataset)]


def _recipes(settings: dict, dataset: str):
    same = {**settings, "dataset": dataset, "ff_width": 1, "ff_depth": 1}
    for case in tab1.cases(same):
        name = case.labels["variant"]
        if name != tab1.FF:  # its layers are not those of the others
            yield name, case.recipe
        if name == "PEPITA":
            yield UNIFORM, replace(case.recipe, **VARIANTS["uniform"])


ORDER = Experiment(
    name="order",
    title="The order of the rules",
    parameters=TAB2.parameters,
    profiles=TAB2.profiles,
    cases=cases,
)
