"""A deep linear student: ODE and simulation at several depths, and which feedback can learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.figures._deep_linear import linear_integrate, linear_simulate, linear_start
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Study
from topdown_book.figures._theme import MARKERS, PALETTE, dashed, panels, theme

CHOSEN = np.array([[1.0, 0.5], [-0.5, 0.8]])
"""b = B F / D of panels a and b: eigenvalues with positive real parts, far from a multiple of 1."""
FLOOR = 1e-3
"""Error, relative to the start, below which a draw of (c) counts as learned."""
LARGE = 200.0  # sum of squared first-layer weights / D at which a draw of (c) has run away

PARAMETERS = (
    Parameter("D", int, "inputs of the simulated student (a)", low=20, high=5000),
    Parameter("depth", int, "largest number of weight matrices (a, b)", low=2, high=6),
    Parameter("width", int, "units in each hidden layer", low=2, high=20),
    Parameter("outputs", int, "outputs C of the students in (c)", low=1, high=5),
    Parameter("eta", float, "learning rate of all layers", low=1e-3, high=1),
    Parameter("gamma", float, "strength of PEPITA's feedback", low=1e-6, high=10),
    Parameter("draws", int, "random feedback matrices (c)", low=10, high=1000),
    Parameter("horizon", float, "last time of (c), samples / D", low=10, high=1e5),
)
DEFAULTS = dict(D=300, depth=4, width=4, outputs=2, eta=0.1, gamma=0.1, draws=150, horizon=600.0)
SHOWN = ("width", "D", "outputs")
"""Settings that the caption names; every row of the result holds them."""
SPAN = 6.0  # eta t at which (a) and (b) end


@dataclass(frozen=True)
class DeepLinear:
    """`curves`: columns rule, layers, t, error, angle on the ODE; `runs`: the same, simulated.

    `draws`: columns least, error, learned; one row a random feedback matrix. `settings`: SHOWN.
    """

    settings: dict
    curves: pd.DataFrame
    runs: pd.DataFrame
    draws: pd.DataFrame

    @classmethod
    def of(cls, rows: pd.DataFrame) -> DeepLinear:
        """The parts of what `compute` returns."""
        return cls(rows.iloc[0][list(SHOWN)].to_dict(),
                   *(rows[rows.part == part] for part in ("ODE", "simulated", "draw")))


def compute(settings: dict) -> pd.DataFrame:
    """Trajectories at every depth for PEPITA, AFA and BP; then the draws; told apart by `part`."""
    fine = np.linspace(0, SPAN / settings["eta"], 61)
    curves, runs = [], []
    for layers in range(2, settings["depth"] + 1):
        start = linear_start(2, settings["width"], layers, seed=1, feedback=CHOSEN)
        for rule in ("pepita", "afa", "bp"):
            rates = dict(eta=settings["eta"], gamma=settings["gamma"])
            solved = linear_integrate(rule, start, t=fine, **rates)
            curves.append(_rows(rule, layers, fine, solved))
            if rule == "pepita":
                found = linear_simulate(rule, start, settings["D"], t=fine[::6], **rates)
                runs.append(_rows(rule, layers, fine[::6], found))
    parts = dict(ODE=pd.concat(curves), simulated=pd.concat(runs), draw=_random(settings))
    rows = [rows.assign(part=part) for part, rows in parts.items()]
    return pd.concat(rows, ignore_index=True).assign(**{name: settings[name] for name in SHOWN})


def _rows(rule: str, layers: int, t, states) -> pd.DataFrame:
    angle = [theory.alignment_angle(s.effective_feedback.ravel(), s.b.ravel()) for s in states]
    return pd.DataFrame(dict(rule=rule, layers=layers, t=t[: len(states)], angle=angle,
                             error=[s.generalization_error for s in states], learned=False))


def _random(settings: dict) -> pd.DataFrame:
    """AFA in three layers with random F: final error against the eigenvalues of b."""
    rows = []
    for seed in range(settings["draws"]):
        start = linear_start(settings["outputs"], settings["width"], 3, seed=1000 + seed)
        t = np.array([0.0, settings["horizon"]])
        states = linear_integrate("afa", start, t=t, eta=settings["eta"], rtol=1e-5, atol=1e-8,
                                  runaway=LARGE)
        least = float(np.linalg.eigvals(start.b).real.min())
        error = states[-1].generalization_error / start.generalization_error
        rows.append(dict(rule="afa", layers=3, least=least, error=max(error, 0.0),
                         learned=error < FLOOR))
    return pd.DataFrame(rows)


FIGURE = Study("A deep linear student", PARAMETERS, DEFAULTS, compute=compute, stored=1)


COLORS = [PALETTE[name] for name in ("blue", "orange", "green", "purple", "amber")]
LOWEST = 1e-9  # the accuracy of the solver


def answer(rows: pd.DataFrame) -> str:
    """Theory against simulation, and how often the eigenvalues of b tell the outcome."""
    found = DeepLinear.of(rows)
    right, total, _ = agreement(found.draws)
    return (f"Simulations at every depth lie {_distance(found):.1f} % from the equations, and the "
            f"signs of the eigenvalues of b tell in {right} of {total} draws which feedback "
            "learns.")


def draw(rows: pd.DataFrame) -> Drawing:
    """Error at each depth (a), angle of effective feedback and b (b), random draws of F (c)."""
    found = DeepLinear.of(rows)
    with theme():
        figure, (a, b, c) = panels(3, height=2.8)
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
    look = dict(color=COLORS[k], ls=dashed(k))
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
    return (
        f"A deep linear student with hidden layers of {s['width']}. (a) Error under PEPITA: exact "
        f"ODE (lines), one stream at D = {s['D']} (markers); faint: BP."
        " (b) Angle between the network applied to F and b, the teacher applied to F. (c) "
        f"AFA in three layers with random F, {s['outputs']} outputs; a draw has learned below "
        f"{FLOOR:g} (dashed).")
