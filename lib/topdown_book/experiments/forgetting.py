"""What is left of alignment once mirroring stops: our own figure, in place of an unknown one."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_within
from topdown_book.experiments.fig3 import VARIANTS
from topdown_book.parameters import COMMON, Parameter

PEPITA, HEBBIAN = VARIANTS["normal"], VARIANTS["hebbian"]


def kinds(until: int) -> dict[str, dict]:
    """Recipe options: no mirroring, mirroring throughout, and two rules for which it stops."""
    stopped = dict(mirror_every=1, mirror_until=until)
    return {
        "never mirrored": PEPITA,
        "mirrored throughout": dict(**PEPITA, mirror_every=1),
        "mirroring stops": dict(**PEPITA, **stopped),
        "mirroring stops, Hebbian": dict(**HEBBIAN, **stopped),
    }


def cases(settings: dict) -> list[Case]:
    """One hidden layer; mirroring, where there is some, at every batch of its epochs."""
    epochs = settings["epochs"]
    return [
        Case(Recipe(dataset=settings["dataset"], hidden=(settings["width"],), epochs=epochs,
                    decay_epochs=decay_within(epochs), **options), dict(variant=name))
        for name, options in kinds(settings["until"]).items()
    ]


FORGETTING = Experiment(
    name="forgetting",
    title="Alignment after mirroring has stopped",
    parameters=(*COMMON, Parameter("until", int, "last epoch that mirrors", low=1, high=1000)),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=30, until=10, seeds=2),
        "laptop": dict(dataset="mnist", width=256, epochs=10, until=3, seeds=3),
        "paper": dict(dataset="mnist", width=1024, epochs=100, until=30, seeds=10),
    },
    cases=cases,
    metrics=("test_accuracy", "angle_total", "angle_adaptive"),
)
