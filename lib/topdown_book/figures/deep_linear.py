"""Drawing of the deep linear student: learning, its effective feedback, and the condition on F."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import DASHES, MARKERS, PAGE, PALETTE, panels, theme
from topdown_book.studies.deep_linear import FLOOR, DeepLinear

COLORS = [PALETTE[name] for name in ("blue", "orange", "green", "purple", "amber")]
LOWEST = 1e-9  # the accuracy of the solver


def deep_linear(found: DeepLinear) -> Drawing:
    """Error at each depth (a), angle of effective feedback and b (b), random draws of F (c)."""
    with theme():
        figure, (a, b, c) = panels(3, width=PAGE, height=2.8)
        for k, (layers, one) in enumerate(found.curves.groupby("layers")):
            _depth(a, b, one, found.runs[found.runs.layers == layers], layers, k)
        a.set(yscale="log", ylim=(1e-4, 2), xlabel="time (samples / D)", title="a  learning",
              ylabel=r"generalisation error $\epsilon_g$")
        b.set(ylim=(0, 180), yticks=range(0, 181, 45), xlabel="time (samples / D)",
              title="b  effective feedback", ylabel=r"angle of $W_L \cdots W_1F/D$ and $b$ (°)")
        a.legend(loc="lower left")
        _draws(c, found.draws)
    return Drawing(figure, _alt(found), _caption(found), _data(found))


def _depth(a, b, solved: pd.DataFrame, runs: pd.DataFrame, layers: int, k: int) -> None:
    look = dict(color=COLORS[k], ls=(0, DASHES[k]) if DASHES[k] else "-")
    pepita, bp = (solved[solved.rule == rule] for rule in ("pepita", "bp"))
    a.plot(pepita.t, pepita.error, label=f"{layers} layers", **look)
    a.plot(runs.t, runs.error, ls="", marker=MARKERS[k], ms=4, color=COLORS[k])
    a.plot(bp.t, bp.error, color=COLORS[k], lw=0.6, alpha=0.6)
    b.plot(pepita.t, pepita.angle, **look)


def _draws(axis, draws: pd.DataFrame) -> None:
    for learned, color, marker, label in ((True, "green", "o", "learns"),
                                          (False, "orange", "X", "does not")):
        one = draws[draws.learned == learned]
        axis.plot(one.least, one.error.clip(lower=LOWEST), ls="", marker=marker, ms=4, mew=0,
                  alpha=0.7, color=PALETTE[color], label=label)
    axis.axvline(0, color=PALETTE["black"], lw=0.8)
    axis.axhline(FLOOR, color=PALETTE["black"], lw=0.8, ls="--")
    axis.set(yscale="log", xlabel="min Re (eigenvalues of $b$)", title="c  which F",
             ylabel=r"$\epsilon_g$ at the end / at the start")
    axis.legend(loc="lower left")


def agreement(draws: pd.DataFrame) -> tuple[int, int, float]:
    """Draws for which the sign tells the outcome, all draws, largest |real part| of the others."""
    wrong = draws[draws.learned != (draws.least > 0)]
    far = float(np.abs(wrong.least).max()) if len(wrong) else 0.0
    return len(draws) - len(wrong), len(draws), far


def _distance(found: DeepLinear) -> float:
    """Mean |simulated / ODE - 1| of the error in percent, where it is above 1 % of the start."""
    both = found.runs.merge(found.curves[found.curves.rule == "pepita"], on=["layers", "t"],
                            suffixes=("", "_ode"))
    both = both[both.error_ode > 0.01 * found.curves.error.iloc[0]]
    return 100 * float((both.error / both.error_ode - 1).abs().mean())


def _data(found: DeepLinear) -> pd.DataFrame:
    """Columns panel, series, x, value."""
    curves = [pd.DataFrame(dict(panel=panel, series=f"{one.rule.iloc[0]}, {layers} layers{kind}",
                                x=one.t, value=one[column]))
              for kind, frame in (("", found.curves), (", simulated", found.runs))
              for (_, layers), one in frame.groupby(["rule", "layers"])
              for panel, column in (("a", "error"), ("b", "angle"))]
    draws = found.draws
    return pd.concat([*curves, pd.DataFrame(dict(panel="c", series="draw", x=draws.least,
                                                 value=draws.error))])


def _alt(found: DeepLinear) -> str:
    ends = found.curves[found.curves.rule == "pepita"].groupby("layers")
    words = "; ".join(f"{layers} layers: error {one.error.iloc[0]:.2g} to "
                      f"{one.error.iloc[-1]:.1g}, angle {one.angle.iloc[0]:.0f} to "
                      f"{one.angle.iloc[-1]:.0f} degrees"
                      for layers, one in ends)
    right, all_, far = agreement(found.draws)
    fraction = (found.draws.least > 0).mean()
    return (f"a and b, PEPITA on its ODE: {words}; simulations deviate by "
            f"{_distance(found):.1f} % on average. c: of {all_} random feedback matrices, "
            f"{100 * fraction:.0f} % have all eigenvalues of b in the right half plane; that tells "
            f"the outcome for {right}, and the others are within {far:.2f} of the border.")


def _caption(found: DeepLinear) -> str:
    s = found.settings
    right, all_, _ = agreement(found.draws)
    return (
        f"A deep linear student with hidden layers of {s['width']}. (a) Generalisation error "
        f"under PEPITA of strength {s['gamma']:g}, rate {s['eta']:g}: exact ODE (lines) and one "
        f"simulated stream at D = {s['D']} (markers), for 2 outputs; faint lines: BP from the same "
        "start. (b) The angle between the effective feedback, the network applied to F, and b, "
        f"the teacher applied to F. (c) AFA in three layers with {all_} random F and "
        f"{s['outputs']} outputs: error at t = {s['horizon']:g}, relative to the start, against "
        f"the least real part of the eigenvalues of b. A draw has learned below {FLOOR:g} "
        f"(dashed); the sign tells the outcome for {right} of {all_}.")
