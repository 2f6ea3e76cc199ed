"""From PEPITA-Hebbian to Forward-Forward in steps, for the same weights and the same data.

Both rules subtract a sum of two Hebbian products, one a pass:

    PEPITA-Hebbian   G_l = +h_l^T h_{l-1}             - h'_l^T h'_{l-1}
    Forward-Forward  G_l = +(p^- h_l^-)^T u_{l-1}^-   - (p^+ h_l^+)^T u_{l-1}^+

so that PEPITA's clean pass stands where Forward-Forward has its negative sample, and the modulated
pass, with the error taken off the input, where it has the positive one. Three things differ: the
inputs u are normalised in length, the logistic weights p fade where a layer is right already, and
the pair of samples is made in another way. The steps below exchange the first, then either of the
others, then both.
"""

from __future__ import annotations

import torch
from torch import Tensor

from topdown.recipes.names import CONTRAST_STEPS as STEPS
from topdown.rules._batch import Batch, summed
from topdown.rules.forward_forward import GoodnessOptions, layer_pass, overlay
from topdown.rules.hebbian import hebbian


def contrastive_updates(weights, x, target, wrong, feedback,
                        options: GoodnessOptions | None = None) -> dict[str, list[Tensor]]:
    """[G_1, ..., G_{L-1}] of the hidden layers after each of the STEPS.

    weights: [W_l (n_l, n_{l-1})], output layer included; x (B, D); target and wrong: one-hot
    (B, C); feedback: F (D, C). Leading replica axes are allowed. The first three use PEPITA's own
    pair, x and x' = x - e F^T, the last two the labels in the pixels of x.
    """
    options = options or GoodnessOptions()
    batch = Batch(list(weights), x, target, feedback)
    hidden, rows = list(weights[:-1]), x.shape[-2]
    clean = layer_pass(hidden, x)
    modulated = layer_pass(hidden, x - batch.error @ feedback.mT)
    wrongly, rightly = (layer_pass(hidden, overlay(x, label)) for label in (wrong, target))
    made = (summed(hebbian(batch), batch.weights, rows)[:-1],
            _difference(clean, modulated, rows),
            _difference(clean, modulated, rows, options),
            _difference(wrongly, rightly, rows),
            _difference(wrongly, rightly, rows, options))
    return dict(zip(STEPS, made))


def _difference(negative, positive, rows, options=None) -> list[Tensor]:
    """(p^- h^-)^T u^- - (p^+ h^+)^T u^+ for every layer; p = 1 without options."""
    found = []
    for h_neg, u_neg, h_pos, u_pos in zip(negative.activities, negative.inputs,
                                          positive.activities, positive.inputs):
        if options is not None:
            share = options.share(h_neg.shape[-1])
            h_neg = share * torch.sigmoid(options.excess(h_neg)) * h_neg
            h_pos = share * torch.sigmoid(-options.excess(h_pos)) * h_pos
        found.append((h_neg.mT @ u_neg - h_pos.mT @ u_pos) / rows)
    return found


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """Cosine of two matrices as vectors, with leading axes kept; NaN if one of them is 0."""
    a, b = a.flatten(-2).double(), b.flatten(-2).double()
    return (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1))
