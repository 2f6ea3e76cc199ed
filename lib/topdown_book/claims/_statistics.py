"""Estimates and one-sided t tests, by which every verdict is reached."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit  # scipy.stats takes a second to import


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and degrees of freedom; n values, standard deviation sd."""

    n: int
    mean: float
    sd: float
    error: float
    freedom: float

    @classmethod
    def of(cls, values) -> Estimate:
        """Of a sample: error = sd / sqrt(n). NaN are dropped; sd and error are NaN for n < 2."""
        values = np.asarray(values, dtype=float)
        values = values[np.isfinite(values)]
        n = len(values)
        mean = float(values.mean()) if n else math.nan
        sd = float(values.std(ddof=1)) if n > 1 else math.nan
        return cls(n, mean, sd, sd / math.sqrt(n) if n > 1 else math.nan, n - 1)

    def interval(self, level: float) -> tuple[float, float]:
        """Two-sided interval by Student's t; (NaN, NaN) for n < 2."""
        if not math.isfinite(self.error):
            return math.nan, math.nan
        half = float(stdtrit(self.freedom, (1 + level) / 2)) * self.error
        return self.mean - half, self.mean + half

    def p_above(self, bound: float) -> float:
        """p value of "the true mean exceeds `bound`" (one-sided t test); NaN for n < 2."""
        if self.error == 0:
            return 0.0 if self.mean > bound else 1.0
        return float(stdtr(self.freedom, (bound - self.mean) / self.error))

    def p_below(self, bound: float) -> float:
        """p value of "the true mean is less than `bound`"."""
        return Estimate(self.n, -self.mean, self.sd, self.error, self.freedom).p_above(-bound)

    def p_within(self, margin: float) -> float:
        """p value of "|true mean| < `margin`": two one-sided tests, the larger p of both."""
        return max(self.p_above(-margin), self.p_below(margin))


def difference_from(ours: Estimate, value: float, sd=None, runs=None) -> Estimate:
    """ours - value, for a published value of which more or less is known.

    Nothing but the value: it is taken as exact. `runs`, the number of runs behind it: their spread
    is taken to be ours, so the error is sd sqrt(1/n + 1/runs). `sd` and `runs`: Welch's test.
    """
    if not runs:
        return Estimate(ours.n, ours.mean - value, ours.sd, ours.error, ours.freedom)
    if sd is None:
        error = ours.sd * math.sqrt(1 / ours.n + 1 / runs) if ours.n else math.nan
        return Estimate(ours.n, ours.mean - value, ours.sd, error, ours.freedom)
    theirs = sd**2 / runs
    error = math.sqrt(ours.error**2 + theirs)
    parts = ours.error**4 / max(ours.freedom, 1) + theirs**2 / max(runs - 1, 1)
    return Estimate(ours.n, ours.mean - value, ours.sd, error, error**4 / parts if parts else 1.0)
