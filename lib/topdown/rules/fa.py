"""Feedback alignment (Lillicrap et al. 2016)."""

from topdown.rules._batch import Batch, Update
from topdown.rules._registry import Rule
from topdown.rules.bp import backward_pass


def fa(batch: Batch) -> Update:
    """G_l = delta_l^T h_{l-1},  delta_L = y - t,  delta_l = (delta_{l+1} B_{l+1}) * phi'(a_l).

    `batch.feedback`: fixed random [B_2, ..., B_L], each shaped like W_l.
    """
    return backward_pass(batch, batch.feedback)


RULE = Rule("fa", (fa,), "layers")
