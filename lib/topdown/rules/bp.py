"""Backpropagation (Rumelhart, Hinton & Williams 1986), written without autograd."""

from topdown.network import apply_derivative
from topdown.rules._batch import Batch, Outer, Update
from topdown.rules._registry import Rule


def bp(batch: Batch) -> Update:
    """G_l = delta_l^T h_{l-1},  delta_L = y - t,  delta_l = (delta_{l+1} W_{l+1}) * phi'(a_l).

    The gradient of the cross-entropy of the softmax. Uses no feedback matrix: errors travel
    through the transposed forward weights.
    """
    return backward_pass(batch, batch.weights[1:])


def backward_pass(batch: Batch, carriers) -> Update:
    """The error recursion with `carriers` [M_2, ..., M_L] in the place of the weights.

    With `backward_masks="end"` (an erratum of the ancestor's code) errors travel as if nothing
    were dropped, and each delta_l meets the mask of its own layer only at the end: the same with
    one hidden layer, no gradient with more.
    """
    clean, delta = batch.first_pass(), batch.error
    late = batch.options.backward_masks == "end" and clean.masks is not None
    update = [[Outer(delta, clean.activations[-2])]]
    for layer in range(len(batch.weights) - 1, 0, -1):
        below, delta = clean.activations[layer - 1], delta @ carriers[layer - 1]
        if late:
            delta = delta * (below @ batch.weights[layer - 1].mT > 0)
            update.insert(0, [Outer(delta * clean.masks[layer - 1], below)])
        else:
            delta = apply_derivative(clean, layer, delta)
            update.insert(0, [Outer(delta, below)])
    return update


RULE = Rule("bp", (bp,), None)
