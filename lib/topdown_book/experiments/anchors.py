"""Two known runs: PEPITA as its inventors released it, against what their notebook printed."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_within
from topdown_book.parameters import COMMON, DATASET, EPOCHS, Parameter

THIS_PAPER, ANCESTOR = "this paper's code", "ICML 2022 code"
OPTIONS = {THIS_PAPER: dict(), ANCESTOR: dict(sign=1, output_error="second", decay_delay=1)}
SECOND_LR = 0.1


def cases(settings: dict) -> list[Case]:
    """Both versions of PEPITA on the first data set; the ancestor's with lr 0.1 on the second."""
    first = [_case(settings, settings["dataset"], name, settings["epochs"], 0.01)
             for name in OPTIONS]
    second = _case(settings, settings["second_dataset"], ANCESTOR, settings["second_epochs"],
                   SECOND_LR)
    return [*first, second]


def _case(settings: dict, dataset: str, variant: str, epochs: int, lr: float) -> Case:
    recipe = Recipe(dataset=dataset, hidden=(settings["width"],), epochs=epochs, lr=lr,
                    decay_epochs=decay_within(epochs), **OPTIONS[variant])
    return Case(recipe, dict(variant=variant, dataset=dataset, lr=lr))


ANCHORS = Experiment(
    name="anchors",
    title="Two known runs: the ancestor's recipe on CIFAR-10 and on MNIST",
    parameters=(
        *COMMON,
        Parameter("second_dataset", str, "data set of the run with learning rate 0.1",
                  choices=DATASET.choices),
        Parameter("second_epochs", int, "epochs of that run", low=1, high=EPOCHS.high),
    ),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2,
                      second_dataset="digits", second_epochs=10),
        "laptop": dict(dataset="cifar10", width=1024, epochs=10, seeds=3,
                       second_dataset="mnist", second_epochs=3),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10,
                      second_dataset="mnist", second_epochs=100),
    },
    cases=cases,
)
