"""Time-local PEPITA: the Hebbian form applied in two half-steps, one right after each pass.

Nothing of pass 1 but the error and the input has to be remembered: each pass updates the weights
with its own activity (paper, section 5.1 and Algorithm S2).
"""

from topdown.network import forward
from topdown.rules._batch import Batch, Outer, Update
from topdown.rules._registry import Rule


def clean_half_step(batch: Batch) -> Update:
    """After pass 1: G_l = h_l^T h_{l-1},  G_L = y^T h_{L-1}."""
    h = batch.first_pass().activations
    return [[Outer(h[layer], h[layer - 1])] for layer in range(1, len(h))]


def modulated_half_step(batch: Batch) -> Update:
    """After pass 2: G_l = -h'_l^T h'_{l-1},  G_L = -t^T h'_{L-1}.

    Pass 2 runs on the weights that the first half-step has left, with e of pass 1.
    """
    x = batch.x + batch.options.sign * (batch.error @ batch.feedback.mT)
    masks = batch.masks if batch.second_masks is None else batch.second_masks
    h = forward(batch.weights, x, masks, batch.options.normalization).activations
    post = [*h[1:-1], batch.target]
    return [[Outer(-p, pre)] for p, pre in zip(post, h)]


RULE = Rule("pepita-time-local", (clean_half_step, modulated_half_step), "input")
