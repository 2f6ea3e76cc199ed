"""Accuracy against the cost of training: our own figure, in place of an unknown one."""

from __future__ import annotations

from topdown_book.experiments import tab2
from topdown_book.experiments._base import Case, Experiment
from topdown_book.experiments.fig3 import NAMES
from topdown_book.experiments.tabs2 import plain
from topdown_book.parameters import COMMON


def cases(settings: dict) -> list[Case]:
    """The rows of Table 2 without technique, and PEPITA-Hebbian as in Figure 3."""
    same = {**settings, "datasets": (settings["dataset"],)}
    rows = [Case(case.recipe, dict(variant=case.labels["variant"]))
            for case in tab2.cases(same) if case.labels["technique"] == "none"]
    return [*rows, Case(plain(settings, "hebbian"), dict(variant=NAMES["hebbian"]))]


WALL_CLOCK = Experiment(
    name="wall_clock",
    title="Accuracy against the cost of training",
    parameters=COMMON,
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2),
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10),
    },
    cases=cases,
)
