"""Which stepper a recipe's rule is trained by."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown.rules import get_rule
from topdown.training.state import State
from topdown.training.stepper import Stepper


def make_stepper(recipe: Recipe, state: State, classes: int) -> Stepper:
    """The stepper for the recipe's rule."""
    if get_rule(recipe.rule).objective == "goodness":
        from topdown.training.goodness import GoodnessStepper

        return GoodnessStepper(recipe, state, classes)
    return Stepper(recipe, state)
