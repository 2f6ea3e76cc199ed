"""Figure 2a: PEPITA without momentum and adaptive feedback alignment (AFA) on MNIST."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_within
from topdown_book.parameters import COMMON, Parameter

RULES = {"PEPITA": "pepita", "AFA": "afa"}


def cases(settings: dict) -> list[Case]:
    """Both rules, one hidden layer; a seed gives both the same weights, F and order of samples."""
    epochs = settings["epochs"]
    common = dict(dataset=settings["dataset"], hidden=(settings["width"],), epochs=epochs,
                  decay_epochs=decay_within(epochs), lr=settings["lr"], momentum=0.0)
    return [Case(Recipe(rule=rule, **common), dict(variant=name)) for name, rule in RULES.items()]


FIG2A = Experiment(
    name="fig2a",
    title="PEPITA without momentum and AFA",
    parameters=(*COMMON, Parameter("lr", float, "learning rate", low=0, high=10)),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=10, seeds=2, lr=0.1),
        "laptop": dict(dataset="mnist", width=1024, epochs=5, seeds=3, lr=0.1),
        "paper": dict(dataset="mnist", width=1024, epochs=100, seeds=10, lr=0.1),
    },
    cases=cases,
)
