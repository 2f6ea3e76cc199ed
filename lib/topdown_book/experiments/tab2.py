"""Table 2: weight decay, normalisation, both, without and with weight mirroring; baselines."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import VARIANTS, WEIGHT_DECAY
from topdown_book.parameters import DATASETS, EPOCHS, PROFILE, SEEDS, WIDTH

TECHNIQUES = {
    "none": dict(),
    "weight decay": dict(weight_decay=WEIGHT_DECAY),
    "normalisation": dict(normalization="sample"),
    "both": dict(weight_decay=WEIGHT_DECAY, normalization="sample"),
}
MIRRORED = {"PEPITA": dict(), "PEPITA + WM": dict(mirror_every=1)}
BASELINES = {"BP": "bp", "FA": "fa", "DFA": "dfa", "DRTP": "drtp"}
MAY_BE_ABSENT = ("cifar100",)
"""Data sets whose rows say "data not here" instead of stopping the whole table."""


def cases(settings: dict) -> list[Case]:
    """Per data set: four baselines, then PEPITA without and with mirroring x four techniques."""
    return [case for dataset in settings["datasets"]
            for case in (*_baselines(settings, dataset), *_pepita(settings, dataset))]


def _baselines(settings: dict, dataset: str) -> list[Case]:
    options = dict(initialization="he_normal")
    return [_case(settings, dataset, name, "none", dict(rule=rule, **options))
            for name, rule in BASELINES.items()]


def _pepita(settings: dict, dataset: str) -> list[Case]:
    return [
        _case(settings, dataset, name, technique, {**VARIANTS["normal"], **mirroring, **options})
        for name, mirroring in MIRRORED.items() for technique, options in TECHNIQUES.items()
    ]


def _case(settings: dict, dataset: str, rule: str, technique: str, options: dict) -> Case:
    epochs = settings["epochs"]
    recipe = Recipe(dataset=dataset, hidden=(settings["width"],), epochs=epochs,
                    decay_epochs=decay_epochs(epochs), **options)
    return Case(recipe, dict(dataset=dataset, variant=rule, technique=technique),
                optional=dataset in MAY_BE_ABSENT)


TAB2 = Experiment(
    name="tab2",
    title="Weight decay, normalisation and mirroring; BP, FA, DFA and DRTP",
    parameters=(PROFILE, SEEDS, EPOCHS, WIDTH, DATASETS),
    profiles={
        "smoke": dict(datasets=("digits",), width=64, epochs=20, seeds=2),
        "laptop": dict(datasets=("mnist", "cifar10"), width=256, epochs=5, seeds=3),
        "paper": dict(datasets=("mnist", "cifar10", "cifar100"), width=1024, epochs=100, seeds=10),
    },
    cases=cases,
)
