"""PEPITA: error-driven modulation of the input (Dellaferrera & Kreiman 2022; paper, Eq. 4)."""

from topdown.rules._batch import Batch, Outer, Update
from topdown.rules._registry import Rule


def pepita(batch: Batch) -> Update:
    """G_l = (h_l - h'_l)^T h'_{l-1} (hidden),  G_L = e^T h'_{L-1},  h'_0 = x' = x - e F^T.

    h' is the second pass, on x'. With `presynaptic="clean"` h_{l-1} stands for h'_{l-1}; with
    `sign=+1` x' = x + e F^T, which is the same rule with F -> -F; with `output_error="second"`
    e is the error of the second pass. `batch.feedback`: F of shape (D, C).
    """
    clean, modulated = batch.first_pass(), batch.modulated_pass()
    chosen = clean if batch.options.presynaptic == "clean" else modulated
    presynaptic = chosen.activations[:-1]
    post = [h - h_mod for h, h_mod in zip(clean.hidden, modulated.hidden)]
    if batch.options.difference_mask == "twice" and batch.masks is not None:
        post = [difference * mask for difference, mask in zip(post, batch.masks)]
    post.append(batch.output_error(modulated))
    return [[Outer(p, h)] for p, h in zip(post, presynaptic)]


RULE = Rule("pepita", (pepita,), "input")
