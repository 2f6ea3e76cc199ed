"""What a recipe may name, and what each rule needs: known without torch, which takes seconds."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

NORMALIZATIONS = (None, "sample", "batch")
INITIALIZATIONS = ("he_uniform", "he_normal", "fan_out_normal", "orthogonal")
KINDS = ("uniform", "normal", "oracle")
MIRROR_PATHS = ("preactivation", "activation", "released")
CONTRAST_STEPS = ("PEPITA-Hebbian", "normalised inputs", "and logistic weights", "and label pairs",
                  "and both (FF)")
RULES: dict = {}
"""Every `topdown.rules.Rule` by its name, once `topdown.rules` is imported."""


class Needs(NamedTuple):
    """Of a rule, see `topdown.rules.Rule`; the half-steps are counted. module: "" from outside."""

    half_steps: int
    feedback: str | None
    objective: str = "error"
    module: str = ""


@cache
def _of_the_package() -> dict[str, Needs]:
    """Read from the line RULE = Rule(...) of each file."""
    files = sorted((Path(__file__).parents[1] / "rules").glob("[a-z]*.py"))
    found = {}
    for file, node in ((f, node) for f in files for node in ast.parse(f.read_text()).body):
        match node:
            case ast.Assign([ast.Name("RULE")], ast.Call(_, [name, ast.Tuple(steps), *others])):
                found[name.value] = Needs(len(steps), *(value.value for value in others),
                                          module=f"topdown.rules.{file.stem}")
    return found


def rules() -> dict[str, Needs]:
    """Every rule of the package, and those that have been registered."""
    return {name: Needs(len(rule.half_steps), rule.feedback, rule.objective)
            for name, rule in RULES.items()} | _of_the_package()
