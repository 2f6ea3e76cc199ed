"""Time per sample against replicas, width, depth and batch, and what bounds it.

Times that a step cannot undercut are measured in the same rounds. Arithmetic: its operations at the
rate of one large square product, the best that the machine does. Products: the same at the rate of
products of its own shapes, what its narrow matrices leave of that. Bandwidth: its bytes at the copy
rate. Dispatch: the very same step on arrays of next to no numbers, in which only calls are left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from topdown_book.bench._contestants import autograd_step, our_step
from topdown_book.bench._limit import copy_probe, moved_bytes, operations, product_probe
from topdown_book.bench._measure import measure, quantiles, threads
from topdown_book.bench._problem import Problem

RULE = "pepita"
SQUARE = 1024
BOUNDS = ("arithmetic", "bandwidth", "dispatch")
AXES = {
    "replicas": [Problem(RULE, (64, 64, 10), 64, replicas=r) for r in (1, 2, 4, 8, 16, 32)],
    "width": [Problem(RULE, (3072, n, 10), 64) for n in (256, 512, 1024, 2048, 4096)],
    "depth": [Problem(RULE, (784, *(1024,) * depth, 10), 64) for depth in range(1, 6)],
    "batch": [Problem(RULE, (3072, 2048, 10), rows) for rows in (16, 32, 64, 128, 256, 512, 1024)],
}
QUICK = {
    "replicas": [Problem(RULE, (64, 16, 10), 8, replicas=r) for r in (1, 2)],
    "width": [Problem(RULE, (64, n, 10), 8) for n in (16, 32)],
    "depth": [Problem(RULE, (64, *(16,) * depth, 10), 8) for depth in (1, 2)],
    "batch": [Problem(RULE, (64, 16, 10), rows) for rows in (8, 16)],
}


def bench_scaling(count: int = 2, rounds: int = 11, quick: bool = False) -> list[dict]:
    """One row for every point of every axis."""
    seconds = 0.002 if quick else 0.04
    with threads(count):
        return [_row(axis, problem, rounds, seconds)
                for axis, problems in (QUICK if quick else AXES).items() for problem in problems]


def value(axis: str, problem: Problem) -> int:
    """Where on its axis a problem stands."""
    return {"replicas": problem.replicas, "width": problem.sizes[1],
            "depth": len(problem.sizes) - 2, "batch": problem.batch}[axis]


def smallest(problem: Problem) -> Problem:
    """The same step with one row, and one unit in every layer."""
    return replace(problem, sizes=(2,) * len(problem.sizes), batch=1, replicas=1)


def square_product():
    """A product of two square matrices."""
    a, b, out = (torch.rand(SQUARE, SQUARE) for _ in range(3))
    return lambda: torch.mm(a, b, out=out)


def _row(axis: str, problem: Problem, rounds: int, seconds: float) -> dict:
    products, product_operations = product_probe(problem)
    copy, copied = copy_probe(problem)
    times = measure({
        "ours": our_step(problem), "bp": autograd_step(problem), "products": products,
        "copy": copy, "dispatch": our_step(smallest(problem)), "square": square_product(),
    }, rounds, seconds)
    bounds = {
        "arithmetic": operations(problem) * times["square"] / (2 * SQUARE**3),
        "bandwidth": moved_bytes(problem) * times["copy"] / copied,
        "dispatch": times["dispatch"],
    }
    shapes = operations(problem) * times["products"] / product_operations
    samples = problem.batch * problem.replicas
    per_sample = {f"{name}_us_per_sample": quantiles(1e6 * t / samples)
                  for name, t in {"ours": times["ours"], "bp": times["bp"], "products": shapes,
                               **bounds}.items()}
    return {
        "axis": axis, "value": value(axis, problem), "rule": problem.rule,
        "sizes": list(problem.sizes), "batch": problem.batch, "replicas": problem.replicas,
        "operations_per_sample": operations(problem) / samples,
        "bytes_per_sample": moved_bytes(problem) / samples,
        "bound_by": max(bounds, key=lambda name: np.median(bounds[name])),
        **per_sample, "ratio_to_bp": quantiles(times["ours"] / times["bp"]),
        "fraction_of_limit": quantiles(
            np.max([shapes, *bounds.values()], axis=0) / times["ours"]),
    }
