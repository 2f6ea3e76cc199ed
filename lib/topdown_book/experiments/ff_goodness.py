"""Figure S2 with Forward-Forward beside PEPITA: how far the two passes are apart, per sample."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.ff import FF, OTHERS, own_recipe
from topdown_book.experiments.fig3 import NAMES

PROBE = "goodness_difference"


def cases(settings: dict) -> list[Case]:
    """Forward-Forward, the very run of the comparison of accuracies; PEPITA and PEPITA-Hebbian."""
    common = dict(dataset=settings["dataset"], epochs=settings["epochs"],
                  hidden=(settings["width"],) * settings["depth"], probe=PROBE)
    makers = {"FF": own_recipe(settings["epochs"])}
    makers |= {name: {**OTHERS[name], "decay_epochs": decay_epochs(settings["epochs"])}
               for name in (NAMES["normal"], NAMES["hebbian"])}
    return [Case(Recipe(**{**common, **options}), dict(variant=name))
            for name, options in makers.items()]


FF_GOODNESS = Experiment(
    name="ff_goodness",
    title="The difference between the two passes, Forward-Forward beside PEPITA",
    parameters=FF.parameters,
    profiles=FF.profiles,
    cases=cases,
    metrics=(PROBE,),
)
