"""How alike the updates of PEPITA-Hebbian and Forward-Forward are, for equal weights and data."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.ff import FF, OTHERS
from topdown_book.experiments.fig3 import NAMES


def cases(settings: dict) -> list[Case]:
    """Networks trained by PEPITA-Hebbian; the updates are compared after every epoch."""
    epochs, name = settings["epochs"], NAMES["hebbian"]
    recipe = Recipe(dataset=settings["dataset"], epochs=epochs, probe="contrast",
                    hidden=(settings["width"],) * settings["depth"],
                    decay_epochs=decay_epochs(epochs), **OTHERS[name])
    return [Case(recipe, dict(variant=name))]


FF_LINK = Experiment(
    name="ff_link",
    title="From PEPITA-Hebbian's update to Forward-Forward's, step by step",
    parameters=FF.parameters,
    profiles=FF.profiles,
    cases=cases,
    metrics=("contrast",),
)
