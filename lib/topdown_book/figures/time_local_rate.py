"""Does the time-local rule meet PEPITA-Hebbian as the learning rate falls?"""

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._paired import differences, in_words, intervals
from topdown_book.figures._panels import FAILED, against, with_failures
from topdown_book.figures._parameters import COMMON
from topdown_book.figures._recipes import HEBBIAN, READINGS, make, usual
from topdown_book.figures._theme import PALETTE, panels, percent_axis, theme
from topdown_book.figures._words import Estimate, average, joined, paired, runs

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
TIME_LOCAL = "time-local"
RULES = {TIME_LOCAL: "pepita-time-local", HEBBIAN: "pepita-hebbian"}
MARGIN = 1.0
"""Points of accuracy: two rules meet if the whole interval of their difference is within it."""


def cases(settings: dict) -> list[Case]:
    """Both rules, from equal initial states, with F as strong as in the caption of Figure S1."""
    same = dict(initialization="he_normal", feedback="normal", feedback_scale=READINGS["as typed"])
    return [Case(make(settings, rule=rule, lr=rate, **same), dict(variant=name, rate=rate))
            for name, rule in RULES.items() for rate in RATES]


FIGURE = Experiment(
    title="The time-local rule and PEPITA-Hebbian as the learning rate falls",
    parameters=COMMON, profiles=usual("mnist", "cifar10"), cases=cases)


def draw(results: Results) -> Drawing:
    """Panel a: accuracies against the rate; panel b: their differences, paired by seed."""
    final = results.final()
    gaps = intervals(differences(final, ["rate"], "variant", TIME_LOCAL, HEBBIAN), ["rate"])
    with theme():
        figure, (a, b) = panels(2, height=3.0)
        against(a, final, "rate", "variant", list(RULES))
        b.errorbar(gaps.rate, gaps["mean"], yerr=gaps.half_width, marker="o", capsize=3,
                   color=PALETTE["blue"])
        b.axhline(0, color=PALETTE["black"], lw=0.8)
        for axis in (a, b):
            axis.set(xscale="log", xlabel="learning rate")
        a.set_title("a  both rules")
        b.set(title="b  time-local minus Hebbian", ylabel="difference (points)")
        percent_axis(a)
    each = "; ".join(f"rate {rate:g}: {with_failures(rows)}"
                     for rate, rows in final.groupby("rate"))
    named = gaps.assign(name=[f"rate {rate:g}" for rate in gaps.rate])
    alt = (f"Two panels against the learning rate. a, test accuracy in percent: {each}. b, "
           "time-local minus PEPITA-Hebbian, mean and 95 % interval: "
           f"{in_words(named, 'name', 'points')}.")
    return Drawing(figure, alt, _CAPTION, gaps, FAILED)


_CAPTION = (
    "Time-local PEPITA and PEPITA-Hebbian, one hidden layer, F as strong as in the caption of "
    "Figure S1. (a) Test accuracy at the end against the learning rate, mean ± standard deviation "
    "over seeds. (b) The difference of the two, paired by seed, with its 95 % t interval."
)


def answer(results: Results) -> str:
    """They meet if, at the smallest rate, the interval of the difference is within MARGIN.

    They do not if it excludes zero and is not within; it stays open otherwise. A rate at which
    PEPITA-Hebbian has less than half of its best accuracy has learnt little.
    """
    final = results.final()
    gaps = {rate: paired(rows, "variant", TIME_LOCAL, HEBBIAN)
            for rate, rows in final.groupby("rate")}
    low = min(gaps)
    both = joined(f"{name} {average(own)}" for name, own in
                  final[final.rate == low].groupby("variant", sort=False))
    higher = "; ".join(f"{rate:g}: {gap.words()}" for rate, gap in sorted(gaps.items())[1:])
    return (f"{_meeting(gaps[low])}: at the smallest rate, {low:g}, time-local minus "
            f"PEPITA-Hebbian is {gaps[low].words()}. Test accuracies there: {both}"
            f"{_barely(final, low)}. The difference at the higher rates: {higher}. Best of these "
            f"rates: {_best(final)}. {runs(results)}")


def _meeting(gap: Estimate) -> str:
    if gap.within(MARGIN):
        return f"The two rules meet, to within {MARGIN:g} point"
    return "The two rules do not meet" if gap.clear else "The runs leave it open"


def _barely(final: pd.DataFrame, low: float) -> str:
    means = final[final.variant == HEBBIAN].groupby("rate").value.mean()
    return "; so slow a rate has learnt little yet" if means[low] < means.max() / 2 else ""


def _best(final: pd.DataFrame) -> str:
    """The rate at which each rule does best, and how well."""
    parts = []
    for name, rows in final.groupby("variant", sort=False):
        rate = rows.groupby("rate").value.mean().idxmax()
        parts.append(f"{name} {average(rows[rows.rate == rate])} at {rate:g}")
    return joined(parts)
