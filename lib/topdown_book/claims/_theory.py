"""Claims that the theory answers by itself, without a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

STREAMS, T_END = 3, 200.0
"""Of the check; everything else is as in Figure 2."""


@dataclass(frozen=True)
class Check:
    """`values(rule)`: one number a seed; `sizes` says what was computed."""

    values: Callable[[str], np.ndarray]
    sizes: str


@lru_cache(maxsize=1)
def _deviations() -> dict[str, np.ndarray]:
    from topdown_book.figures import _two_layers

    chosen = _two_layers.DEFAULTS | dict(streams=STREAMS, horizon=T_END)
    solved = _two_layers.solve(_two_layers.compute(chosen), chosen)
    return {rule: solved.deviations(rule) for rule in solved.runs}


def deviation(rule: str) -> np.ndarray:
    """(STREAMS,) percent: time average of |simulation / ODE of AFA - 1| of the error eps_g."""
    return _deviations()[rule]


CHECKS = {
    "deviation": Check(deviation, f"computed as in Figure 2, times up to {T_END:g}, "
                                  f"{STREAMS} streams"),
}
