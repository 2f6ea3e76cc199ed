"""Figure S6: every alignment angle during training, with and without mirroring."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import MIRRORING, VARIANTS
from topdown_book.experiments.tab2 import MAY_BE_ABSENT
from topdown_book.parameters import DATASETS, EPOCHS, PROFILE, SEEDS, WIDTH


def cases(settings: dict) -> list[Case]:
    """Data sets x mirroring, PEPITA normal with one hidden layer, as in Figure 3c."""
    epochs = settings["epochs"]
    common = dict(hidden=(settings["width"],), epochs=epochs, decay_epochs=decay_epochs(epochs),
                  **VARIANTS["normal"])
    return [
        Case(Recipe(dataset=dataset, **common, **options), dict(dataset=dataset, variant=name),
             optional=dataset in MAY_BE_ABSENT)
        for dataset in settings["datasets"] for name, options in MIRRORING.items()
    ]


FIGS6 = Experiment(
    name="figs6",
    title="Alignment of feedback and weights",
    parameters=(PROFILE, SEEDS, EPOCHS, WIDTH, DATASETS),
    profiles={
        "smoke": dict(datasets=("digits",), width=64, epochs=20, seeds=2),
        "laptop": dict(datasets=("mnist",), width=256, epochs=5, seeds=3),
        "paper": dict(datasets=("mnist", "cifar100"), width=1024, epochs=100, seeds=10),
    },
    cases=cases,
    metrics=("test_accuracy", "angle_total", "angle_adaptive", "angle_layer_1", "angle_layer_2"),
)
