"""Slowness of learning: the one parameter of a saturating curve fitted to a learning curve.

    acc(t) = acc_max t / (s + t)

t in epochs, s the epochs to half of acc_max. Chance level is prepended at t = 0 and the fit uses
the epochs before the first decay of the learning rate (Table S2); acc_max is the best accuracy of
those epochs, as in the released notebook. With the best of the whole curve s is another, and rules
may change places. The prepended point does not move s: the fitted curve is 0 there whatever s is.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit

from topdown.errors import unknown

LIMITS = ("fitted", "whole")
"""Which epochs acc_max is the best of: those of the fit (released), or all of the curve."""
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
                 best: float | None = None, best_of: str = "fitted") -> Slowness:
    """Fit s to `accuracy` (percent) after epochs 1, 2, ...

    chance: accuracy of guessing, percent. before: the first epoch at a lower rate, from which on
    the accuracy is no longer used; None for all. best_of: what acc_max is the best of, one of
    LIMITS (ValueError otherwise); best: acc_max itself, where it is known better. A curve that
    cannot be fitted gives NaN and says why.
    """
    if best_of not in LIMITS:
        raise ValueError(unknown("best_of", best_of, LIMITS))
    accuracy = np.asarray(accuracy, float)
    used = accuracy[: None if before is None else before - 1]
    if best is None:
        best = (used if best_of == "fitted" else accuracy).max(initial=0.0)
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
