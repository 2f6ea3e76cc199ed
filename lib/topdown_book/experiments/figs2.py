"""Figure S2: how much the modulation changes the squared activity of the first hidden layer."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import NAMES, VARIANTS, WEIGHT_DECAY
from topdown_book.parameters import COMMON, Parameter

PROBE = "goodness_difference"


def cases(settings: dict) -> list[Case]:
    """One recipe of Figure 3, two hidden layers with weight decay, probed after every epoch."""
    epochs = settings["epochs"]
    recipe = Recipe(dataset=settings["dataset"], hidden=(settings["width"],) * settings["depth"],
                    epochs=epochs, decay_epochs=decay_epochs(epochs), weight_decay=WEIGHT_DECAY,
                    probe=PROBE, **VARIANTS["normal"])
    return [Case(recipe, dict(variant=NAMES["normal"]))]


FIGS2 = Experiment(
    name="figs2",
    title="Squared activity in the clean and in the modulated pass",
    parameters=(*COMMON, Parameter("depth", int, "number of hidden layers", low=1, high=10)),
    profiles={
        "smoke": dict(dataset="digits", width=64, depth=2, epochs=20, seeds=2),
        "laptop": dict(dataset="cifar10", width=256, depth=2, epochs=5, seeds=3),
        "paper": dict(dataset="cifar10", width=1024, depth=2, epochs=100, seeds=10),
    },
    cases=cases,
    metrics=("test_accuracy", f"{PROBE}_sd"),
)
