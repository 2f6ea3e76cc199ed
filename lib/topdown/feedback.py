"""Feedback matrices: initialisation, factors, weight mirroring, rescaling, alignment angles.

F has shape (D, C) and standard deviation s sqrt(2/D) for a scale s (0.05 in the released code).
"uniform": F ~ U(+-s sqrt(6/D)). "normal": F = B_1 B_2 ... B_L, B_l Gaussian with the shape of
W_l^T, (n_{l-1}, n_l); only factorised feedback can be mirrored. "oracle": the transposed product
of the current weights, at every step: the upper bound of any mirroring, and the feedback of FOTON
(Caillon et al. 2025), which keeps the weights orthogonal besides.
"""

from __future__ import annotations

from functools import reduce
from math import prod

import torch
from torch import Tensor

from topdown.network import he_draw, normalize
from topdown.random import counter_normal, dropout_mask

_OTHER_DRAW = 0x2545F491
"""Turns the key of a layer's noise into that of its mask: the two must not know of each other."""


def standard_deviation(scale: float, inputs: int) -> float:
    """The standard deviation s sqrt(2/D) that F has at the start and keeps under mirroring."""
    return scale * (2 / inputs) ** 0.5


def uniform_feedback(sizes, scale, generator, mean=0.0) -> Tensor:
    """F ~ U(+-s sqrt(6/D)), shape (D, C), for layer sizes [D, n_1, ..., C].

    `mean`, in units of F's standard deviation, is added to every entry: sqrt(3) makes all of them
    positive (an erratum of the released code; the published F has mean 0).
    """
    bound = scale * (6 / sizes[0]) ** 0.5
    drawn = torch.empty(sizes[0], sizes[-1]).uniform_(-bound, bound, generator=generator)
    return drawn.add_(mean * standard_deviation(scale, sizes[0]))


def normal_factors(sizes, scale, generator) -> list[Tensor]:
    """[B_1, ..., B_L], B_l (n_{l-1}, n_l), whose product has standard deviation s sqrt(2/D).

    Each B_l is Gaussian of standard deviation (s sqrt(2/D) / sqrt(n_1 ... n_{L-1}))^(1/L).
    """
    total = standard_deviation(scale, sizes[0]) / prod(sizes[1:-1]) ** 0.5
    each = total ** (1 / (len(sizes) - 1))
    return [torch.empty(n, m).normal_(0, each, generator=generator)
            for n, m in zip(sizes[:-1], sizes[1:])]


def product(factors: list[Tensor]) -> Tensor:
    """F = B_1 B_2 ... B_L, multiplied from the right, where the matrices are narrow."""
    return reduce(lambda right, left: left @ right, reversed(factors))


def oracle_feedback(weights, deviation: float) -> Tensor:
    """(W_L ... W_1)^T, scaled to the standard deviation `deviation`: perfect mirroring."""
    transported = reduce(lambda upper, w: upper @ w, reversed(weights)).mT
    spread = transported.std(dim=(-2, -1), keepdim=True).clamp_min(1e-30)
    return transported * (deviation / spread)


def layer_feedback(sizes, initialization, generator) -> list[Tensor]:
    """FA's [B_2, ..., B_L]: drawn like the weights whose place they take."""
    return [he_draw((n, fan_in), fan_in, initialization, generator)
            for fan_in, n in zip(sizes[1:-1], sizes[2:])]


def direct_feedback(sizes, initialization, generator) -> list[Tensor]:
    """[B_1, ..., B_{L-1}] of DFA and DRTP, (C, n_l), of variance 2 / n_l.

    That is the scale of a He-initialised output layer fed by n_l units (our choice: the paper's
    is unknown).
    """
    return [he_draw((sizes[-1], n), n, initialization, generator) for n in sizes[1:-1]]


# --- weight mirroring (Akrout et al. 2019) ----------------------------------------------------


def mirror(factors, weights, rate, decay, keys, noise=0.1, rows=64, through="preactivation",
           normalization=None, dropout=0.0) -> None:
    """One mirroring step, in place: B_l += rate (xi^T out_l(xi) / rows - decay B_l).

    xi ~ noise N(0, 1), (rows, n_{l-1}), each column centred over the rows, drawn layer by layer
    from `keys` (…, L) (see `topdown.random`). out_l(xi) = xi W_l^T ("preactivation"): the mean
    step is noise^2 W_l^T - decay B_l. "activation" sends it through ReLU and normalisation, or
    the softmax on the output layer. "released" is what the released code does besides: dropout
    stays on, and what is subtracted from xi is one number, the mean of all its entries.
    """
    for layer, (b, w) in enumerate(zip(factors, weights)):
        xi = noise * counter_normal(keys[..., layer], (rows, w.shape[-1]), w.dtype)
        xi -= xi.mean((-2, -1) if through == "released" else -2, keepdim=True)
        out = xi @ w.mT
        if through != "preactivation" and layer == len(weights) - 1:
            out = out.softmax(-1)
        elif through != "preactivation":
            out = out.relu()
            if through == "released":
                own = keys[..., layer] ^ _OTHER_DRAW
                out *= dropout_mask(own, out.shape[-2:], dropout, w.dtype)
            out = normalize(out, normalization)[0]
        b.mul_(1 - rate * decay).add_(xi.mT @ out, alpha=rate / rows)


def rescale(factors: list[Tensor], target: float) -> Tensor:
    """Multiply every B_l by one number so that std(F) is `target`; returns the rescaled F."""
    feedback = product(factors)
    spread = feedback.std(dim=(-2, -1), keepdim=True).clamp_min(1e-30)
    ratio = (target / spread) ** (1 / len(factors))
    for b in factors:
        b.mul_(ratio)
    return feedback * (target / spread)


# --- alignment ----------------------------------------------------------------------------------


def alignment_angle(a: Tensor, b: Tensor) -> Tensor:
    """Angle in degrees between two matrices as vectors; leading axes are kept. NaN if one is 0."""
    a, b = a.flatten(-2).double(), b.flatten(-2).double()
    cosine = (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1))
    return torch.rad2deg(torch.arccos(cosine.clamp(-1, 1)))


def alignment_angles(weights, feedback, factors=None) -> dict[str, Tensor]:
    """Every alignment angle in degrees, masks ignored.

    angle_total: F against (W_L ... W_1)^T (Fig. 3c). angle_adaptive: W_1 F against
    (W_L ... W_2)^T. angle_layer_l: B_l against W_l^T, where F is factorised.
    """
    backward = [w.mT for w in weights]
    angles = {"angle_total": alignment_angle(feedback, product(backward))}
    if len(weights) > 1:
        angles["angle_adaptive"] = alignment_angle(weights[0] @ feedback, product(backward[1:]))
    for layer, (b, w) in enumerate(zip(factors or [], weights), start=1):
        angles[f"angle_layer_{layer}"] = alignment_angle(b, w.mT)
    return angles
