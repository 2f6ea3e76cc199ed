"""Answers about the time-local rule: does it meet PEPITA-Hebbian, and does it learn at all?"""

from __future__ import annotations

import pandas as pd

from topdown_book.answers._words import Estimate, average, joined, paired, runs
from topdown_book.experiments import Results
from topdown_book.experiments.figs1 import READINGS, WITHOUT
from topdown_book.experiments.questions import HEBBIAN, TIME_LOCAL

MARGIN = 1.0
"""Points of accuracy: two rules meet if the whole interval of their difference is within it."""
ONE_BUFFER, TWO_BUFFERS, VANILLA = "time-local", "time-local, two buffers", "PEPITA"


def time_local_rate(results: Results) -> str:
    """They meet if, at the smallest rate, the interval of the difference is within MARGIN.

    They do not if it excludes zero and is not within; it stays open otherwise. A rate at which
    PEPITA-Hebbian has less than half of its best accuracy has learnt little.
    """
    final = results.final()
    gaps = {rate: paired(rows, "variant", TIME_LOCAL, HEBBIAN)
            for rate, rows in final.groupby("rate")}
    low = min(gaps)
    both = joined(f"{name} {average(own.value)}" for name, own in
                  final[final.rate == low].groupby("variant", sort=False))
    return (f"{_meeting(gaps[low])}: at the smallest rate, {low:g}, time-local minus "
            f"PEPITA-Hebbian is {gaps[low].words()}. Test accuracies there: {both}"
            f"{_barely(final, low)}. {_parting(gaps)}. Best of these rates: {_best(final)}. "
            f"{runs(results)}")


def _meeting(gap: Estimate) -> str:
    if gap.within(MARGIN):
        return f"They meet, to within {MARGIN:g} point"
    return "They do not meet" if gap.clear else "The runs leave it open"


def _barely(final: pd.DataFrame, low: float) -> str:
    means = final[final.variant == HEBBIAN].groupby("rate").value.mean()
    return "; so slow a rate has learnt little yet" if means[low] < means.max() / 2 else ""


def _best(final: pd.DataFrame) -> str:
    """The rate at which each rule does best, and how well."""
    parts = []
    for name, rows in final.groupby("variant", sort=False):
        rate = rows.groupby("rate").value.mean().idxmax()
        parts.append(f"{name} {average(rows[rows.rate == rate].value)} at {rate:g}")
    return joined(parts)


def _parting(gaps: dict[float, Estimate]) -> str:
    """What becomes of the difference at the higher rates."""
    higher = [f"{rate:g}: {gap.words()}" for rate, gap in sorted(gaps.items())[1:]]
    return f"The difference at the higher rates: {'; '.join(higher)}"


def figs1(results: Results) -> str:
    """A variant learns from feedback if its difference to F = 0 is clearly positive.

    The momentum buffer decides if the time-local rule does so with one buffer and not with two.
    """
    final = results.final()
    final = final[final.reading.isin([next(iter(READINGS)), "F = 0"])]
    one, two = (paired(final, "variant", name, WITHOUT) for name in (ONE_BUFFER, TWO_BUFFERS))
    lead = ("It learns only with one momentum buffer for both half-steps, as in the released code"
            if one.above and not two.above else
            "It learns with one momentum buffer and with two" if one.above else
            "The runs do not show that feedback teaches it anything")
    others = "; ".join(f"{name} {average(own.value)}" for name, own in
                       final.groupby("variant", sort=False) if name != WITHOUT)
    price = {name: paired(final, "variant", ONE_BUFFER, name) for name in (HEBBIAN, VANILLA)}
    costs = joined(f"{gap.words()} to {name}" for name, gap in price.items())
    return (f"{lead}: against F = 0 its test accuracy changes by {one.words()} with one and "
            f"{two.words()} with two. The recipe is slow for every rule: {others}. With one "
            f"buffer the difference is {costs}. F as typed in the caption. {runs(results)}")
