"""What the departures of the released code from the published rules change, measured in pairs."""

from __future__ import annotations

from dataclasses import dataclass

from topdown.data import SPECS
from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import VARIANTS
from topdown_book.parameters import COMMON, Parameter

PUBLISHED, RELEASED = "published", "released"
RATES = (0.003, 0.01, 0.03)
"""The small grid of learning rates on which row 3 compares two ways of choosing."""


@dataclass(frozen=True)
class Erratum:
    """One comparison: `base` as published, with `change` as released. `row` numbers the page."""

    row: int
    name: str
    base: dict
    change: dict
    depth: int = 1


NORMAL, UNIFORM = VARIANTS["normal"], VARIANTS["uniform"]
TIME_LOCAL = dict(rule="pepita-time-local", initialization="he_normal", feedback="normal",
                  feedback_scale=3**0.5, lr=1e-4, weight_decay=1e-4)
"""The recipe of Figure S1 with its caption as typed."""


def errata(dataset: str) -> list[Erratum]:
    """Every comparison of two trainings (row 3 is a choice between trainings: see `cases`)."""
    vanilla = [Erratum(1, f"Hebbian mode runs vanilla, depth {depth}", VARIANTS["hebbian"],
                       dict(rule="pepita"), depth) for depth in (1, 2, 3)]
    sample = dict(**NORMAL, normalization="sample")
    fan = (SPECS[dataset].features / len(SPECS[dataset].classes)) ** 0.5
    return [
        *vanilla,
        Erratum(2, "normalisation over the batch", sample, dict(normalization="batch")),
        Erratum(2, "the same at 64 times the rate", sample,
                dict(normalization="batch", lr=64 * 0.01)),
        Erratum(4, "time-local: masks redrawn", TIME_LOCAL, dict(masks="redrawn")),
        Erratum(4, "time-local: no dropout", TIME_LOCAL, dict(dropout=0.0)),
        Erratum(5, "time-local: one momentum buffer", TIME_LOCAL, dict(momentum_buffers="shared")),
        Erratum(5, "time-local: weight decay twice", TIME_LOCAL, dict(decay_half_steps=2)),
        Erratum(7, "mirroring through activations", dict(**NORMAL, mirror_every=1),
                dict(mirror_through="activation")),
        Erratum(10, "rate decays 1 epoch late (2022)", NORMAL, dict(decay_delay=1)),
        Erratum(10, "rate decays 2 epochs late (2023)", NORMAL, dict(decay_delay=2)),
        Erratum(16, "uniform F with a mean", UNIFORM, dict(feedback_mean=3**0.5)),
        Erratum(17, f"uniform F {fan:.1f} times too large", UNIFORM,
                dict(feedback_scale=0.05 * fan)),
        Erratum(18, "output error of pass 2", NORMAL, dict(output_error="second")),
        Erratum(18, "mask applied twice", NORMAL, dict(difference_mask="twice")),
    ]


def cases(settings: dict) -> list[Case]:
    """Both sides of every comparison."""
    found = []
    for entry in errata(settings["dataset"]):
        for side, options in ((PUBLISHED, entry.base), (RELEASED, {**entry.base, **entry.change})):
            labels = dict(row=entry.row, change=entry.name, side=side, rate=None)
            found.append(Case(_recipe(settings, settings["dataset"], entry.depth, options), labels))
    return found + _tuning(settings)


def _tuning(settings: dict) -> list[Case]:
    """Row 3: every rate trained on all images and tested, or tested on images held out."""
    dataset = settings["tuning_dataset"]
    held_out = SPECS[dataset].n_train // 12
    return [
        Case(_recipe(settings, dataset, 1, dict(**NORMAL, lr=rate, held_out=count)),
             dict(row=3, change="rate chosen on the test set", side=side, rate=rate))
        for rate in RATES for side, count in ((RELEASED, 0), (PUBLISHED, held_out))
    ]


def _recipe(settings: dict, dataset: str, depth: int, options: dict) -> Recipe:
    epochs = settings["epochs"]
    own = dict(decay_epochs=((epochs + 1) // 2,)) if "time-local" in options["rule"] else {}
    return Recipe(**{"dataset": dataset, "epochs": epochs, "decay_epochs": decay_epochs(epochs),
                     "hidden": (settings["width"],) * depth, **own, **options})


ERRATA = Experiment(
    name="errata",
    page="errata_measured",
    title="Errata of the released code, measured",
    parameters=(*COMMON, Parameter("tuning_dataset", str, "data set of row 3",
                                   choices=tuple(SPECS))),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=10, seeds=3, tuning_dataset="digits"),
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3, tuning_dataset="mnist"),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10,
                      tuning_dataset="mnist"),
    },
    cases=cases,
    metrics=("test_accuracy", "angle_total"),
)
