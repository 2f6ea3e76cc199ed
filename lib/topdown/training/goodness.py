"""One step of Forward-Forward for R replicas at once: goodness layer by layer, no output layer."""

from __future__ import annotations

import torch
from torch import Tensor

from topdown.recipes import Recipe
from topdown.rules.forward_forward import (
    Contrast,
    GoodnessOptions,
    features,
    forward_forward,
    total_goodness,
    wrong_labels,
)
from topdown.training.state import State
from topdown.training.stepper import Stepper, apply_update


class GoodnessStepper(Stepper):
    """Trains the replicas of one Forward-Forward recipe on batch after batch."""

    def __init__(self, recipe: Recipe, state: State, classes: int):
        super().__init__(recipe, state)
        if recipe.ff_biases:
            self.inputs -= 1
            self.x = self.x[..., :-1].contiguous()
        self.classes = classes
        self.goodness = GoodnessOptions(recipe.ff_goodness, recipe.ff_threshold,
                                        recipe.ff_peer_normalization)
        if self.goodness.peer:
            state.peer_means = [w.new_zeros(w.shape[:-1]) for w in state.weights]
        if recipe.ff_prediction == "readout":
            seen = sum(recipe.hidden[1:]) or recipe.hidden[0]
            state.readout = state.weights[0].new_zeros(self.replicas, classes, seen)
            state.readout_velocity = torch.zeros_like(state.readout)

    @property
    def second_draw(self) -> str:
        return "negatives"

    def step(self, x: Tensor, target: Tensor, lr: float, keys=None, second_keys=None) -> None:
        """One update on x (R, B, D); `second_keys` (R, 1 or more) draw the wrong labels."""
        recipe, state = self.recipe, self.state
        if recipe.ff_prediction == "readout":
            self._train_readout(x, target, lr)
        contrast = Contrast(state.weights, x, target, wrong_labels(target, second_keys[:, 0]),
                            self.goodness, self.masks(keys), state.peer_means)
        update = forward_forward(contrast)
        if self.goodness.peer:
            for r, new in zip(state.peer_means, contrast.new_peer_means):
                r.copy_(new)
        apply_update(state.weights, state.velocities[0], update, recipe, lr, recipe.batch,
                     recipe.weight_decay)

    def _train_readout(self, x, target, lr) -> None:
        """The delta rule on the read-out alone, at `ff_readout_lr`, decayed as the layers' rate."""
        recipe, state = self.recipe, self.state
        seen = features(state.weights, x, self.classes)
        error = torch.softmax(seen @ state.readout.mT, -1) - target
        rate = recipe.ff_readout_lr * (lr / recipe.lr if recipe.lr else 1)
        apply_update([state.readout], [state.readout_velocity], [[(error, seen)]], recipe, rate,
                     recipe.batch, recipe.ff_readout_decay)

    def probed_batch(self, x: Tensor, target: Tensor) -> Contrast:
        """Positive and negative passes on x (B, D), with one wrong label a row, always the same."""
        keys = torch.zeros(self.replicas, dtype=torch.int32, device=x.device)
        target = target.expand(self.replicas, -1, -1)
        return Contrast(self.state.weights, x.expand(self.replicas, -1, -1), target,
                        wrong_labels(target, keys), self.goodness)

    def predict(self, x: Tensor) -> Tensor:
        """A probability of each label (R, B, C): the softmax of total goodness, or the read-out."""
        recipe, weights = self.recipe, self.state.weights
        if recipe.ff_prediction == "readout":
            score = features(weights, x, self.classes) @ self.state.readout.mT
        else:
            score = total_goodness(weights, x, self.classes, recipe.ff_goodness,
                                   recipe.ff_prediction)
        return torch.softmax(score, -1)
