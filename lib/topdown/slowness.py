"""Slowness of learning: the one parameter of a saturating curve fitted to a learning curve.

    acc(t) = acc_max t / (s + t)

t in epochs, acc_max the best accuracy of the whole curve, s the epochs to half of acc_max. Chance
level is prepended at t = 0 and the fit uses the epochs before the first decay of the learning rate
(Table S2). The prepended point does not move s: the fitted curve is 0 there whatever s is.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit

_FEWEST = 2
_SMALLEST = 1e-3
"""Epochs; a smaller s means that the curve never rises, and there is nothing to fit."""


@dataclass(frozen=True)
class Slowness:
    """`value` in epochs, NaN where the fit failed: `problem` then says why.

    best: acc_max, percent. points: number of epochs in the fit. misfit: root mean square distance
    of the curve from them, percentage points.
    """

    value: float
    best: float
    points: int
    problem: str = ""
    misfit: float = np.nan

    def curve(self, epochs) -> np.ndarray:
        """The fitted accuracy at `epochs`, percent."""
        return saturating(np.asarray(epochs, float), self.value, self.best)


def saturating(t, s, best):
    """best t / (s + t)."""
    return best * t / (s + t)


def fit_slowness(accuracy, chance: float, before: int | None = None,
                 best: float | None = None) -> Slowness:
    """Fit s to `accuracy` (percent) after epochs 1, 2, ...

    chance: accuracy of guessing, percent. before: the epoch of the first decay, from which on the
    accuracy is no longer used; None for all. best: acc_max where it is known better than by the
    best of the curve. A curve that cannot be fitted gives NaN and says why.
    """
    accuracy = np.asarray(accuracy, float)
    used = accuracy[: None if before is None else before - 1]
    best = accuracy.max(initial=0.0) if best is None else best
    problem = _problem(accuracy, used, best, chance)
    if not problem:
        s, problem = _fit(np.concatenate([[chance], used]), best)
    if problem:
        return Slowness(np.nan, float(best), len(used), problem)
    misfit = saturating(np.arange(1, len(used) + 1), s, best) - used
    return Slowness(s, float(best), len(used), misfit=float((misfit**2).mean() ** 0.5))


def _problem(accuracy, used, best: float, chance: float) -> str:
    """Why there is nothing to fit, or nothing."""
    if not np.isfinite(accuracy).all():
        return "the run diverged"
    if len(used) < _FEWEST:
        return f"fewer than {_FEWEST} epochs before the first decay"
    return "" if best > chance else "never above chance"


def _fit(accuracy, best: float) -> tuple[float, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", OptimizeWarning)
        try:
            (s,), _ = curve_fit(lambda t, s: saturating(t, s, best), np.arange(len(accuracy)),
                                accuracy, p0=[1.0], bounds=(_SMALLEST / 10, np.inf))
        except (RuntimeError, OptimizeWarning) as error:
            return np.nan, str(error)
    return float(s), "" if s > _SMALLEST else "at its best from the first epoch on"
