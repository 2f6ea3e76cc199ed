"""What a run costs: operations, memory traffic, and the seconds they take on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

from topdown.data.specs import SPECS
from topdown.recipes import Recipe
from topdown.recipes.names import rules

_SHAPE = (64, 3072, 1024)
"""Rows, inputs, outputs of the product that is timed: the published network's first layer."""
_LAUNCHES, _LAUNCHES_PER_LAYER = 60, 25
"""Small operations of a step, whatever the width: masks, softmax, buffers; and of every layer."""
_NOISE = 1500
"""Bytes that could be moved while one normal number is drawn."""


def operations(recipe: Recipe) -> float:
    """Multiply-adds of one seed, times two: passes, outer products, evaluation, mirroring."""
    count = recipe.n_train or SPECS[recipe.dataset].n_train
    tests = SPECS[recipe.dataset].n_test
    products = _products(recipe)
    weights, upper = sum(products), sum(products[1:])
    rule = rules()[recipe.rule]
    passes = 2 * weights * rule.half_steps
    if rule.objective == "goodness":
        passes += 2 * upper
    elif rule.feedback == "input" and rule.half_steps == 1:
        passes += upper * (2 if "hebbian" in recipe.rule else 1)
    elif rule.feedback in (None, "layers"):
        passes += upper
    mirrored = recipe.epochs // recipe.mirror_every if recipe.mirror_every else 0
    mirroring = 2 * weights * (mirrored + recipe.premirror_epochs)
    return 2 * (count * (recipe.epochs * passes + mirroring) + tests * weights * recipe.epochs)


def _products(recipe: Recipe) -> list[int]:
    """Multiply-adds of one example's pass, layer by layer; a kernel is used at every place."""
    spec = SPECS[recipe.dataset]
    inputs, classes = spec.features, len(spec.classes)
    if recipe.kernels:  # as `training.convolution.Shape` says; it needs torch
        (channels, *image), size = spec.shape, recipe.kernel_size
        rows, columns = (side - size + 1 for side in image)
        return [rows * columns * channels * size**2 * recipe.kernels,
                recipe.kernels * (rows // 2) * (columns // 2) * classes]
    sizes = [inputs, *recipe.hidden, classes]
    return [a * b for a, b in zip(sizes[:-1], sizes[1:])]


def traffic(recipe: Recipe) -> float:
    """Bytes of one step and seed: weights read by the passes, velocities and weights renewed.

    A half-step reads W about twice in the passes and once in the update, writes it once, and reads
    and writes v; weight decay reads W and renews v once more. Mirroring draws noise for every unit.
    """
    half_steps = rules()[recipe.rule].half_steps
    moved = 4 * sum(_parameters(recipe)) * (7 * half_steps + (3 if recipe.weight_decay else 0))
    noise = recipe.batch * (SPECS[recipe.dataset].features + sum(recipe.hidden))
    return moved + (_NOISE * noise / recipe.mirror_every if recipe.mirror_every else 0)


def _parameters(recipe: Recipe) -> list[int]:
    if not recipe.kernels:
        return _products(recipe)
    dense = _products(recipe)[1]
    return [recipe.kernels * SPECS[recipe.dataset].shape[0] * recipe.kernel_size**2, dense]


def steps(recipe: Recipe) -> int:
    """Training steps of the whole run."""
    return recipe.epochs * ((recipe.n_train or SPECS[recipe.dataset].n_train) // recipe.batch)


@dataclass(frozen=True)
class Machine:
    """Seconds that a small operation takes, floating-point operations and bytes per second."""

    launch: float
    rate: float
    bandwidth: float

    def seconds(self, recipe: Recipe, seeds: int = 1) -> float:
        """Time of `seeds` seeds in one program, without that of loading data.

        A step costs what starting its operations costs, once for all seeds, and the time of its
        arithmetic and of its memory traffic for each.
        """
        launches = (_LAUNCHES + _LAUNCHES_PER_LAYER * (len(recipe.hidden) + 1)) * rules()[
            recipe.rule].half_steps
        work = operations(recipe) / self.rate + steps(recipe) * traffic(recipe) / self.bandwidth
        return steps(recipe) * launches * self.launch + seeds * work


REFERENCE = Machine(launch=8e-6, rate=7.5e10, bandwidth=2.5e10)
"""One core of the server that made most records, for hours on pages: they stay as they are."""


@lru_cache(maxsize=2)
def machine(device: str) -> Machine:
    """What this machine does when it has nothing else to do, with one thread on a CPU; measured."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows, inputs, n = _SHAPE
        x, w = torch.rand(rows, inputs, device=device), torch.rand(n, inputs, device=device)
        small, v = torch.rand(rows, 16, device=device), torch.zeros_like(w)
        return Machine(_time(lambda: small.mul_(0.5), device, 50),
                       2 * rows * inputs * n / _time(lambda: x @ w.mT, device),
                       12 * n * inputs / _time(lambda: w.add_(v), device))
    finally:
        torch.set_num_threads(threads)


def _time(call, device: str, repeats: int = 1) -> float:
    """Seconds of one call, in the best of some rounds so short that other programs miss one."""
    import torch

    rounds = []
    for _ in range(20):
        started = time.perf_counter()
        for _ in range(repeats):
            call()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        rounds.append((time.perf_counter() - started) / repeats)
    return min(rounds)
