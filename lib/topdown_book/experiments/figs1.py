"""Figure S1: time-local PEPITA, with feedback and without, and its relatives by its recipe."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment
from topdown_book.parameters import COMMON

TIME_LOCAL = dict(rule="pepita-time-local", momentum_buffers="shared")
"""One momentum buffer for both half-steps, as in the released code. With a buffer each, the first
half-step alone moves the weights by 1 / (1 - momentum) times as much before the second pass."""
VARIANTS = {
    "time-local": TIME_LOCAL,
    "time-local, two buffers": dict(rule="pepita-time-local"),
    "PEPITA-Hebbian": dict(rule="pepita-hebbian"),
    "PEPITA": dict(rule="pepita"),
}
WITHOUT = "time-local, F = 0"
READINGS = {"as typed": 3**0.5, "a tenth": 0.1 * 3**0.5}
"""The caption's standard deviation, 0.5 * 2 sqrt(6/D), and 0.05 * 2 sqrt(6/D), which may have been
meant, in units of sqrt(2/D)."""


def deviation(reading: str, inputs: int) -> float:
    """The standard deviation of F by one reading of the caption, for D = `inputs` pixels."""
    return READINGS[reading] * (2 / inputs) ** 0.5


def cases(settings: dict) -> list[Case]:
    """Four variants x two strengths of F, and the time-local rule without feedback."""
    silent = Case(_recipe(settings, TIME_LOCAL, 0.0), dict(variant=WITHOUT, reading="F = 0"))
    return [silent] + [
        Case(_recipe(settings, options, scale), dict(variant=variant, reading=reading))
        for reading, scale in READINGS.items() for variant, options in VARIANTS.items()
    ]


def _recipe(settings: dict, options: dict, scale: float) -> Recipe:
    epochs = settings["epochs"]
    return Recipe(**options, dataset=settings["dataset"], hidden=(settings["width"],),
                  epochs=epochs, decay_epochs=((epochs + 1) // 2,), lr=1e-4, weight_decay=1e-4,
                  initialization="he_normal", feedback="normal", feedback_scale=scale)


FIGS1 = Experiment(
    name="figs1",
    title="Time-local PEPITA with feedback and without",
    parameters=COMMON,
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2),
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10),
    },
    cases=cases,
)
