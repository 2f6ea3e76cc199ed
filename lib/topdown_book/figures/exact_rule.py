"""Drawing of PEPITA's own ODE beside AFA: trajectories, deviations, maps of the runaway."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.patches import Patch

from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import DASHES, MARKERS, PAGE, PALETTE, theme
from topdown_book.studies.exact_rule import SPAN, VARIANTS, Shown

COLORS = [PALETTE[name] for name in ("blue", "orange", "green")]
READINGS = dict(zip(VARIANTS, (
    dict(label=r"$x'$, $h'$", color=PALETTE["black"], ls="-", marker="o"),
    dict(label=r"$x'$, $h$", color=PALETTE["amber"], ls="--", marker="s"),
    dict(label=r"$x$, $h'$", color=PALETTE["sky"], ls="-.", marker="^"),
    dict(label=r"$x$, $h$", color=PALETTE["purple"], ls=":", marker="D"))))
LIMIT = 0.1  # a deviation that one sees


def exact_rule(shown: Shown, maps: pd.DataFrame) -> Drawing:
    """Four panels: `shown` of the study "exact_rule", `maps` of "exact_rule_maps"."""
    with theme():
        figure, ((a, b), (c, d)) = plt.subplots(2, 2, figsize=(PAGE, 5.8))
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
                  ls=(0, DASHES[k + 1]), label=rf"$\gamma = {gamma:g}$")
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
        f"(a) Generalisation error under PEPITA at three strengths: its own ODE (broken lines), "
        f"simulations at D = {s['D']} (markers, mean of {s['streams']} streams) and AFA, the limit "
        "γ = 0 (black). A cross marks where an order parameter has grown tenfold: the run has "
        "run away. (b) Deviation |error / error of AFA − 1|, averaged over log-spaced times up to "
        f"ηt = {SPAN:g}, for the four readings of the rule: modulated (x') or clean (x) "
        "input in the update of the first layer, modulated (h') or clean (h) hidden activity in "
        "that of the output. "
        "Crosses at the top: runaways. (c) The same deviation by colour over γ and G, with "
        "lines of constant γG (white) and of constant γ√G (black). (d) Over γ "
        f"and the learning rate. Rate {s['eta']:g} in (a) to (c); start as in Figure 2.")
