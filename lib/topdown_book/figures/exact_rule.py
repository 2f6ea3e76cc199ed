"""PEPITA's own ODE at finite feedback strength: where it leaves AFA, and where it runs away."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Study, cores
from topdown_book.figures._theme import MARKERS, PALETTE, dashed, grid, theme
from topdown_book.figures._two_layers import LOOSE, least_G, start

SPAN = 50.0
"""Runs of the maps end at eta t = 50."""
VARIANTS = {f"{x} input, {h} output": dict(presynaptic=x, output_activity=h)
            for x, h in product(("modulated", "clean"), repeat=2)}

SHOWN = (
    Parameter("D", int, "inputs of the simulated student (a)", low=8, high=20_000),
    Parameter("eta", float, "learning rate of both layers (a to c)", low=1e-4, high=5),
    Parameter("streams", int, "simulated streams (a)", low=1, high=100),
    Parameter("horizon", float, "last time of (a), samples / D", low=1, high=1e5),
)
SHOWN_DEFAULTS = dict(D=500, eta=0.05, streams=2, horizon=200.0)
SHOWN_GAMMAS = (0.1, 0.4, 1.0)

MAPPED = (
    Parameter("eta", float, "learning rate of both layers (b and c)", low=1e-4, high=5),
    Parameter("steps", int, "values of gamma in each map", low=3, high=50),
)
MAPPED_DEFAULTS = dict(eta=0.05, steps=9)
GS, ETAS = (4, 10, 30, 100, 300, 1000), (0.01, 0.05, 0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Shown:
    """Trajectories on the ODEs ("afa" and by gamma) and simulations of PEPITA by gamma."""

    settings: dict
    afa: theory.Trajectory
    curves: dict[float, theory.Trajectory]
    runs: dict[float, theory.Simulation]


def compute_shown(settings: dict) -> Shown:
    """Panel a: at a few strengths, the exact ODE and simulations beside it."""
    given = start() | dict(eta_w=settings["eta"], eta_v=settings["eta"])
    fine, coarse = (np.append(0, np.geomspace(3e-3, 1, n) * settings["horizon"]) for n in (201, 25))
    curves, runs = {}, {}
    for gamma in SHOWN_GAMMAS:
        curves[gamma] = theory.integrate("pepita", t=fine, gamma=gamma, **given)
        runs[gamma] = theory.simulate("pepita", settings["D"], t=coarse, gamma=gamma,
                                      seed=range(settings["streams"]), workers=cores(), **given)
    return Shown(settings, theory.integrate("afa", t=fine, **given), curves, runs)


def compute_maps(settings: dict) -> pd.DataFrame:
    """Columns sweep, variant, gamma, eta, G, deviation, status, end (in eta t); one row a run.

    sweep "variant": the four readings of the rule; "G": against |F|^2/D; "eta": against the rate.
    deviation: |error of PEPITA / error of AFA - 1| averaged over times reached.
    """
    eta, G = settings["eta"], 1 + least_G(start())
    gammas = np.geomspace(0.01, 10, settings["steps"])
    rows = [dict(sweep="variant", variant=name, **run(gamma, eta, G, **options))
            for name, options in VARIANTS.items() for gamma in gammas]
    usual = next(iter(VARIANTS))
    rows += [dict(sweep="G", variant=usual, **run(gamma, eta, value))
             for value in GS for gamma in gammas]
    rows += [dict(sweep="eta", variant=usual, **run(gamma, value, G))
             for value in ETAS for gamma in gammas]
    return pd.DataFrame(rows)


def run(gamma: float, eta: float, G: float, **variant) -> dict:
    """One run of PEPITA beside AFA, to eta t = SPAN or its runaway."""
    t = np.append(0, np.geomspace(1e-3, 1, 100) * SPAN / eta)
    given = start() | dict(eta_w=eta, eta_v=eta, G=float(G))
    afa = theory.integrate("afa", t=t, **given).generalization_error
    with np.errstate(invalid="ignore"):  # trial steps of the solver past a runaway
        found = theory.integrate("pepita", t=t, gamma=gamma, **LOOSE, **variant, **given)
    gap = np.abs(found.generalization_error / afa - 1)
    return dict(gamma=float(gamma), eta=eta, G=float(G), deviation=float(np.nanmean(gap)),
                status=found.status, end=found.t_end * eta)


MAPS = Study("Where PEPITA leaves AFA, and runs away", MAPPED, MAPPED_DEFAULTS,
             name="exact_rule_maps", compute=compute_maps, stored=1)
FIGURE = Study("PEPITA's own ODE", (*SHOWN, *MAPPED[1:]), SHOWN_DEFAULTS | MAPPED_DEFAULTS,
               compute=compute_shown, beside=MAPS)


COLORS = [PALETTE[name] for name in ("blue", "orange", "green")]
READINGS = dict(zip(VARIANTS, (
    dict(label=r"$x'$, $h'$", color=PALETTE["black"], ls="-", marker="o"),
    dict(label=r"$x'$, $h$", color=PALETTE["amber"], ls="--", marker="s"),
    dict(label=r"$x$, $h'$", color=PALETTE["sky"], ls="-.", marker="^"),
    dict(label=r"$x$, $h$", color=PALETTE["purple"], ls=":", marker="D"))))
LIMIT = 0.1  # a deviation that one sees


def answer(shown: Shown, maps: pd.DataFrame) -> str:
    """Where one sees PEPITA leave AFA, and where it runs away."""
    away = boundary(maps)
    least = (away.away * np.sqrt(away.G)).min()
    return (f"PEPITA leaves AFA by {100 * LIMIT:.0f} % near γG = {visible(maps):.1f}, and runs "
            f"away from γ√G = {least:.1f} on.")


def draw(shown: Shown, maps: pd.DataFrame) -> Drawing:
    """Four panels: (a) of `shown`, the others of the `maps`."""
    with theme():
        figure, ((a, b), (c, d)) = grid(2, 2, 5.8)
        _trajectories(a, shown)
        _variants(b, maps[maps.sweep == "variant"])
        _map(c, maps[maps.sweep == "G"], "G", r"$G = |F|^2/D$")
        image = _map(d, maps[maps.sweep == "eta"], "eta", r"learning rate $\eta$")
        _guides(c, maps[maps.sweep == "G"])
        figure.colorbar(image, ax=[c, d], label="mean deviation from AFA (%)", shrink=0.9)
        for axis, title in zip((a, b, c, d), ("a  against AFA", "b  four readings of the rule",
                                              "c  size of the feedback", "d  learning rate")):
            axis.set_title(title)
    return Drawing(figure, _alt(shown, maps), _caption(shown), maps)


def _trajectories(axis, shown: Shown) -> None:
    """Error against time: AFA, the exact ODE and simulations at a few strengths."""
    axis.plot(shown.afa.t[1:], shown.afa.generalization_error[1:], color="black", label="AFA")
    for k, (gamma, curve) in enumerate(shown.curves.items()):
        reached = curve.t <= curve.t_end
        axis.plot(curve.t[reached][1:], curve.generalization_error[reached][1:], color=COLORS[k],
                  ls=dashed(k + 1), label=rf"$\gamma = {gamma:g}$")
        run = shown.runs[gamma]
        axis.plot(run.t[1:], run.generalization_error.mean(0)[1:], ls="", ms=4, color=COLORS[k],
                  marker=MARKERS[k])
        if curve.status == "runaway":
            axis.plot(curve.t_end, curve.at([curve.t_end]).generalization_error, marker="x", ms=9,
                      mew=2, color=COLORS[k])
    low = 0.5 * shown.afa.generalization_error[-1]
    axis.set(xscale="log", yscale="log", ylim=(low, 5), xlabel="time (samples / D)",
             ylabel=r"generalisation error $\epsilon_g$")
    axis.legend(loc="lower left")


def _variants(axis, rows: pd.DataFrame) -> None:
    """Deviation against gamma for the four variants; crosses where a run ran away."""
    for k, (name, look) in enumerate(READINGS.items()):
        one = rows[rows.variant == name]
        good, away = one[one.status == "completed"], one[one.status == "runaway"]
        axis.plot(good.gamma, 100 * good.deviation, **look)
        axis.plot(away.gamma, np.full(len(away), 250 * 1.4**k), ls="", marker="x", mew=2, ms=7,
                  color=look["color"])
    gamma = np.array([rows.gamma.min(), 0.3])
    first = rows[rows.variant == next(iter(VARIANTS))].iloc[0]
    axis.plot(gamma, 60 * first.deviation * gamma / first.gamma, color="black", lw=0.8, ls=":",
              label=r"$\propto \gamma$")
    axis.set(xscale="log", yscale="log", xlabel=r"feedback strength $\gamma$",
             ylabel="mean deviation from AFA (%)", ylim=(0.2, 700))
    axis.legend(loc="upper left", title="input, activity")


def _edges(values) -> np.ndarray:
    """Borders of cells around log-spaced centres."""
    logs = np.log(values)
    middle = (logs[1:] + logs[:-1]) / 2
    return np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))


def _map(axis, rows: pd.DataFrame, y: str, label: str):
    """Deviation by colour over gamma and `y`; runaways hatched."""
    from matplotlib.colors import LogNorm
    from matplotlib.patches import Patch

    table = rows.pivot(index=y, columns="gamma", values="deviation")
    away = rows.pivot(index=y, columns="gamma", values="status") == "runaway"
    edges = _edges(table.columns.to_numpy()), _edges(table.index.to_numpy())
    image = axis.pcolormesh(*edges, 100 * table.mask(away), norm=LogNorm(0.5, 50), cmap="cividis")
    axis.patch.set(hatch="///", edgecolor=PALETTE["grey"])
    axis.set(xscale="log", yscale="log", xlabel=r"feedback strength $\gamma$", ylabel=label)
    axis.grid(False)
    axis.legend(handles=[Patch(fc="white", ec=PALETTE["grey"], hatch="///", label="runs away")],
                loc="upper right", frameon=True, framealpha=1)
    return image


def _guides(axis, rows: pd.DataFrame) -> None:
    """Lines on which gamma G, and on which gamma sqrt G, is constant."""
    G = np.geomspace(*_edges(np.unique(rows.G))[[0, -1]], 50)
    axis.plot(1 / G, G, color="white", ls="--", lw=1.2)
    axis.plot(1.5 / np.sqrt(G), G, color="black", ls=":", lw=1.6)
    axis.text(1 / 30 / 1.15, 30, r"$\gamma G = 1$", color="white", fontsize=8, rotation=-62,
              ha="right", va="center")
    axis.text(1.5 / np.sqrt(8) * 1.1, 8, r"$\gamma\sqrt{G} = 1.5$", fontsize=8, rotation=-75,
              ha="left", va="center", bbox=dict(fc="white", ec="none", alpha=0.8, pad=1))
    axis.set_xlim(*_edges(np.unique(rows.gamma))[[0, -1]])


def boundary(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns G, stays, away: largest gamma that completes, smallest that runs away, for each G."""
    found = []
    for G, one in rows[rows.sweep == "G"].groupby("G"):
        away = one[one.status == "runaway"].gamma.min()
        found.append(dict(G=G, stays=one[one.gamma < away].gamma.max(), away=away))
    return pd.DataFrame(found)


