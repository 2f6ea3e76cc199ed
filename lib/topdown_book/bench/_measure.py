"""Timing by rounds: contestants take turns, so that a change of the machine meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager

import numpy as np
import torch

LOW, HIGH = 0.1, 0.9


def measure(contestants: dict[str, Callable[[], object]], rounds: int,
            seconds: float = 0.1) -> dict[str, np.ndarray]:
    """Seconds per call of every contestant, (rounds,); each call of a round repeated for `seconds`.

    Two calls beforehand warm up and say how many repetitions a round has.
    """
    counts = {}
    for name, call in contestants.items():
        _time(call, 1)
        counts[name] = max(1, min(500, round(seconds / _time(call, 1))))
    times = {name: np.empty(rounds) for name in contestants}
    for number in range(rounds):
        for name, call in contestants.items():
            times[name][number] = _time(call, counts[name])
    return times


def _time(call, count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        call()
    if torch.cuda.is_available():  # else the launches would be timed, not the work
        torch.cuda.synchronize()
    return (time.perf_counter() - started) / count


def quantiles(values) -> dict[str, float]:
    """Median, and the 10 % and 90 % quantiles over the rounds."""
    low, middle, high = np.quantile(values, (LOW, 0.5, HIGH))
    return {"median": float(middle), "low": float(low), "high": float(high)}


@contextmanager
def threads(count: int):
    """`count` threads inside a product within the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
