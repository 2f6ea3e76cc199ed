"""PEPITA beside AFA from one draw of weights and F: curves, and their gap seed by seed."""

import pandas as pd

from topdown_book.figures._panels import last, summary
from topdown_book.figures._theme import PALETTE, whole_numbers

RULES = {"PEPITA": "pepita", "AFA": "afa"}
LOOKS = {"PEPITA": dict(color=PALETTE["blue"], marker="o", ls="-"),
         "AFA": dict(color=PALETTE["purple"], marker="x", ls="--", mew=1.5, zorder=3)}


def curves(axis, rows: pd.DataFrame) -> None:
    """Both rules' mean curves, dots and crosses, with the standard deviation over seeds as a band.

    Of a long curve only some points are marked, in turns, so that both rules are seen.
    """
    means = summary(rows, ["variant", "epoch"])
    for k, name in enumerate(RULES):
        one = means[means.variant == name]
        every = max(1, len(one) // 12)
        axis.fill_between(one.epoch, one["mean"] - one.sd, one["mean"] + one.sd, lw=0, alpha=0.2,
                          color=LOOKS[name]["color"])
        axis.plot(one.epoch, one["mean"], label=name, ms=5, lw=1, **LOOKS[name],
                  markevery=(k * every // 2, every))
    whole_numbers(axis)


def gap(rows: pd.DataFrame) -> pd.Series:
    """PEPITA minus AFA, seed by seed at the last epoch; both start from the same draw."""
    end = last(rows)
    sides = [end[end.variant == name].set_index(["seed", "epoch"]).value for name in RULES]
    return sides[0] - sides[1]


def gap_in_words(rows: pd.DataFrame) -> str:
    """"+0.04 ± 0.10", the mean of `gap` and its standard deviation over seeds.

    "+0.04 (1 of 3 seeds)" where runs failed: those that are left.
    """
    difference = gap(rows)
    left, count = difference.dropna(), f"{difference.count()} of {len(difference)} seeds"
    if left.empty:
        return f"none ({count})"
    text = f"{left.mean():+.2f}" + (f" ± {left.std():.2f}" if len(left) > 1 else "")
    return text if len(left) == len(difference) else f"{text} ({count})"
