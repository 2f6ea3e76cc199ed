"""Adaptive feedback alignment: PEPITA to first order in F (paper, Eq. 6)."""

from topdown.network import apply_derivative
from topdown.rules._batch import Batch, Outer, Update
from topdown.rules._registry import Rule


def afa(batch: Batch) -> Update:
    """G_1 = ((e (W_1 F)^T) * phi'(a_1))^T x,  G_2 = e^T h_1,  for one hidden layer.

    FA whose feedback W_1 F adapts with the first layer. `batch.feedback`: F of shape (D, C);
    `sign=+1` takes -F.
    """
    clean, error = batch.first_pass(), batch.error
    change = -batch.options.sign * (error @ batch.projected_feedback())
    return [
        [Outer(apply_derivative(clean, 1, change), batch.x)],
        [Outer(error, clean.activations[1])],
    ]


RULE = Rule("afa", (afa,), "input")
