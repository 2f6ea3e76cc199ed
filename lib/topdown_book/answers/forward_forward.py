"""Answers about Forward-Forward beside PEPITA."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown.training.contrast import STEPS
from topdown_book.answers._words import Estimate, average, estimate, joined, paired, runs
from topdown_book.experiments import Results
from topdown_book.experiments.ff_goodness import PROBE
from topdown_book.experiments.fig3 import NAMES
from topdown_book.figures.ff_link import cosines

FF, PEPITA, BP = "FF", NAMES["normal"], "BP"
ORTHOGONAL, ALIKE = 0.1, 0.5
"""Cosines whose interval lies within the one, or above the other, are called so."""


def ff(results: Results) -> str:
    """Forward-Forward is ahead or behind if the interval of the difference excludes zero."""
    final = results.final()
    gap = paired(final, "variant", FF, PEPITA)
    rest = paired(final, "variant", BP, FF)
    lead = ("Forward-Forward is ahead of PEPITA" if gap.above else
            "Forward-Forward is behind PEPITA" if gap.below else
            "Forward-Forward and PEPITA cannot be told apart")
    accuracies = "; ".join(f"{name} {average(rows.value)}"
                           for name, rows in final.groupby("variant", sort=False))
    return (f"{lead}: the difference in test accuracy, paired by seed, is {gap.words()}. "
            f"Backpropagation minus Forward-Forward is {rest.words()}. At the end of training: "
            f"{accuracies}. {runs(results)}")


def ff_link(results: Results) -> str:
    """Alike: in every layer the cosine is above ALIKE, interval included, at the end of training.

    Nothing in common: every interval includes zero, or is within ±ORTHOGONAL. A little in common
    otherwise. The same words for each of the single changes.
    """
    rows = cosines(results)
    rows = rows[rows.epoch == rows.epoch.max()]
    each = [_by_layer(rows, k) for k in range(len(STEPS))]
    lead = {"alike": "They are alike", "nothing": "They have nothing in common that we can measure",
            "little": "They have a little in common"}[_kind(each[-1])]
    apart = [STEPS[k].removeprefix("and ") for k in range(1, len(STEPS) - 1)
             if _kind(each[k]) == "nothing"]
    blame = f"Changes that alone leave nothing: {joined(apart) if apart else 'none of them'}"
    return (f"{lead}: after training, the cosine of Forward-Forward's update with "
            f"PEPITA-Hebbian's is {_listed(each[-1])}. Inputs of equal length alone leave "
            f"{_listed(each[1])}. {blame}. {runs(results)}")


def _kind(each: list[Estimate]) -> str:
    if all(own.mean - own.half > ALIKE for own in each):
        return "alike"
    return "nothing" if all(not e.clear or e.within(ORTHOGONAL) for e in each) else "little"


def _by_layer(rows: pd.DataFrame, number: int) -> list[Estimate]:
    own = rows[rows.number == number]
    return [estimate(group.value) for _, group in own.groupby("layer")]


def _listed(each: list[Estimate]) -> str:
    return joined(f"{e.words('', '.2f')} in layer {k}" for k, e in enumerate(each, start=1))


def ff_goodness(results: Results) -> str:
    """A rule drives its passes apart (together) if the width of the middle 90 % grows (shrinks).

    That is, if the interval over seeds of the logarithm of end / start excludes zero. Yes: the
    rules move in opposite directions; no: in the same; else the runs do not decide.
    """
    grown = {"Forward-Forward": _growth(results, FF), "PEPITA": _growth(results, PEPITA)}
    one, other = grown.values()
    lead = ("The runs do not decide" if not (one.clear and other.clear) else
            "No, the same" if one.above == other.above else "Yes")
    median = _median_change(results, FF)
    return (f"{lead}. {'; '.join(_change(name, own) for name, own in grown.items())}. "
            "That is the width of the middle 90 % of the samples, from before training to its end. "
            "The median of Forward-Forward's difference changes by "
            f"{median.words('', '+.3g')}. {runs(results)}")


def _change(name: str, ratio: Estimate) -> str:
    verb = ("drives its passes apart" if ratio.above else "brings its passes together"
            if ratio.below else "neither clearly widens nor clearly narrows")
    if ratio.n < 2:
        return f"{name} {verb}: {ratio.words('in logarithm')}"
    low, high = np.exp([ratio.mean - ratio.half, ratio.mean + ratio.half])
    return f"{name} {verb}: times {np.exp(ratio.mean):.3g} [{low:.3g}, {high:.3g}]"


def _quantile(results: Results, variant: str, percent: int) -> pd.DataFrame:
    """Seed by epoch (first, last)."""
    rows = results.curves(f"{PROBE}_q{percent:02d}")
    table = rows[rows.variant == variant].pivot(index="seed", columns="epoch", values="value")
    return table[[table.columns.min(), table.columns.max()]]


def _growth(results: Results, variant: str) -> Estimate:
    width = _quantile(results, variant, 95) - _quantile(results, variant, 5)
    return estimate(np.log(width.iloc[:, 1] / width.iloc[:, 0]))


def _median_change(results: Results, variant: str) -> Estimate:
    table = _quantile(results, variant, 50)
    return estimate(table.iloc[:, 1] - table.iloc[:, 0])
