"""Accuracy against width: our own figure, in place of one that is unknown to us."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import VARIANTS
from topdown_book.parameters import COMMON

RULES = {
    "BP": dict(rule="bp", initialization="he_normal"),
    "FA": dict(rule="fa", initialization="he_normal"),
    "PEPITA": VARIANTS["normal"],
}
_STEP, _COUNT = 4, 4


def widths(largest: int) -> list[int]:
    """The widths compared: the largest, a quarter of it, and so on, four in all."""
    return sorted({max(1, largest // _STEP**k) for k in range(_COUNT)})


def cases(settings: dict) -> list[Case]:
    """Rules x widths, one hidden layer, the recipe of Table 2."""
    epochs = settings["epochs"]
    return [
        Case(Recipe(dataset=settings["dataset"], hidden=(width,), epochs=epochs,
                    decay_epochs=decay_epochs(epochs), **options), dict(variant=name, width=width))
        for name, options in RULES.items() for width in widths(settings["width"])
    ]


WIDTHS = Experiment(
    name="widths",
    title="Accuracy against width",
    parameters=COMMON,
    profiles={
        "smoke": dict(dataset="digits", width=256, epochs=20, seeds=2),
        "laptop": dict(dataset="mnist", width=4096, epochs=5, seeds=3),
        "paper": dict(dataset="mnist", width=4096, epochs=100, seeds=10),
    },
    cases=cases,
)
