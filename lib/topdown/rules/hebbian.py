"""PEPITA-Hebbian: every update a product of the activities of one pass (paper, Eq. 8).

W_l moves by -lr G_l: anti-Hebbian on the clean pass, Hebbian on the modulated one.
"""

import torch

from topdown.rules._batch import Batch, Outer, Update
from topdown.rules._registry import Rule


def hebbian(batch: Batch) -> Update:
    """G_l = h_l^T h_{l-1} - h'_l^T h'_{l-1} (hidden),  G_L = y^T h_{L-1} - t^T h'_{L-1}.

    On layer 1, h'_0 = x + sign e F^T turns this into (h_1 - h'_1)^T x - sign (h'_1^T e) F^T: one
    product with the rows of x and of F^T stacked. `batch.feedback`: F of shape (D, C).
    """
    clean, modulated = batch.first_pass(), batch.modulated_pass()
    h, h_mod = clean.activations, modulated.activations
    low_rank = -batch.options.sign * (batch.error.mT @ h_mod[1])
    first = [Outer(torch.cat([h[1] - h_mod[1], low_rank], dim=-2), batch.stacked_rows())]
    middle = [
        [Outer(h[layer], h[layer - 1]), Outer(-h_mod[layer], h_mod[layer - 1])]
        for layer in range(2, len(batch.weights))
    ]
    output = [Outer(clean.output, h[-2]), Outer(-batch.target, h_mod[-2])]
    return [first, *middle, output][-len(batch.weights) :]


RULE = Rule("pepita-hebbian", (hebbian,), "input")