def visible(rows: pd.DataFrame) -> float:
    """gamma G at which the mean deviation reaches 10 %, by interpolation over all of sweep "G"."""
    one = rows[(rows.sweep == "G") & (rows.status == "completed")]
    order = np.argsort(one.gamma * one.G)
    slope, level = np.polyfit(*np.log([(one.gamma * one.G).iloc[order],
                                       one.deviation.iloc[order]]), 1)
    return float(np.exp((np.log(LIMIT) - level) / slope))


def _distance(shown: Shown) -> float:
    """Mean |simulated / ODE - 1| in percent: over strengths, streams, times before a runaway."""
    gaps = []
    for gamma, run in shown.runs.items():
        ode = shown.curves[gamma].at(run.t).generalization_error
        before = run.t < 0.9 * shown.curves[gamma].t_end
        gaps.append(np.abs(run.generalization_error / ode - 1)[:, before].mean())
    return 100 * float(np.mean(gaps))


def _alt(shown: Shown, maps: pd.DataFrame) -> str:
    ends = "; ".join(
        f"gamma = {gamma:g}: " + (f"runs away at t = {curve.t_end:.0f}" if curve.status == "runaway"
                                  else f"error {curve.generalization_error[-1]:.2g} at the end")
        for gamma, curve in shown.curves.items())
    scale = boundary(maps)
    product = scale.away * np.sqrt(scale.G), scale.stays * np.sqrt(scale.G)
    away = [name for name in VARIANTS if (maps[(maps.variant == name) & (maps.sweep == "variant")]
                                          .status == "runaway").any()]
    return (f"Four panels. a: {ends}; AFA {shown.afa.generalization_error[-1]:.2g}; simulations "
            f"deviate from their ODE by {_distance(shown):.1f} % on average. b: the mean deviation "
            "from AFA grows with gamma; of the four readings these run away: "
            f"{'; '.join(away)}. c: over all sizes G of the feedback the deviation reaches 10 % "
            f"near gamma G = {visible(maps):.1f}; runs stay finite up to gamma sqrt G between "
            f"{product[1].min():.1f} and {product[1].max():.1f} and run away from "
            f"{product[0].min():.1f} to {product[0].max():.1f} on. d: the same over learning "
            "rates; the border moves little below a rate of 1.")


def _caption(shown: Shown) -> str:
    s = shown.settings
    return (
        f"(a) Error under PEPITA: its own ODE (broken), simulations at D = {s['D']} (markers), AFA "
        "(black); a cross where it runs away. (b) Mean relative deviation from AFA up to "
        f"ηt = {SPAN:g}, for modulated (x', h') or clean (x, h) input and activity in the "
        "updates. (c, d) The same by colour over γ and G, γ and the rate.")
