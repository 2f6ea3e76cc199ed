"""Drawing of the distance between simulation and ODE against D."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown_book.figures._page import Drawing
from topdown_book.figures._rules import RULE_LOOKS
from topdown_book.figures._theme import PAGE, PALETTE, panels, theme
from topdown_book.studies.theory_vs_simulation import FLOOR, slopes


def theory_vs_simulation(errors: pd.DataFrame) -> Drawing:
    """One panel a learning rate: every stream (dots), the mean, and the line through all."""
    fitted = slopes(errors)
    with theme():
        rates = list(dict.fromkeys(errors.eta))
        figure, axes = panels(len(rates), width=0.85 * PAGE, height=3.4)
        for axis, eta, letter in zip(axes, rates, "ab"):
            _panel(axis, errors[errors.eta == eta], fitted[fitted.eta == eta])
            axis.set_title(f"{letter}  rate {eta:g}")
        axes[0].set_ylabel("largest relative error over time (%)")
    return Drawing(figure, _alt(errors, fitted), _caption(errors), errors)


def _panel(axis, errors: pd.DataFrame, fitted: pd.DataFrame) -> None:
    D = np.array(sorted(set(errors.D)))
    for k, line in enumerate(fitted.itertuples()):
        one, look = errors[errors.rule == line.rule], RULE_LOOKS[line.rule]
        shift = 1.06 ** (k - 1.5)  # side by side, not on top of each other
        axis.plot(one.D * shift, one.error, ls="", ms=2.5, alpha=0.35, mew=0, color=look["color"],
                  marker=look["marker"])
        means = one.groupby("D").error.mean()
        axis.plot(means.index * shift, means, ls="", ms=6, mec="white", mew=0.6,
                  color=look["color"], marker=look["marker"], label=f"{look['label']}: "
                  f"{line.slope:.2f} ± {line.standard_error:.2f}")
        axis.plot(D, np.exp(line.intercept) * D**line.slope, color=look["color"], lw=1)
    top = np.exp(fitted.intercept.max()) * 1.6
    axis.plot(D, top * D**-0.5, color=PALETTE["black"], lw=0.8, ls=":", label=r"$D^{-1/2}$")
    axis.set(xscale="log", yscale="log", xlabel="inputs D", xticks=D, xticklabels=D)
    axis.minorticks_off()
    axis.set_ylim(top=40 * errors.error.max() / (D[-1] / D[0]) ** 0.5)  # room for the legend
    axis.legend(title="slope ± standard error", loc="upper right", title_fontsize=8)


def _alt(errors: pd.DataFrame, fitted: pd.DataFrame) -> str:
    means = errors.groupby(["eta", "rule", "D"]).error.mean()
    words = "; ".join(
        f"{RULE_LOOKS[f.rule]['label']} at rate {f.eta:g}: {means[f.eta, f.rule].iloc[0]:.1f} % at "
        f"D = {errors.D.min()}, {means[f.eta, f.rule].iloc[-1]:.1f} % at D = {errors.D.max()}, "
        f"slope {f.slope:.2f} ± {f.standard_error:.2f}" for f in fitted.itertuples())
    return f"Largest relative error of simulated against solved error, against D. {words}."


def _caption(errors: pd.DataFrame) -> str:
    return (
        "Distance between online learning at finite D and the ODE of the same rule (for PEPITA: "
        "the exact one): the largest |simulated / solved - 1| of the generalisation error over 51 "
        f"times, times left out at which the solved error is below {FLOOR:g}. Small markers: "
        f"single streams, {errors.stream.nunique()} at every D, seen by all four rules; large: "
        "their mean. Lines and slopes: least squares of log error on log D over single streams, "
        "with the standard error. Initial overlaps are exact at every D.")
