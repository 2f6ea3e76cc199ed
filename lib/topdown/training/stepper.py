"""One step of training, for R replicas at once: the rule's outer products, momentum, update.

Momentum and update are fused: v <- mu v + G accumulates the outer products straight into v (one
matrix product with beta = mu), so no gradient is ever stored.
"""

from __future__ import annotations

import torch
from torch import Tensor

from topdown import feedback as fb
from topdown.network import forward, orthogonalized
from topdown.random import dropout_mask
from topdown.recipes import Recipe
from topdown.rules import Batch, Rule, get_rule, make_options
from topdown.training.state import State


def gather(images: Tensor, places: Tensor, raw: Tensor, x: Tensor) -> None:
    """Write the images (N, D) at `places` (R, B), uint8 scaled to [0, 1], into x (R, B, D).

    raw (R B, D) is where they are collected; nothing is allocated but the list of places.
    """
    torch.index_select(images, 0, places.flatten(), out=raw)
    x.copy_(raw.view(x.shape))
    if raw.dtype == torch.uint8:
        x.mul_(1 / 255)


def apply_update(weights, velocities, update, recipe: Recipe, lr, rows, weight_decay) -> None:
    """v <- mu v + G + wd W;  W <- W - lr v, in place, without storing G.

    With `velocity_holds_rate` (for the ancestor's code) v <- mu v + lr (G + wd W);  W <- W - v.
    lr, weight_decay: a number, or (R, 1, 1) where the replicas differ (see `sharing`).
    """
    gain, lr = (lr, 1.0) if recipe.velocity_holds_rate else (1.0, lr)
    for w, v, terms in zip(weights, velocities, update):
        beta = recipe.momentum
        for post, pre in terms:
            reached = v[..., : pre.shape[-1]]
            reached.baddbmm_(post.mT, pre.expand(len(v), -1, -1), beta=beta, alpha=gain / rows)
            beta = 1.0
        if not terms:
            v.mul_(recipe.momentum)
        if isinstance(weight_decay, Tensor):
            v.add_(weight_decay * w)
        elif weight_decay:
            v.add_(w, alpha=gain * weight_decay)
        if isinstance(lr, Tensor):
            w.sub_(lr * v)
        else:
            w.add_(v, alpha=-lr)


class Stepper:
    """Trains the replicas of one recipe on batch after batch."""

    def __init__(self, recipe: Recipe, state: State, rule: Rule | None = None):
        self.recipe, self.state = recipe, state
        self.rule = rule or get_rule(recipe.rule)
        self.options = make_options(**recipe.rule_options())
        weight = state.weights[0]
        self.replicas, self.inputs = weight.shape[0], weight.shape[-1]
        self.x = weight.new_empty(self.replicas, recipe.batch, self.inputs)
        self.weight_decay = recipe.weight_decay
        self.spread = fb.standard_deviation(recipe.feedback_scale, self.inputs)
        self.stacked = None
        if self.rule.feedback == "input" and len(self.rule.half_steps) == 1:
            classes = state.weights[-1].shape[-2]
            self.stacked = weight.new_empty(self.replicas, recipe.batch + classes, self.inputs)
            self.x = self.stacked[:, : recipe.batch]
            self.refresh_feedback()

    def refresh_feedback(self) -> None:
        """Copy F^T below the rows of x, once at the start and whenever F has moved."""
        if self.stacked is not None:
            self.stacked[:, self.recipe.batch :] = self.state.feedback.mT

    def tensors(self) -> list[Tensor]:
        """Everything that a step changes and the next one needs, always in place."""
        return [*self.state.tensors(), *([] if self.stacked is None else [self.stacked])]

    @property
    def second_draw(self) -> str | None:
        """What the second pass draws anew at every step: a purpose of `topdown.random`."""
        return "second masks" if self.recipe.masks == "redrawn" else None

    def masks(self, keys: Tensor | None) -> list[Tensor] | None:
        """Dropout masks of the hidden layers from keys of shape (R, L - 1)."""
        if keys is None or self.recipe.dropout == 0:
            return None
        return [dropout_mask(keys[:, layer], (self.recipe.batch, n), self.recipe.dropout,
                             self.x.dtype) for layer, n in enumerate(self.recipe.hidden)]

    def step(self, x: Tensor, target: Tensor, lr: float, keys=None, second_keys=None,
             rule_keys=None) -> Tensor:
        """One update of every replica on x (R, B, D) in [0, 1]; returns y of pass 1, (R, B, C).

        Keys: (R, L - 1) of the masks, of the second pass's own masks; (R, L) of a random rule.
        """
        if x is not self.x:
            self.x.copy_(x)
        batch = Batch(self.state.weights, self.x, target, self.state.feedback, self.options,
                      self.masks(keys), self.masks(second_keys), self.stacked, keys=rule_keys)
        last = len(self.rule.half_steps) - 1
        for number, half_step in enumerate(self.rule.half_steps):
            decay = number == last or self.recipe.decay_half_steps == 2
            apply_update(
                self.state.weights, self.state.velocities[number % len(self.state.velocities)],
                half_step(batch), self.recipe, lr, self.recipe.batch,
                self.weight_decay if decay else 0.0)
        if self.recipe.orthogonal:
            for w in self.state.weights:
                w.copy_(orthogonalized(w))
        if self.recipe.feedback == "oracle" and self.rule.feedback == "input":
            self.state.feedback.copy_(fb.oracle_feedback(self.state.weights, self.spread))
            self.refresh_feedback()
        return batch.first_pass().output

    def mirror(self, keys: Tensor) -> None:
        """One weight-mirroring step of F, rescaled to its own standard deviation."""
        recipe, state = self.recipe, self.state
        fb.mirror(state.factors, state.weights, recipe.mirror_rate, recipe.mirror_decay, keys,
                  rows=recipe.batch, through=recipe.mirror_through,
                  normalization=recipe.normalization, dropout=recipe.dropout)
        state.feedback.copy_(fb.rescale(state.factors, self.spread))
        self.refresh_feedback()

    def probed_batch(self, x: Tensor, target: Tensor) -> Batch:
        """What a probe sees of the rows x (B, D) and their targets (B, C): no dropout."""
        return Batch(self.state.weights, x.expand(self.replicas, -1, -1), target,
                     self.state.feedback, self.options)

    def predict(self, x: Tensor) -> Tensor:
        """y (R, B, C) of every replica for the rows x (B, D), without dropout."""
        return forward(self.state.weights, x, None, self.recipe.normalization).output

    def measures(self) -> dict[str, Tensor]:
        """What is recorded of the state after every epoch: alignment angles in degrees, (R,)."""
        if self.rule.feedback != "input":
            return {}
        return fb.alignment_angles(self.state.weights, self.state.feedback, self.state.factors)
