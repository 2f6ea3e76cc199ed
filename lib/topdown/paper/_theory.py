"""Claims that the theory answers by itself, without a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SEEDS, D, LR, T_END, GAMMA = 3, 500, 0.05, 200.0, 0.1


@dataclass(frozen=True)
class Check:
    """`values(rule)`: one number a seed; `sizes` says what was computed."""

    values: Callable[[str], np.ndarray]
    sizes: str


@lru_cache(maxsize=1)
def _deviations() -> dict[str, np.ndarray]:
    from topdown import theory

    times, start = np.geomspace(1, T_END, 30), theory.default_init()
    rates = dict(t=times, eta_w=LR, eta_v=LR)
    expected = theory.integrate("afa", **rates, **start).generalization_error
    runs = theory.simulate(["afa", "pepita"], D, **rates, gamma=GAMMA, seed=range(SEEDS), **start)
    return {rule: 100 * np.abs(run.generalization_error / expected - 1).mean(-1)
            for rule, run in runs.items()}


def deviation(rule: str) -> np.ndarray:
    """(SEEDS,) percent: time average of |simulation / ODE of AFA - 1| of the error eps_g."""
    return _deviations()[rule]


CHECKS = {
    "deviation": Check(deviation, f"computed: D = {D}, rate {LR}, gamma {GAMMA} for PEPITA, "
                                  f"times up to {T_END:g}, {SEEDS} seeds"),
}
