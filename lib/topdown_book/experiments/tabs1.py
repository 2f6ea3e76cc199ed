"""Table S1: depth, without and with weight decay, and with normalisation up to five layers."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import NAMES, VARIANTS, WEIGHT_DECAY
from topdown_book.experiments.tab2 import MAY_BE_ABSENT
from topdown_book.parameters import DATASETS, EPOCHS, PROFILE, SEEDS, WIDTH, Parameter

DEPTHS, NORMALIZED_DEPTHS = (1, 2, 3), (1, 2, 3, 4, 5)
NORMALIZED = "normalisation"


def cases(settings: dict) -> list[Case]:
    """Variants x {none, weight decay} x depth, as in Figure 3; then normalised networks."""
    return [case for dataset in settings["datasets"]
            for case in (*_plain(settings, dataset), *_normalized(settings, dataset))]


def _plain(settings: dict, dataset: str) -> list[Case]:
    return [
        _case(settings, dataset, variant, technique, depth, weight_decay=decay)
        for variant in settings["rules"]
        for technique, decay in (("none", 0.0), ("weight decay", WEIGHT_DECAY))
        for depth in DEPTHS
    ]


def _normalized(settings: dict, dataset: str) -> list[Case]:
    return [_case(settings, dataset, "normal", NORMALIZED, depth, normalization="sample")
            for depth in NORMALIZED_DEPTHS if depth <= settings["depth"]]


def _case(settings, dataset, variant, technique, depth, **options) -> Case:
    epochs = settings["epochs"]
    recipe = Recipe(dataset=dataset, hidden=(settings["width"],) * depth, epochs=epochs,
                    decay_epochs=decay_epochs(epochs), **VARIANTS[variant], **options)
    labels = dict(dataset=dataset, variant=NAMES[variant], technique=technique, depth=depth)
    return Case(recipe, labels, optional=dataset in MAY_BE_ABSENT)


TABS1 = Experiment(
    name="tabs1",
    title="Depth, weight decay and normalisation",
    parameters=(
        PROFILE, SEEDS, EPOCHS, WIDTH, DATASETS,
        Parameter("depth", int, "largest number of normalised hidden layers", low=1, high=5),
        Parameter("rules", "list", "which variants to train", choices=tuple(VARIANTS)),
    ),
    profiles={
        "smoke": dict(datasets=("digits",), width=64, depth=5, epochs=20, seeds=2,
                      rules=tuple(VARIANTS)),
        "laptop": dict(datasets=("mnist", "cifar10"), width=256, depth=5, epochs=5, seeds=3,
                       rules=tuple(VARIANTS)),
        "paper": dict(datasets=("mnist", "cifar10", "cifar100"), width=1024, depth=5, epochs=100,
                      seeds=10, rules=tuple(VARIANTS)),
    },
    cases=cases,
)
