"""A small convolutional network on images: PEPITA beside BP, FA and kernels that never learn."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.parameters import DATASET, EPOCHS, PROFILE, SEEDS, Parameter

FIXED = "fixed kernels"
RULES = {
    FIXED: dict(rule="pepita", feedback_scale=0.0),
    "PEPITA": dict(rule="pepita"),
    "PEPITA-Hebbian": dict(rule="pepita-hebbian"),
    "FA": dict(rule="fa"),
    "BP": dict(rule="bp"),
}


def cases(settings: dict) -> list[Case]:
    """One convolution, pooling, one dense layer; without feedback only the dense layer learns."""
    epochs = settings["epochs"]
    common = dict(dataset=settings["dataset"], hidden=(), kernels=settings["kernels"],
                  kernel_size=settings["kernel_size"], epochs=epochs, dropout=0.0,
                  n_train=settings["n_train"] or None, decay_epochs=decay_epochs(epochs),
                  initialization="he_normal")
    return [Case(Recipe(**common, **options), dict(variant=name))
            for name, options in RULES.items()]


CONVOLUTION = Experiment(
    name="convolution",
    title="A small convolutional network",
    parameters=(
        PROFILE, SEEDS, EPOCHS, DATASET,
        Parameter("kernels", int, "number of kernels", low=1, high=1024),
        Parameter("kernel_size", int, "height and width of a kernel", low=1, high=11),
        Parameter("n_train", int, "number of training images, 0 for all", low=0, high=60000),
    ),
    profiles={
        "smoke": dict(dataset="digits", kernels=8, kernel_size=3, epochs=15, seeds=2, n_train=0),
        "laptop": dict(dataset="mnist", kernels=16, kernel_size=5, epochs=5, seeds=3,
                       n_train=10000),
        "paper": dict(dataset="cifar10", kernels=32, kernel_size=5, epochs=100, seeds=10,
                      n_train=0),
    },
    cases=cases,
)
