"""How fast simulations approach the ODEs as D grows, for every rule and two learning rates."""

import numpy as np
import pandas as pd
from scipy.stats import linregress

from topdown import theory
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._rules import RULE_LOOKS
from topdown_book.figures._study import Study, cores
from topdown_book.figures._theme import PAGE, PALETTE, panels, theme
from topdown_book.figures._two_layers import start

FLOOR = 1e-3
"""Times at which the ODE's error is below are left out: a shift in time is no relative error."""

PARAMETERS = (
    Parameter("smallest", int, "smallest D; it is doubled up to the largest", low=8, high=4096),
    Parameter("largest", int, "largest D", low=16, high=65_536),
    Parameter("eta", float, "the smaller learning rate", low=1e-4, high=10),
    Parameter("eta_large", float, "the larger learning rate", low=1e-4, high=10),
    Parameter("gamma", float, "strength of PEPITA's feedback", low=1e-6, high=10),
    Parameter("streams", int, "simulated streams at each D", low=2, high=1000),
    Parameter("horizon", float, "last time, samples / D", low=1, high=1e5),
)
DEFAULTS = dict(smallest=32, largest=1024, eta=0.05, eta_large=0.5, gamma=0.1, streams=8,
                horizon=50.0)


def sizes(settings: dict) -> list[int]:
    """smallest, 2 smallest, ... up to the largest."""
    doublings = int(np.log2(settings["largest"] / settings["smallest"]))
    return [settings["smallest"] * 2**k for k in range(doublings + 1)]


def compute(settings: dict) -> pd.DataFrame:
    """Columns eta, rule, D, stream, error: the largest relative error over times, percent."""
    parts = [_errors(settings, eta, D) for eta in (settings["eta"], settings["eta_large"])
             for D in sizes(settings)]
    return pd.concat(parts, ignore_index=True)


def _errors(settings: dict, eta: float, D: int) -> pd.DataFrame:
    t = np.linspace(0, settings["horizon"], 51)
    given = start() | dict(eta_w=eta, eta_v=eta, gamma=settings["gamma"])
    streams = range(settings["streams"])
    runs = theory.simulate(theory.RULES, D, t=t, seed=streams, workers=cores(), **given)
    frames = []
    for rule, run in runs.items():
        expected = theory.integrate(rule, t=run.t, **given).generalization_error
        counted = expected > FLOOR
        gap = np.abs(run.generalization_error / expected - 1)[:, counted].max(1)
        frames.append(pd.DataFrame(dict(eta=eta, rule=rule, D=D, stream=streams, error=100 * gap)))
    return pd.concat(frames)


def slopes(errors: pd.DataFrame) -> pd.DataFrame:
    """Columns eta, rule, slope, standard_error, intercept: a line through log error, log D."""
    rows = []
    for (eta, rule), one in errors.groupby(["eta", "rule"], sort=False):
        line = linregress(np.log(one.D), np.log(one.error))
        rows.append(dict(eta=eta, rule=rule, slope=line.slope, standard_error=line.stderr,
                         intercept=line.intercept))
    return pd.DataFrame(rows)


FIGURE = Study("Theory against simulation", PARAMETERS, DEFAULTS, compute=compute, stored=1)


def answer(errors: pd.DataFrame) -> str:
    """The slopes of log error against log D: -1/2 is noise, 0 would be a wrong term."""
    found = slopes(errors).slope
    lead = "What remains is noise" if found.max() < -0.25 else "Not all that remains is noise"
    return (f"{lead}: from D = {errors.D.min()} to {errors.D.max()} the distance falls as D to the "
            f"power of {found.min():.2f} to {found.max():.2f}, where noise has -0.5 and a wrong "
            "term 0.")


def draw(errors: pd.DataFrame) -> Drawing:
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
        "Distance between online learning at finite D and the ODE of the same rule: the largest "
        "|simulated / solved − 1| of the generalisation error over times at which the solved error "
        f"is above {FLOOR:g}. Small markers: {errors.stream.nunique()} streams at every D, seen by "
        "all four rules; large: their mean. Lines, slopes: least squares of log error on log D.")
