"""What training changes: weights, velocities and feedback of R replicas, and how each is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from topdown import feedback as fb
from topdown.network import initial_weights
from topdown.random import generator
from topdown.recipes import Recipe
from topdown.rules import get_rule


@dataclass
class State:
    """Everything that training changes, for R replicas, and the fixed feedback.

    The last three belong to Forward-Forward: r_l (R, n_l), and a linear read-out (R, C, features).
    """

    weights: list[Tensor]
    velocities: list[list[Tensor]]
    feedback: Tensor | list[Tensor] | None
    factors: list[Tensor] | None = None
    peer_means: list[Tensor] | None = None
    readout: Tensor | None = None
    readout_velocity: Tensor | None = None

    def tensors(self) -> list[Tensor]:
        """Everything in it that training may change, always in place."""
        single = [self.feedback] if isinstance(self.feedback, Tensor) else []
        single += [t for t in (self.readout, self.readout_velocity) if t is not None]
        buffers = [v for buffer in self.velocities for v in buffer]
        return [*self.weights, *buffers, *single, *(self.factors or []), *(self.peer_means or [])]


def layer_sizes(recipe: Recipe, inputs: int, classes: int) -> list[int]:
    """[D, n_1, ..., C]; without C for a rule that has no output layer."""
    last = [classes] if get_rule(recipe.rule).objective == "error" else []
    return [inputs, *recipe.hidden, *last]


def initial_state(recipe: Recipe, sizes, seeds, device="cpu", dtype=torch.float32,
                  recipes=None) -> State:
    """Weights, velocities and feedback of every seed, each drawn from the seed's own generators.

    recipes: one a seed, where they are not all `recipe` (see `topdown.training.sharing`).
    """
    own = recipes or [recipe] * len(seeds)
    weights, matrices = _draw_replicas(own, sizes, seeds, device, dtype)
    rule = get_rule(recipe.rule)
    separate = rule.objective == "error" and recipe.momentum_buffers == "separate"
    halves = len(rule.half_steps) if separate else 1
    velocities = [[torch.zeros_like(w) for w in weights] for _ in range(halves)]
    if rule.feedback != "input":
        return State(weights, velocities, matrices or None)
    factors = matrices if recipe.feedback == "normal" else None
    return State(weights, velocities, fb.product(matrices), factors)


def _draw_replicas(recipes, sizes, seeds, device, dtype) -> tuple[list[Tensor], list[Tensor]]:
    """Weights and feedback of all replicas, stacked; what was drawn one by one is freed here."""
    replicas = [_draw_replica(recipe, sizes, seed) for recipe, seed in zip(recipes, seeds)]
    weights, feedback = (
        [torch.stack(layer).to(device, dtype) for layer in zip(*(r[part] for r in replicas))]
        for part in (0, 1))
    return weights, feedback


def _draw_replica(recipe, sizes, seed) -> tuple[list[Tensor], list[Tensor]]:
    weights = initial_weights(sizes, recipe.initialization, generator(seed, "weights"))
    rule, draw = get_rule(recipe.rule), generator(seed, "feedback")
    kind = rule.feedback
    if recipe.ff_biases and rule.objective == "goodness":  # the last column, 0 at first
        weights = [torch.nn.functional.pad(w, (0, 1)) for w in weights]
    if kind == "layers":
        return weights, fb.layer_feedback(sizes, recipe.initialization, draw)
    if kind == "direct":
        return weights, fb.direct_feedback(sizes, recipe.initialization, draw)
    if kind == "input" and recipe.feedback == "normal":
        return weights, fb.normal_factors(sizes, recipe.feedback_scale, draw)
    if kind == "input" and recipe.feedback == "oracle":
        spread = fb.standard_deviation(recipe.feedback_scale, sizes[0])
        return weights, [fb.oracle_feedback(weights, spread)]
    if kind == "input":
        return weights, [fb.uniform_feedback(sizes, recipe.feedback_scale, draw,
                                             recipe.feedback_mean)]
    return weights, []
