"""Direct feedback alignment (Nokland 2016)."""

from topdown.network import apply_derivative
from topdown.rules._batch import Batch, Outer, Update
from topdown.rules._registry import Rule


def dfa(batch: Batch) -> Update:
    """G_l = delta_l^T h_{l-1},  delta_l = (e B_l) * phi'(a_l),  delta_L = e = y - t.

    `batch.feedback`: fixed random [B_1, ..., B_{L-1}], each of shape (C, n_l).
    """
    return direct_projection(batch, batch.error)


def direct_projection(batch: Batch, signal) -> Update:
    """Send `signal` (B, C) straight to every hidden layer; the output layer learns from e."""
    clean = batch.first_pass()
    update = [
        [Outer(apply_derivative(clean, layer, signal @ projection), clean.activations[layer - 1])]
        for layer, projection in enumerate(batch.feedback, start=1)
    ]
    return [*update, [Outer(batch.error, clean.activations[-2])]]


RULE = Rule("dfa", (dfa,), "direct")
