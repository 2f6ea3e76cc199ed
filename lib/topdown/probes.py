"""Measurements that only some figures need: a recipe asks for one by its name (`Recipe.probe`)."""

from __future__ import annotations

import torch
from torch import Tensor

from topdown.network import normalize
from topdown.rules import Batch

PERCENTS = (1, *range(5, 100, 5), 99)
"""Which quantiles of a distribution are recorded, in percent."""


def goodness_difference(batch: Batch) -> Tensor:
    """|h_1|^2 - |h'_1|^2 of every sample, (..., B): clean minus modulated, first hidden layer.

    Uses a'_1 = a_1 + sign e (W_1 F)^T, so the modulated input is never formed. Without dropout.
    """
    clean = batch.first_pass()
    change = batch.options.sign * (batch.error @ batch.projected_feedback())
    modulated, _ = normalize(torch.relu(clean.first_preactivation + change),
                             batch.options.normalization)
    return clean.activations[1].square().sum(-1) - modulated.square().sum(-1)


PROBES = {"goodness_difference": goodness_difference}


def measure(name: str, batches) -> dict[str, Tensor]:
    """Mean, standard deviation and quantiles of a probe over all samples of `batches`, each (R,).

    Metrics `<name>_mean`, `<name>_sd` and `<name>_q<percent>`.
    """
    values = torch.cat([PROBES[name](batch) for batch in batches], dim=-1).double()
    levels = values.new_tensor(PERCENTS) / 100
    quantiles = torch.quantile(values, levels, dim=-1)
    return {f"{name}_mean": values.mean(-1), f"{name}_sd": values.std(-1),
            **{f"{name}_q{p:02d}": q for p, q in zip(PERCENTS, quantiles)}}
