"""Different recipes of equal shapes in one program: a replica for every recipe and seed.

Recipes may share a program if they differ in nothing but the learning rate, weight decay and the
scale of F. These become arrays (R, 1, 1); all else is as for the seeds of one recipe, so that a
sweep costs what as many seeds cost. Each recipe's result is what it is alone, to rounding.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from topdown import feedback as fb
from topdown.recipes import Recipe
from topdown.rules import get_rule
from topdown.training.loop import Run, Trainer, run_epochs
from topdown.training.state import initial_state
from topdown.training.stepper import Stepper
from topdown.training.steppers import make_stepper

VARYING = ("lr", "weight_decay", "feedback_scale")


def may_share(recipes: list[Recipe]) -> bool:
    """Whether one program can train all of them.

    Forward-Forward, whose read-out has a rate of its own, convolution, and a rate inside the
    velocity are left out.
    """
    first = recipes[0]
    plain = {name: getattr(first, name) for name in VARYING}
    usual = not (first.kernels or first.velocity_holds_rate)
    usual = usual and get_rule(first.rule).objective == "error"
    return usual and all(replace(recipe, **plain) == first for recipe in recipes)


class SharedTrainer(Trainer):
    """Trains one replica for every pair of `recipes` and `seeds`, epoch by epoch."""

    def __init__(self, recipes: list[Recipe], seeds, device="cpu", data=None):
        if not may_share(recipes):
            raise ValueError("recipes that share a program may differ in "
                             f"{', '.join(VARYING)} only, and be neither convolutional nor "
                             "forward-forward nor hold the rate in the velocity; train these one "
                             "after another")
        self.recipes = list(recipes)
        super().__init__(recipes[0], seeds, device, data)
        self.rate = self._column([0.0] * len(self.seeds))

    def _column(self, values) -> Tensor:
        """(R, 1, 1)"""
        return torch.tensor(values, dtype=torch.float32, device=self.device).view(-1, 1, 1)

    def _stepper(self, classes: int) -> Stepper:
        state = initial_state(self.recipe, self.sizes, self.seeds, self.device,
                              recipes=self.recipes)
        stepper = make_stepper(self.recipe, state, classes)
        if any(recipe.weight_decay for recipe in self.recipes):
            stepper.weight_decay = self._column([r.weight_decay for r in self.recipes])
        stepper.spread = self._column([fb.standard_deviation(r.feedback_scale, stepper.inputs)
                                       for r in self.recipes])
        return stepper

    def _rate(self, number: int) -> Tensor:
        """Always the same array, so that a CUDA graph stays valid when the rates decay."""
        rates = self._column([recipe.learning_rate(number) for recipe in self.recipes])
        return self.rate.copy_(rates)


def train_together(members: dict[Recipe, list[int]], device="cpu", data=None, progress=True,
                   keeper=None) -> list[Run]:
    """Train the seeds of every recipe in one program; one `Run` for each recipe.

    `seconds` of a run is its share of the time; `keeper`: see `run_epochs`. Raises ValueError where
    `may_share` says no.
    """
    pairs = [(recipe, seed) for recipe, seeds in members.items() for seed in seeds]
    trainer = SharedTrainer([recipe for recipe, _ in pairs], [seed for _, seed in pairs], device,
                            data)
    run, runs, start = run_epochs(trainer, progress, keeper), [], 0
    for recipe, seeds in members.items():
        own = slice(start, start + len(seeds))
        start += len(seeds)
        curves = {name: values[:, own] for name, values in run.curves.items()}
        runs.append(Run(recipe, list(seeds), curves, run.status[own],
                        run.seconds * len(seeds) / len(pairs)))
    return runs
