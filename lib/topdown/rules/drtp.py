"""Direct random target projection (Frenkel, Lefebvre & Bol 2021)."""

from topdown.rules._batch import Batch, Update
from topdown.rules._registry import Rule
from topdown.rules.dfa import direct_projection


def drtp(batch: Batch) -> Update:
    """G_l = delta_l^T h_{l-1},  delta_l = (t B_l) * phi'(a_l),  delta_L = y - t.

    The target replaces the error, so the hidden layers need not wait for the output.
    `batch.feedback`: fixed random [B_1, ..., B_{L-1}], each of shape (C, n_l), symmetric about 0.
    """
    return direct_projection(batch, batch.target)


RULE = Rule("drtp", (drtp,), "direct")
