"""The network of the paper: bias-free fully connected layers, ReLU, softmax, inverted dropout.

Every tensor may carry leading axes (the replica axis of the trainer): shapes below are those of one
network, (B, n) for a batch of B rows. `weights[l-1]` is W_l of shape (n_l, n_{l-1}), l = 1..L.

    a_l = h_{l-1} W_l^T,   h_l = N(relu(m_l * a_l)),   h_0 = x,   y = softmax(a_L)

N is the activation normalisation of the hidden layers: None, "sample" (h / |h| row by row) or
"batch" (h / |h|_F over the whole batch, what the released code does).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from topdown.recipes.names import INITIALIZATIONS

_SMALLEST_NORM = 1e-12


@dataclass
class Activity:
    """What one forward pass leaves behind.

    `activations` is [h_0, ..., h_{L-1}, y]; `first_preactivation` is a_1 before the mask;
    `norms` holds the divisor of every hidden layer (None without normalisation).
    """

    activations: list[Tensor]
    first_preactivation: Tensor
    norms: list[Tensor | None]
    masks: list[Tensor] | None
    normalization: str | None

    @property
    def output(self) -> Tensor:
        return self.activations[-1]

    @property
    def hidden(self) -> list[Tensor]:
        return self.activations[1:-1]


def forward(weights, x, masks=None, normalization=None, first_preactivation=None) -> Activity:
    """One pass through the network; give `first_preactivation` where a_1 is known more cheaply.

    weights: list of (n_l, n_{l-1}); x: (B, D); masks: one (B, n_l) per hidden layer, holding 0 or
    1 / (1 - dropout), or None.
    """
    a = x @ weights[0].mT if first_preactivation is None else first_preactivation
    first, activations, norms = a, [x], []
    for layer, following in enumerate(weights[1:]):
        h = torch.relu(a) if masks is None else torch.relu(a) * masks[layer]
        h, norm = normalize(h, normalization)
        activations.append(h)
        norms.append(norm)
        a = h @ following.mT
    activations.append(torch.softmax(a, dim=-1))
    return Activity(activations, first, norms, masks, normalization)


def normalize(h: Tensor, how: str | None) -> tuple[Tensor, Tensor | None]:
    """h / |h| for every row ("sample"), h / |h|_F for the batch ("batch"), or h itself (None)."""
    if how is None:
        return h, None
    norm = torch.linalg.vector_norm(h, dim=-1 if how == "sample" else (-2, -1), keepdim=True)
    norm = norm.clamp_min(_SMALLEST_NORM)
    return h / norm, norm


def apply_derivative(activity: Activity, layer: int, signal: Tensor) -> Tensor:
    """J_l `signal`, J_l the Jacobian of a_l -> h_l (hidden layer l = 1..L-1), row by row.

    Without normalisation J = diag(m 1[a > 0]). With it, (1 - h h^T) diag(m 1[a > 0]) / norm, a
    symmetric matrix (h vanishes where the mask does), so that one function serves errors going
    back (BP, FA, DFA, DRTP) and first-order changes going forward (AFA).
    """
    h, norm = activity.activations[layer], activity.norms[layer - 1]
    active = (h > 0).to(h.dtype)
    if activity.masks is not None:
        active = active * activity.masks[layer - 1]
    signal = signal * active
    if norm is None:
        return signal
    axes = -1 if activity.normalization == "sample" else (-2, -1)
    return (signal - h * (h * signal).sum(axes, keepdim=True)) / norm


def initial_weights(sizes, initialization, generator) -> list[Tensor]:
    """He initialisation (He et al. 2015) of W_1..W_L for layer sizes [D, n_1, ..., C].

    "he_uniform": U(+-sqrt(6 / n_{l-1})); "he_normal": N(0, 2 / n_{l-1}); "fan_out_normal":
    N(0, 1 / n_l); "orthogonal": orthonormal rows, or columns where there are fewer. Drawn on the
    CPU in float32 from `generator`, so that a seed means the same network on every device.
    """
    return [he_draw((n, fan_in), fan_in, initialization, generator)
            for fan_in, n in zip(sizes[:-1], sizes[1:])]


def he_draw(shape, fan_in, initialization, generator) -> Tensor:
    """One matrix of the given shape; by He's rules with variance 2 / fan_in."""
    matrix = torch.empty(shape)
    if initialization == "he_uniform":
        bound = (6 / fan_in) ** 0.5
        return matrix.uniform_(-bound, bound, generator=generator)
    if initialization == "he_normal":
        return matrix.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
    if initialization == "fan_out_normal":
        return matrix.normal_(0, shape[0] ** -0.5, generator=generator)
    if initialization == "orthogonal":
        return torch.nn.init.orthogonal_(matrix, generator=generator)
    known = ", ".join(INITIALIZATIONS)
    raise ValueError(f"unknown initialization {initialization!r} (known: {known})")


def orthogonalized(w: Tensor) -> Tensor:
    """One Newton-Schulz (Bjoerck) step towards the orthogonal matrix that is nearest to w (n, m).

    3/2 w - 1/2 w w^T w moves each singular value s to s - (s - 1)^2 (s + 2) / 2 away from 1, so
    that near 1 a distance d becomes 3/2 d^2: one step after every small update is enough.
    """
    return 1.5 * w - 0.5 * (w @ w.mT) @ w
