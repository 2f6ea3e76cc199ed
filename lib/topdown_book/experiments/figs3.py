"""Figure S3: PEPITA against AFA on several data sets, at two learning rates and strengths of F."""

from __future__ import annotations

from itertools import product

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_within
from topdown_book.experiments.fig2a import RULES
from topdown_book.experiments.tab2 import MAY_BE_ABSENT
from topdown_book.parameters import DATASETS, EPOCHS, PROFILE, SEEDS, WIDTH

RATES, SCALES = (0.01, 0.1), (0.05, 0.5)
"""Learning rates; scales s of F, whose standard deviation is s sqrt(2/D)."""


def cases(settings: dict) -> list[Case]:
    """Data sets x rates x strengths x {PEPITA, AFA}, without momentum."""
    return [
        Case(_recipe(settings, rule, dataset, lr, scale),
             dict(dataset=dataset, lr=lr, scale=scale, variant=name),
             optional=dataset in MAY_BE_ABSENT)
        for dataset, lr, scale in product(settings["datasets"], RATES, SCALES)
        for name, rule in RULES.items()
    ]


def _recipe(settings: dict, rule: str, dataset: str, lr: float, scale: float) -> Recipe:
    epochs = settings["epochs"]
    return Recipe(dataset=dataset, rule=rule, hidden=(settings["width"],), epochs=epochs, lr=lr,
                  decay_epochs=decay_within(epochs), momentum=0.0, feedback_scale=scale)


FIGS3 = Experiment(
    name="figs3",
    title="PEPITA against AFA from identical initialisations",
    parameters=(PROFILE, SEEDS, EPOCHS, WIDTH, DATASETS),
    profiles={
        "smoke": dict(datasets=("digits",), width=64, epochs=10, seeds=2),
        "laptop": dict(datasets=("mnist", "cifar10"), width=256, epochs=5, seeds=3),
        "paper": dict(datasets=("mnist", "cifar10", "cifar100"), width=1024, epochs=100, seeds=10),
    },
    cases=cases,
)
