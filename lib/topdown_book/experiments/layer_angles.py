"""Alignment layer by layer in a deep network: our own figure, in place of an unknown one."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import VARIANTS
from topdown_book.parameters import COMMON, Parameter

KINDS = {
    "PEPITA": VARIANTS["normal"],
    "PEPITA-Hebbian": VARIANTS["hebbian"],
    "PEPITA + WM": dict(**VARIANTS["normal"], mirror_every=1),
}


def cases(settings: dict) -> list[Case]:
    """Three ways to train one deep network; the first two are recipes of Table S1."""
    epochs = settings["epochs"]
    return [
        Case(Recipe(dataset=settings["dataset"], hidden=(settings["width"],) * settings["depth"],
                    epochs=epochs, decay_epochs=decay_epochs(epochs), **options),
             dict(variant=name))
        for name, options in KINDS.items()
    ]


LAYER_ANGLES = Experiment(
    name="layer_angles",
    title="Alignment layer by layer",
    parameters=(*COMMON, Parameter("depth", int, "number of hidden layers", low=1, high=10)),
    profiles={
        "smoke": dict(dataset="digits", width=64, depth=3, epochs=20, seeds=2),
        "laptop": dict(dataset="mnist", width=256, depth=3, epochs=5, seeds=3),
        "paper": dict(dataset="cifar10", width=1024, depth=3, epochs=100, seeds=10),
    },
    cases=cases,
    metrics=("angle_total",),
)
