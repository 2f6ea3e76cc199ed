"""Measurements that only some figures need: a recipe asks for one by its name (`Recipe.probe`).

A probe looks at a rule's two passes over the test set: the clean and the modulated one of the
PEPITA family (a `Batch`), or the positive and the negative one of Forward-Forward (a `Contrast`).
"""

from __future__ import annotations

import torch
from torch import Tensor

from topdown.network import normalize
from topdown.rules import Batch
from topdown.rules.forward_forward import Contrast, wrong_labels
from topdown.training.contrast import STEPS, contrastive_updates, cosine

PERCENTS = (1, *range(5, 100, 5), 99)
"""Which quantiles of a distribution are recorded, in percent."""


def goodness_difference(batch: Batch | Contrast) -> Tensor:
    """|h_1|^2 - |h'_1|^2 of every sample, (..., B): first hidden layer, first minus second pass.

    Clean minus modulated, with a'_1 = a_1 + sign e (W_1 F)^T, so the modulated input is never
    formed; positive minus negative for Forward-Forward. Without dropout.
    """
    if isinstance(batch, Contrast):
        first, second = batch.positive.activities[0], batch.negative.activities[0]
    else:
        first = batch.first_pass().activations[1]
        change = batch.options.sign * (batch.error @ batch.projected_feedback())
        second, _ = normalize(torch.relu(batch.first_pass().first_preactivation + change),
                              batch.options.normalization)
    return first.square().sum(-1) - second.square().sum(-1)


def modulation(batch: Batch | Contrast) -> dict[str, Tensor]:
    """modulation_layer_l: |h_l - h'_l| / |h_l| of every sample, l = 0 the input, hidden layers."""
    if isinstance(batch, Contrast):
        first = [batch.positive.inputs[0], *batch.positive.activities]
        second = [batch.negative.inputs[0], *batch.negative.activities]
    else:
        first = batch.first_pass().activations[:-1]
        second = batch.modulated_pass().activations[:-1]
    return {f"modulation_layer_{layer}": _relative(h, other)
            for layer, (h, other) in enumerate(zip(first, second))}


def _relative(h: Tensor, other: Tensor) -> Tensor:
    length = torch.linalg.vector_norm(h, dim=-1).clamp_min(1e-12)
    return torch.linalg.vector_norm(h - other, dim=-1) / length


def contrast(batch: Batch) -> dict[str, Tensor]:
    """contrast_layer_l_step_k: cosine of the update of `contrast.STEPS[k]` and the first.

    One value a batch; the wrong labels are the same at every call.
    """
    keys = torch.zeros(len(batch.x), dtype=torch.int32, device=batch.x.device)
    target = batch.target.expand(len(batch.x), -1, -1)
    ladder = contrastive_updates(batch.weights, batch.x, target, wrong_labels(target, keys),
                                 batch.feedback)
    start = ladder[STEPS[0]]
    return {f"contrast_layer_{layer}_step_{k}": cosine(start[layer - 1], updates[layer - 1])
            for k, updates in enumerate(ladder.values()) for layer in range(1, len(start) + 1)}


AVERAGES = {"contrast": contrast}
MEASUREMENTS = {"goodness_difference": goodness_difference, "modulation": modulation, **AVERAGES}


def measure(name: str, batches) -> dict[str, Tensor]:
    """What the probe `name` finds over all samples of `batches`, each (R,).

    A distribution: metrics `<metric>_mean`, `<metric>_sd` and `<metric>_q<percent>`; an average
    over batches: the metric itself.
    """
    found = [_named(name, MEASUREMENTS[name](batch)) for batch in batches]
    if name in AVERAGES:
        return {metric: torch.stack([f[metric] for f in found]).mean(0) for metric in found[0]}
    joined = {metric: torch.cat([f[metric] for f in found], dim=-1) for metric in found[0]}
    return {key: value for metric, values in joined.items()
            for key, value in _distribution(metric, values.double()).items()}


def _named(name: str, found: Tensor | dict[str, Tensor]) -> dict[str, Tensor]:
    return found if isinstance(found, dict) else {name: found}


def _distribution(metric: str, values: Tensor) -> dict[str, Tensor]:
    levels = values.new_tensor(PERCENTS) / 100
    quantiles = torch.quantile(values, levels, dim=-1)
    return {f"{metric}_mean": values.mean(-1), f"{metric}_sd": values.std(-1),
            **{f"{metric}_q{p:02d}": q for p, q in zip(PERCENTS, quantiles)}}
