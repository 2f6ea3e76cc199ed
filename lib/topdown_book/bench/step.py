"""One training step of every rule against three yardsticks.

1. BP by autograd in eager PyTorch: the same net, torch.optim.SGD with momentum, data in memory.
2. The rule as it is usually written (`topdown_book.bench._usual`).
3. The limit: the larger of two times, that of the operations that a step must do at the
   matrix-product rate of these shapes, and that of the bytes that it must move at the copy rate.
"""

from __future__ import annotations

import numpy as np
import torch

from topdown.rules import RULES
from topdown_book.bench._contestants import autograd_step, our_step
from topdown_book.bench._limit import copy_probe, moved_bytes, operations, product_probe
from topdown_book.bench._measure import measure, quantiles, threads
from topdown_book.bench._problem import Problem
from topdown_book.bench._usual import Usual, usual_step

SIZES = ((3072, 1024, 10), (784, 1024, 10), (3072, 1024, 1024, 1024, 10))
QUICK = ((64, 32, 10),)
ALONE = {"note": "no second implementation in topdown_book.bench._usual to compare with"}
"""What the row of a rule of one's own says."""


def every_rule(sizes: tuple[int, ...], batch: int) -> list[Problem]:
    """The rules that train such a network: AFA is defined for one hidden layer."""
    hidden = len(sizes) - 2
    return [Problem(rule, sizes, batch) for rule in RULES
            if hidden == 1 or (rule != "afa" and (hidden or rule != "forward-forward"))]


def bench_steps(count: int = 2, rounds: int = 15, quick: bool = False,
                device="cpu") -> list[dict]:
    """Every rule at every size, each beside yardsticks of its own; one row each."""
    seconds = 0.005 if quick else 0.06
    return [bench_step(problem, count, rounds, seconds, device)
            for sizes in (QUICK if quick else SIZES) for problem in every_rule(sizes, 64)]


def bench_step(problem: Problem, count: int = 2, rounds: int = 15, seconds: float = 0.1,
               device="cpu") -> dict:
    """One rule and its yardsticks, in turns; on a GPU every side eager, without CUDA graphs."""
    with threads(count), torch.device(device):
        products, product_operations = product_probe(problem)
        copy, copied = copy_probe(problem)
        written = hasattr(Usual, problem.method)  # one of the user's own rules is not
        usual = {"usual": usual_step(problem)} if written else {}
        times = measure({"ours": our_step(problem), "bp": autograd_step(problem), **usual,
                         "products": products, "copy": copy}, rounds, seconds)
    return _row(problem, times, (product_operations / times["products"], copied / times["copy"]),
                count)


def _row(problem: Problem, times: dict[str, np.ndarray], rates, count: int) -> dict:
    ours, usual = times["ours"], times.get("usual")
    arithmetic, memory = operations(problem) / rates[0], moved_bytes(problem) / rates[1]
    limit = np.maximum(arithmetic, memory)
    return {
        "rule": problem.rule, "sizes": list(problem.sizes), "batch": problem.batch,
        "threads": count, "rounds": len(ours),
        "bound_by": "arithmetic" if np.median(arithmetic - memory) > 0 else "memory",
        "ms_per_step": quantiles(1e3 * ours), "bp_ms_per_step": quantiles(1e3 * times["bp"]),
        "usual_ms_per_step": None if usual is None else quantiles(1e3 * usual),
        "limit_ms_per_step": quantiles(1e3 * limit),
        "gflops": quantiles(rates[0] / 1e9), "copy_gb_per_s": quantiles(rates[1] / 1e9),
        "ratio_to_bp": quantiles(ours / times["bp"]),
        "speedup_over_usual": None if usual is None else quantiles(usual / ours),
        "fraction_of_limit": quantiles(limit / ours), **(ALONE if usual is None else {}),
    }
