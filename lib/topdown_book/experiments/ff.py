"""Forward-Forward beside PEPITA, PEPITA-Hebbian and BP: the same network, the same data."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import NAMES, VARIANTS
from topdown_book.parameters import COMMON, Parameter

REFERENCE = dict(rule="forward-forward", batch=100, lr=1e-3, weight_decay=3e-4, dropout=0.0,
                 initialization="he_normal")
"""The settings of the best public reproduction (3 x 1000 units, 100 epochs, 1.45 % error); a split
held out of the training set confirmed the rate for a short run."""
FORWARD_FORWARD = {
    "FF": dict(probe="goodness_difference"),
    "FF, peer normalisation": dict(ff_peer_normalization=0.03),
    "FF, linear read-out": dict(ff_prediction="readout"),
}
OTHERS = {
    NAMES["normal"]: VARIANTS["normal"],
    NAMES["hebbian"]: VARIANTS["hebbian"],
    "BP": dict(rule="bp", initialization="he_normal"),
}


def own_recipe(epochs: int, **options) -> dict:
    """Forward-Forward's recipe; the rate falls in long runs only, at the published epochs."""
    return {**REFERENCE, "decay_epochs": decay_epochs(epochs) if epochs >= 50 else (), **options}


def cases(settings: dict) -> list[Case]:
    """Three kinds of Forward-Forward by its own recipe; PEPITA, PEPITA-Hebbian, BP by theirs."""
    epochs = settings["epochs"]
    common = dict(dataset=settings["dataset"], epochs=epochs,
                  hidden=(settings["width"],) * settings["depth"])
    makers = {name: own_recipe(epochs, **options) for name, options in FORWARD_FORWARD.items()}
    makers |= {name: {**options, "decay_epochs": decay_epochs(epochs)}
               for name, options in OTHERS.items()}
    return [Case(Recipe(**common, **options), dict(variant=name))
            for name, options in makers.items()]


FF = Experiment(
    name="ff",
    title="Forward-Forward beside PEPITA",
    parameters=(*COMMON, Parameter("depth", int, "number of hidden layers", low=1, high=10)),
    profiles={
        "smoke": dict(dataset="digits", width=64, depth=2, epochs=20, seeds=2),
        "laptop": dict(dataset="mnist", width=256, depth=2, epochs=5, seeds=3),
        "paper": dict(dataset="mnist", width=1000, depth=3, epochs=100, seeds=10),
    },
    cases=cases,
)
