"""Panel a of Figure 2, alone or on an axis of the whole figure."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.experiments.fig2a import RULES
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import COLUMN, PALETTE, panels, percent_axis, theme
from topdown_book.figures._training import summary

_LOOKS = {"PEPITA": dict(color=PALETTE["blue"], fmt="o", ls="-"),
          "AFA": dict(color=PALETTE["purple"], fmt="x", ls="--", mew=1.5, zorder=3)}
BY = ["seed", "epoch"]


def fig2a_panel(axis, results: Results) -> None:
    """Draw test accuracy against epochs on `axis`, PEPITA as dots and AFA as crosses.

    `results` are those of the experiment "fig2a"; mean and standard deviation over seeds. The title
    is left to the caller.
    """
    curves(axis, results.curves("test_accuracy").query("epoch > 0"))
    axis.set_xlabel("epoch")
    percent_axis(axis)
    axis.legend(loc="lower right")


def curves(axis, rows: pd.DataFrame) -> None:
    """Both rules' mean curves with the standard deviation over seeds as bars."""
    means = summary(rows, ["variant", "epoch"])
    for name in RULES:
        one = means[means.variant == name]
        axis.errorbar(one.epoch, one["mean"], yerr=one.sd, label=name, capsize=2, ms=5,
                      lw=1, **_LOOKS[name])
    axis.xaxis.get_major_locator().set_params(integer=True)


def gap(rows: pd.DataFrame) -> pd.Series:
    """PEPITA minus AFA, seed by seed at the last epoch; both start from the same draw."""
    last = rows[rows.epoch == rows.epoch.max()]
    sides = [last[last.variant == name].set_index(BY).value for name in RULES]
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


def fig2a(results: Results) -> Drawing:
    """The panel by itself."""
    rows = results.curves("test_accuracy").query("epoch > 0")
    with theme():
        figure, (axis,) = panels(1, width=COLUMN, height=2.8)
        fig2a_panel(axis, results)
    return Drawing(figure, panel_alt(results), panel_caption(results),
                   summary(rows, ["variant", "epoch"]))


def panel_alt(results: Results) -> str:
    """The panel in words."""
    rows = results.curves("test_accuracy")
    last = summary(rows[rows.epoch == rows.epoch.max()], ["variant"])
    ends = " and ".join(f"{r.variant} {r['mean']:.2f}" for _, r in last.iterrows())
    return (f"Test accuracy in percent against epochs. After {rows.epoch.max()} epochs {ends}; "
            f"PEPITA minus AFA, seed by seed: {gap_in_words(rows)}.")


def panel_caption(results: Results) -> str:
    """Data, network, rate and what the marks mean."""
    s = results.settings
    return (f"Test accuracy on {s['dataset']}, one hidden layer of {s['width']} ReLU, without "
            f"momentum, learning rate {s['lr']:g} (ours; the paper's is unknown to us): PEPITA "
            "(dots) and AFA (crosses) from identical weights and F. Mean and standard deviation "
            "over seeds.")
