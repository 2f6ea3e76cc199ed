"""Accuracy with bfloat16 products beside float32: our own question, on recipes of Table 2."""

from __future__ import annotations

from dataclasses import replace

from topdown_book.experiments import wall_clock
from topdown_book.experiments._base import Case, Experiment
from topdown_book.parameters import COMMON, Parameter

PRECISIONS = ("fp32", "bf16")
RULES = {"bp": "BP", "pepita": "PEPITA", "hebbian": "PEPITA-Hebbian"}


def cases(settings: dict) -> list[Case]:
    """Rules x precisions; the recipes in fp32 are those of `wall_clock`, so of Table 2."""
    chosen = [RULES[name] for name in settings["rules"]]
    return [Case(replace(case.recipe, precision=precision),
                 dict(variant=case.labels["variant"], precision=precision))
            for case in wall_clock.cases(settings) if case.labels["variant"] in chosen
            for precision in PRECISIONS]


PRECISION = Experiment(
    name="precision",
    title="Accuracy with bfloat16 products",
    parameters=(*COMMON, Parameter("rules", "list", "which rules", choices=tuple(RULES))),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2, rules=tuple(RULES)),
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3, rules=tuple(RULES)),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10, rules=tuple(RULES)),
    },
    cases=cases,
)
