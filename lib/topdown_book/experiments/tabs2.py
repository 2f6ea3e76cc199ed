"""Table S2: slowness of learning, read off the curves of Figure 3 and Table 2."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments import tab2
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import NAMES, VARIANTS
from topdown_book.parameters import COMMON


def cases(settings: dict) -> list[Case]:
    """Networks of one hidden layer: the baselines, PEPITA's variants and techniques."""
    same = {**settings, "datasets": (settings["dataset"],)}
    trained = [Case(case.recipe, dict(variant=_name(**case.labels)))
               for case in tab2.cases(same)]
    others = [Case(plain(settings, variant), dict(variant=NAMES[variant]))
              for variant in ("uniform", "hebbian")]
    return trained + others


def _name(dataset: str, variant: str, technique: str) -> str:
    return variant if technique == "none" else f"{variant}, {technique}"


def plain(settings: dict, variant: str) -> Recipe:
    """The recipe of Figure 3 for a variant, one hidden layer, no weight decay."""
    epochs = settings["epochs"]
    return Recipe(dataset=settings["dataset"], hidden=(settings["width"],), epochs=epochs,
                  decay_epochs=decay_epochs(epochs), **VARIANTS[variant])


TABS2 = Experiment(
    name="tabs2",
    title="Slowness of learning",
    parameters=COMMON,
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2),
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10),
    },
    cases=cases,
)
