"""Forward-Forward (Hinton 2022), supervised, for fully connected layers; every layer on its own.

A layer is shown positive data (the right label in the first C pixels) and negative data (a wrong
one) and learns to tell them apart by its goodness, the mean or the sum of its squared activities:

    u_0 = N(x),  h_l = relu(m_l * (u_{l-1} W_l^T)),  u_l = N(h_l),  N(h) = sqrt(n) h / |h|
    loss_l = (softplus(theta - g(h_l^+)) + softplus(g(h_l^-) - theta)) / 2,  mean over the batch

N leaves a layer's input no length from which the goodness below could be read off. The gradient
stops at u_{l-1}. With p the probability that the layer gives to the wrong verdict,

    G_l = -(p^+ h_l^+)^T u_{l-1}^+  +  (p^- h_l^-)^T u_{l-1}^-     ("sum"; "mean" divides by n_l)

what gradient descent subtracts: Hebbian on positive data, anti-Hebbian on negative data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from topdown.random import counter_bits
from topdown.rules._batch import Outer, Update, summed
from topdown.rules._registry import Rule

GOODNESS = ("sum", "mean")
PEER_DECAY = 0.9
"""Share of the old value in the running mean of an activity (Hinton's published value)."""
_SMALLEST_NORM = 1e-12


@dataclass(frozen=True)
class GoodnessOptions:
    """kind: "sum" or "mean"; threshold: per unit, so theta is threshold * n_l for the sum.

    peer: strength kappa of peer normalisation, in the unit of Hinton's code: what is added to the
    gradient with respect to a_j is kappa (r_j - mean r), with r <- rho r + (1 - rho) mean_B h^+ and
    rho = PEER_DECAY. A code that adds lambda mean_j (r_j - mean r)^2 to the loss has another unit:
    lambda = kappa n / (2 (1 - rho)), so its .03 is our 6e-6 for n = 1000 units.
    """

    kind: str = "sum"
    threshold: float = 1.0
    peer: float = 0.0

    def share(self, units: int) -> float:
        """What one unit's squared activity adds to the goodness of a layer."""
        return 1.0 if self.kind == "sum" else 1 / units

    def excess(self, h: Tensor) -> Tensor:
        """g(h) - theta for every row, with a last axis of length 1."""
        units = h.shape[-1]
        above = h.square().sum(-1, keepdim=True) - self.threshold * units
        return above * self.share(units)


class Pass(NamedTuple):
    """One forward pass: `inputs` [u_0, ..., u_{L-1}], `activities` [h_1, ..., h_L], and a_1."""

    inputs: list[Tensor]
    activities: list[Tensor]
    first_preactivation: Tensor


def length_normalized(h: Tensor) -> Tensor:
    """N(h) = sqrt(n) h / |h|: every row with mean square 1."""
    norm = torch.linalg.vector_norm(h, dim=-1, keepdim=True).clamp_min(_SMALLEST_NORM)
    return h * (h.shape[-1] ** 0.5 / norm)


def overlay(x: Tensor, label: Tensor) -> Tensor:
    """x (B, D) with the C numbers of `label` (B, C) in the place of its first C pixels."""
    return torch.cat([label, x[..., label.shape[-1] :]], dim=-1)


def wrong_labels(target: Tensor, keys: Tensor) -> Tensor:
    """One-hot labels (R, B, C), each uniform among those that differ from `target`; keys (R,)."""
    rows, classes = target.shape[-2:]
    shift = 1 + counter_bits(keys, (rows,)).remainder(classes - 1)
    wrong = (target.argmax(-1) + shift) % classes
    return (wrong[..., None] == torch.arange(classes, device=wrong.device)).to(target.dtype)


def with_bias(u: Tensor, w: Tensor) -> Tensor:
    """u with a last column of ones where w has one column more than u: the biases."""
    return u if w.shape[-1] == u.shape[-1] else torch.cat([u, torch.ones_like(u[..., :1])], dim=-1)


def layer_pass(weights, x, masks=None) -> Pass:
    """Every layer's normalised input and its activity, for [W_l (n_l, n_{l-1})] and x (B, D)."""
    u = with_bias(length_normalized(x), weights[0])
    return _from_first_layer(weights, u, u @ weights[0].mT, masks)


def _from_first_layer(weights, u, a, masks) -> Pass:
    """The pass whose first layer receives u and has the pre-activation a = u W_1^T."""
    inputs, activities, first = [u], [], a
    for layer, following in enumerate([*weights[1:], None]):
        h = torch.relu(a)
        activities.append(h if masks is None else h * masks[layer])
        if following is not None:
            inputs.append(with_bias(length_normalized(activities[-1]), following))
            a = inputs[-1] @ following.mT
    return Pass(inputs, activities, first)


@dataclass
class Contrast:
    """One mini-batch as Forward-Forward sees it; leading replica axes are allowed.

    weights: [W_l (n_l, n_{l-1})], hidden layers only; x (B, D); right, wrong: one-hot labels
    (B, C); masks: inverted dropout, the same in both passes; peer_means: [r_l (n_l,)] or None.

    Positive and negative data differ in the first C pixels alone, and are equally long, so that
    the first layer's products with all D pixels serve both: a_1^- = a_1^+ + d W_1[:, :C]^T, with
    d (B, C) the `relabelling`.
    """

    weights: list[Tensor]
    x: Tensor
    right: Tensor
    wrong: Tensor
    options: GoodnessOptions = field(default_factory=GoodnessOptions)
    masks: list[Tensor] | None = None
    peer_means: list[Tensor] | None = None

    @cached_property
    def positive(self) -> Pass:
        return layer_pass(self.weights, overlay(self.x, self.right), self.masks)

    @cached_property
    def relabelling(self) -> Tensor:
        """d = u_0^- - u_0^+ in the first C pixels; the label's pixel says how x was scaled."""
        scaled = self.positive.inputs[0][..., : self.right.shape[-1]].sum(-1, keepdim=True)
        return scaled * (self.wrong - self.right)

    @cached_property
    def negative(self) -> Pass:
        d, up = self.relabelling, self.positive
        u = overlay(up.inputs[0], up.inputs[0][..., : d.shape[-1]] + d)
        a = up.first_preactivation + d @ self.weights[0][..., : d.shape[-1]].mT
        return _from_first_layer(self.weights, u, a, self.masks)

    @cached_property
    def new_peer_means(self) -> list[Tensor]:
        """rho r + (1 - rho) mean_B h^+ for every layer; without old means, r = 0 before."""
        means = [h.mean(-2) for h in self.positive.activities]
        old = self.peer_means or [torch.zeros_like(m) for m in means]
        return [PEER_DECAY * r + (1 - PEER_DECAY) * m for r, m in zip(old, means)]


def positive_half_step(contrast: Contrast) -> Update:
    """Hebbian on positive data: G_l = -(p^+ h_l^+)^T u_{l-1}^+, p^+ = sigmoid(theta - g).

    Peer normalisation adds kappa (r_j - mean r), also where unit j is silent: were the pull gated
    by h > 0 like a gradient, a unit that is silent for all data could never come back (Hinton).
    """
    options = contrast.options
    post = [-torch.sigmoid(-options.excess(h)) * h * options.share(h.shape[-1])
            for h in contrast.positive.activities]
    if options.peer:
        post = [p + options.peer * (r - r.mean(-1, keepdim=True))[..., None, :]
                for p, r in zip(post, contrast.new_peer_means)]
    return _outer(post, contrast.positive, contrast.masks)


def negative_half_step(contrast: Contrast) -> Update:
    """Anti-Hebbian on negative data: G_l = (p^- h_l^-)^T u_{l-1}^-, p^- = sigmoid(g - theta)."""
    options = contrast.options
    post = [torch.sigmoid(options.excess(h)) * h * options.share(h.shape[-1])
            for h in contrast.negative.activities]
    return _outer(post, contrast.negative, contrast.masks)


def _outer(post, passed: Pass, masks) -> Update:
    """Each layer's outer product; what is sent back through the dropout mask is masked again."""
    if masks is not None:
        post = [p * m for p, m in zip(post, masks)]
    return [[Outer(p, u)] for p, u in zip(post, passed.inputs)]


def forward_forward(contrast: Contrast) -> Update:
    """Both half-steps on the same weights.

    In the first layer post_+^T u^+ + post_-^T u^- = (post_+ + post_-)^T u^+ + post_-^T d.
    """
    halves = positive_half_step(contrast), negative_half_step(contrast)
    update = [up + down for up, down in zip(*halves)]
    (up, u), (down, _) = update[0]
    return [[Outer(up + down, u), Outer(down, contrast.relabelling)], *update[1:]]


def ff_gradients(weights, x, right, wrong, *, goodness="sum", threshold=1.0, peer=0.0,
                 peer_means=None) -> list[Tensor]:
    """What gradient descent subtracts, [G_1, ..., G_L], for one network and batch, no dropout.

    weights: [(n_l, n_{l-1})], hidden layers only; x (B, D); right, wrong: one-hot (B, C), written
    over the first C of the D inputs; the options are those of `GoodnessOptions`; peer_means: the
    running means [(n_l,)] before this batch (default 0). Raises ValueError for an unknown goodness.
    """
    if goodness not in GOODNESS:
        raise ValueError(f"goodness={goodness!r} is not one of {GOODNESS}")
    weights = list(weights)
    options = GoodnessOptions(goodness, threshold, peer)
    contrast = Contrast(weights, x, right, wrong, options, peer_means=peer_means)
    return summed(forward_forward(contrast), weights, x.shape[-2])


# --- prediction ---------------------------------------------------------------------------------


def label_goodness(weights, x, classes: int, kind: str = "sum") -> list[Tensor]:
    """For every layer the goodness (B, C) of each row of x under each of the C labels.

    The first layer is cheap: u_0 under label c is (x_0 + one_hot(c)) / norm, with x_0 the rows
    without label, so one product x_0 W_1^T serves all labels.
    """
    bare = overlay(x, torch.zeros(*x.shape[:-1], classes, dtype=x.dtype, device=x.device))
    rms = ((bare.square().sum(-1, keepdim=True) + 1) / x.shape[-1]).sqrt()
    first, inputs = weights[0], x.shape[-1]
    unlabelled = bare @ first[..., :inputs].mT
    bias = first[..., None, :, inputs:].sum(-1)  # of no column, 0
    found = []
    for label in range(classes):
        h = [torch.relu((unlabelled + first[..., None, :, label]) / rms + bias)]
        for w in weights[1:]:
            h.append(torch.relu(with_bias(length_normalized(h[-1]), w) @ w.mT))
        found.append([a.square().sum(-1) if kind == "sum" else a.square().mean(-1) for a in h])
    return [torch.stack(layer, dim=-1) for layer in zip(*found)]


def total_goodness(weights, x, classes: int, kind="sum", layers="all-but-first") -> Tensor:
    """The goodness (B, C) of each label summed over layers 2..L, or over "all" of them.

    A network of one hidden layer is judged by that layer.
    """
    every = label_goodness(weights, x, classes, kind)
    chosen = every if layers == "all" or len(every) == 1 else every[1:]
    return sum(chosen)


def features(weights, x, classes: int) -> Tensor:
    """What a linear read-out sees: N(h_l) of layers 2..L (of layer 1 if alone), side by side.

    One pass with a neutral label, 1 / C in each of the first C pixels.
    """
    neutral = torch.full((*x.shape[:-1], classes), 1 / classes, dtype=x.dtype, device=x.device)
    activities = layer_pass(weights, overlay(x, neutral)).activities
    return torch.cat([length_normalized(h) for h in activities[1:] or activities], dim=-1)


RULE = Rule("forward-forward", (positive_half_step, negative_half_step), None, "goodness")
