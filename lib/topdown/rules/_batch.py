"""What a learning rule sees of the world: one mini-batch, and how it answers: outer products."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from topdown.network import Activity, forward
from topdown.random import counter_normal


class Outer(NamedTuple):
    """One term `post^T pre` of B G_l: post is (k, n_l), pre is (k, n_{l-1}).

    k is the batch size B, or smaller where a product of low rank allows it. A `pre` of fewer
    columns than the layer has inputs stands for the first inputs, the others being zero.
    """

    post: Tensor
    pre: Tensor


Update = list[list[Outer]]
"""For every layer l = 1..L the terms of B G_l; an empty list leaves the layer as it is."""


@dataclass(frozen=True)
class Options:
    """The named variants of the rules (see `topdown.rules`), and the normalisation."""

    presynaptic: str = "modulated"
    sign: int = -1
    output_error: str = "first"
    difference_mask: str = "once"
    backward_masks: str = "chain"
    normalization: str | None = None


@dataclass
class Batch:
    """One mini-batch with everything a rule may use; leading replica axes are allowed.

    weights: [W_l (n_l, n_{l-1})]; x (B, D); target one-hot (B, C); feedback: see each rule;
    masks: inverted-dropout masks of the hidden layers, shared by both passes;
    second_masks: other masks for the second pass (an erratum of the released code), else None;
    stacked: optionally (B + C, D), the rows of x above the rows of F^T, see `first_pass`;
    keys: one a layer, (L,), of the random numbers that a rule draws in this step, see `noise`.
    """

    weights: list[Tensor]
    x: Tensor
    target: Tensor
    feedback: Tensor | list[Tensor] | None = None
    options: Options = field(default_factory=Options)
    masks: list[Tensor] | None = None
    second_masks: list[Tensor] | None = None
    stacked: Tensor | None = None
    clean: Activity | None = None
    projected: Tensor | None = None
    keys: Tensor | None = None

    def first_pass(self) -> Activity:
        """The clean pass, computed once.

        With `stacked` rows the product [x; F^T] W_1^T yields a_1 and (W_1 F)^T together: W_1 is
        read from memory once for both.
        """
        if self.clean is None:
            a = None
            if self.stacked is not None:
                rows = self.x.shape[-2]
                product = self.stacked @ self.weights[0].mT
                a, self.projected = product[..., :rows, :], product[..., rows:, :]
            self.clean = forward(self.weights, self.x, self.masks, self.options.normalization, a)
        return self.clean

    def stacked_rows(self) -> Tensor:
        """The rows of x above the rows of F^T, (B + C, D)."""
        if self.stacked is None:
            return torch.cat([self.x, self.feedback.mT], dim=-2)
        return self.stacked

    def noise(self, layer: int) -> Tensor:
        """Standard normal values (B, n_l) for layer l = 1..L, the same again at every call.

        They depend on the seed and the step alone, not on the device, nor on the other seeds.
        """
        if self.keys is None:
            raise ValueError("this rule draws random numbers: register it with random=True")
        shape = self.x.shape[-2], self.weights[layer - 1].shape[-2]
        return counter_normal(self.keys[..., layer - 1], shape, self.x.dtype)

    @property
    def error(self) -> Tensor:
        """e = y - t, of the first pass."""
        return self.first_pass().output - self.target

    def projected_feedback(self) -> Tensor:
        """(W_1 F)^T, of shape (C, n_1)."""
        self.first_pass()
        if self.projected is None:
            self.projected = (self.weights[0] @ self.feedback).mT
        return self.projected

    def modulated_pass(self) -> Activity:
        """The second pass, on x' = x + sign e F^T.

        a'_1 = a_1 + sign e (W_1 F)^T exactly, so the first layer costs a product with the C rows
        of (W_1 F)^T instead of one with the D pixels of x'.
        """
        clean, signed_error = self.first_pass(), self.options.sign * self.error
        rows = self.feedback.mT if self.stacked is None else self.stacked[..., self.x.shape[-2]:, :]
        x = (signed_error @ rows).add_(self.x)
        a = (signed_error @ self.projected_feedback()).add_(clean.first_preactivation)
        masks = self.masks if self.second_masks is None else self.second_masks
        return forward(self.weights, x, masks, self.options.normalization, a)

    def output_error(self, modulated: Activity) -> Tensor:
        """The error that trains the output layer: of the first pass, or (ICML 2022) the second."""
        if self.options.output_error == "first":
            return self.error
        return modulated.output - self.target


def summed(update: Update, weights: list[Tensor], batch_size: int) -> list[Tensor]:
    """G_l = (1/B) sum of the outer products, one tensor per layer, shaped like the weights."""
    gradients = []
    for terms, w in zip(update, weights):
        g = torch.zeros_like(w)
        for post, pre in terms:
            g[..., : pre.shape[-1]] += post.mT @ pre / batch_size
        gradients.append(g)
    return gradients
