"""Which random feedback learns, with several outputs? Draws of F on the ODE, and small networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown_book.figures import _feedback_draws as solved
from topdown_book.figures import _small_networks as small
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._feedback_draws import COLORS, LOWEST, RECOVERED, ROWS, SIZES, named
from topdown_book.figures._paired import share
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._rules import RULE_LOOKS
from topdown_book.figures._study import Study
from topdown_book.figures._theme import MARKERS, PALETTE, dashed, grid, panels, theme

PARAMETERS = (
    Parameter("draws", int, "random feedback matrices at each point", low=10, high=10_000),
    Parameter("eta", float, "learning rate of both layers", low=1e-4, high=1),
    Parameter("horizon", float, "last time of the draws, samples / D", low=100, high=1e7),
    Parameter("D", int, "inputs of the simulated students", low=20, high=20_000),
    Parameter("streams", int, "simulated streams for each number of outputs", low=1, high=100),
    Parameter("gamma", float, "strength of PEPITA's feedback in them", low=1e-6, high=100),
)
DEFAULTS = dict(draws=200, eta=0.05, horizon=20_000.0, D=500, streams=3, gamma=0.1)

SMALL = Study("Bad seeds in small networks", name="small_networks", compute=small.compute, stored=1)
FIGURE = Study("Which random feedback learns, with several outputs", PARAMETERS, DEFAULTS,
               name="several_outputs", compute=solved.compute, stored=1, beside=SMALL)

SHOWN = (2, 2)
ANGLED = (1, 3, 10)
"""(K, M) of the angles, and the numbers of outputs shown."""
KINDS = {"draw": "solved", "predicted": "predicted"}


def draw(rows: pd.DataFrame, networks: pd.DataFrame) -> dict[str, Drawing]:
    """The draws in four panels, Figure 2b for a few C, and bad seeds of small networks."""
    return {"figure": _draws(rows), "curves": _curves(rows), "networks": small.drawing(networks)}


def fractions(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns K, M, C, rows, n, recovered, low, high (Wilson, 95 %), predicted, agree, t.

    agree: the share of draws that end as the rates of the copies say. t: median recovery time.
    """
    found, by = [], ["K", "M", "C", "rows"]
    shares = rows[rows.part == "predicted"].set_index(by).value
    for where, one in rows[rows.part == "draw"].groupby(by):
        good = one.error < RECOVERED
        found.append(dict(zip(by, where), n=len(one)) | share(good) | dict(
            predicted=shares[where], agree=(good == (one.rate > 0)).mean(), t=one.t.median()))
    return pd.DataFrame(found).astype(dict.fromkeys(by[:3], int)).rename(
        columns={"value": "recovered"})


def answer(rows: pd.DataFrame, networks: pd.DataFrame) -> str:
    """The question of the page, answered from the draws with K = M and from small networks."""
    found = fractions(rows)
    random = found[(found.K == found.M) & (found.rows == "random")].set_index(["M", "C"])
    top = int(random.index.get_level_values("C").max())
    words = ", ".join(f"from {random.recovered[M, 1]:.2f} to {random.recovered[M, top]:.2f} "
                      f"(M = {M})" for M in sorted(set(random.index.get_level_values("M"))))
    both, attract, good = outcomes(rows)
    wide = small.bad_seeds(networks).query(f"rule == 'afa' and width >= {small.WIDTHS[1]}")
    return (f"No: from one output to {top} the fraction of random F that recovers the teacher goes "
            f"{words}. F needs copies that attract: {both} of the {good} draws that recovered had "
            f"them, and {both} of the {attract} that had them recovered. It is open where the "
            f"others of these end. Of {wide.n.sum()} networks of {small.WIDTHS[1]} or more units, "
            f"trained by AFA on MNIST, {int(wide.bad.sum())} were bad.")


def outcomes(rows: pd.DataFrame) -> tuple[int, int, int]:
    """Numbers of draws: recovered with attracting copies, with attracting copies, recovered."""
    draws = rows[rows.part == "draw"]
    attract, good = draws.rate > 0, draws.error < RECOVERED
    return int((attract & good).sum()), int(attract.sum()), int(good.sum())


def _draws(rows: pd.DataFrame) -> Drawing:
    found = fractions(rows)
    with theme():
        figure, ((a, b), (c, d)) = grid(2, 2, 5.8)
        for k, (K, M) in enumerate(SIZES):
            for kind in ROWS:
                one = found[(found.K == K) & (found.M == M) & (found.rows == kind)]
                _fractions(a, one, named(K, M), k, kind)
                _times(b, rows, one, k, kind)
        _angles(c, rows[(rows.part == "angle") & rows.K.eq(SHOWN[0]) & rows.M.eq(SHOWN[1])])
        _ends(d, rows[rows.part == "draw"])
        outputs = dict(xticks=sorted(set(found.C)), xlabel="outputs C")
        a.set(ylim=(0, 0.78), ylabel="fraction of F that recovers", title="a  how many", **outputs)
        a.legend(ncols=2, loc="upper right")
        b.set(yscale="log", ylabel="time to recover (samples / D)", title="b  how fast", **outputs)
    return Drawing(figure, _alt(rows, found), _caption(rows), found,
                   missing="no draw recovered there" if found.t.isna().any() else "")


def _fractions(axis, one: pd.DataFrame, name: str, k: int, kind: str) -> None:
    """Solved draws as markers with intervals, predictions as lines; orthogonal rows are open."""
    if one.empty:
        return
    x, random = one.C + 0.12 * (k - 1), kind == "random"
    axis.errorbar(x, one.recovered, [one.recovered - one.low, one.high - one.recovered], ls="",
                  marker=MARKERS[k], ms=4.5, color=COLORS[k], mfc=COLORS[k] if random else "white",
                  lw=0.9, capsize=1.5, label=name if random else None)
    axis.plot(x, one.predicted, color=COLORS[k], lw=1, ls="-" if random else ":")


def _times(axis, rows: pd.DataFrame, one: pd.DataFrame, k: int, kind: str) -> None:
    """Median and quartiles of the recovery time of random rows."""
    if kind != "random":
        return
    some = rows[(rows.part == "draw") & (rows.rows == kind)].merge(one[["K", "M", "C"]])
    low, middle, high = (some.groupby("C").t.quantile(q) for q in (0.25, 0.5, 0.75))
    x = np.array(middle.index) + 0.12 * (k - 1)
    axis.errorbar(x, middle, [middle - low, high - middle], marker=MARKERS[k], ms=4.5, lw=1,
                  capsize=1.5, color=COLORS[k], ls=dashed(k))


def _angles(axis, rows: pd.DataFrame) -> None:
    for k, (C, one) in enumerate(rows[rows.C.isin(ANGLED)].groupby("C")):
        for recovered, curve in one.groupby("recovered"):
            axis.plot(curve.t, curve.value, color=COLORS[k], ls="-" if recovered else "--",
                      label=f"C = {C:.0f}" if recovered else None)
            if recovered:
                axis.fill_between(curve.t, curve.low, curve.high, color=COLORS[k], alpha=0.15, lw=0)
    axis.set(xscale="log", ylim=(0, 135), yticks=range(0, 136, 45), title="c  AF and the copy",
             xlabel="time (samples / D)", ylabel="angle (degrees)")
    axis.legend(loc="upper right", ncols=3)


def _ends(axis, rows: pd.DataFrame) -> None:
    for k, (K, M) in enumerate(SIZES):
        one = rows[(rows.K == K) & (rows.M == M)]
        axis.plot(one.rate, one.error.clip(lower=LOWEST), ls="", marker=MARKERS[k], ms=2.6, mew=0,
                  alpha=0.5, color=COLORS[k], rasterized=True)
    axis.axvline(0, color=PALETTE["black"], lw=0.8)
    axis.axhline(RECOVERED, color=PALETTE["black"], lw=0.8, ls="--")
    axis.set(yscale="log", ylim=(LOWEST / 3, 30), xlabel="slowest rate of the copies",
             ylabel="error at the end", title="d  which ones")
    axis.set_xscale("symlog", linthresh=1e-3)
    axis.set_xticks([-0.1, -0.01, -0.001, 0, 0.001, 0.01])


def _alt(rows: pd.DataFrame, found: pd.DataFrame) -> str:
    ends = found[found.C.isin((found.C.min(), found.C.max())) & (found.rows == "random")]
    words = "; ".join(f"{named(one.K, one.M)}, C = {one.C}: {one.recovered:.3f} ({one.low:.3f} to "
                      f"{one.high:.3f}), predicted {one.predicted:.3f}" for one in
                      ends.itertuples())
    both, attract, good = outcomes(rows)
    return (f"a: fraction of random feedback that recovers the teacher against the number of "
            f"outputs; random rows, with 95 % intervals: {words}. b: median time to recover, from "
            f"{found.t.min():.0f} to {found.t.max():.0f}. c: {_turns(rows)}. d: the error at the "
            "end falls where the slowest rate of the copies becomes positive; "
            f"{both} of {attract} draws with positive rates recovered, {good - both} of "
            f"{found.n.sum() - attract} without.")


def _turns(rows: pd.DataFrame) -> str:
    """Angles of AF and copy at the end, for draws that recovered and draws that did not."""
    some = rows[(rows.part == "angle") & rows.K.eq(SHOWN[0]) & rows.M.eq(SHOWN[1])]
    last = some[(some.t == some.t.max()) & some.C.isin(ANGLED)]
    parts = [f"C = {one.C:.0f}, {'' if one.recovered else 'not '}recovered {one.value:.0f}"
             for one in last.itertuples()]
    return f"median angle of AF and copy at the end, in degrees: {', '.join(parts)}"


def _caption(rows: pd.DataFrame) -> str:
    one = rows[rows.part == "draw"]
    n = int(one.draw.max()) + 1
    return (f"AFA on the ODE, {n} draws of F, teacher and v a point; K = M unless named. (a) "
            "Recovered, Wilson 95 % intervals; filled: random output rows, open: orthogonal; "
            "lines: attracting copies. (b), (c) Medians and quartiles, random rows; (c) K = M = "
            f"{SHOWN[1]}, dashed: not recovered. (d) Every draw; dashed: error {RECOVERED:g}.")


def _curves(rows: pd.DataFrame) -> Drawing:
    """Figure 2b for a few numbers of outputs: simulations on the curve of AFA."""
    rows, gaps = rows[rows.part.isin(("ode", "run"))], []
    with theme():
        figure, axes = panels(len(solved.CURVES), height=2.6, sharey=True)
        for axis, C in zip(axes, solved.CURVES):
            one = rows[(rows.C == C) & (rows.t > 0)]
            ode = one[one.part == "ode"]
            axis.plot(ode.t, ode.error, color="black", lw=1.2, label="AFA, ODE", zorder=1)
            for k, rule in enumerate(solved.RULES):
                run = one[(one.part == "run") & (one.rule == rule)].groupby("t").error.mean()
                axis.plot(run.index[k::2], run[k::2], ls="", ms=5, mec="white", mew=0.4,
                          **RULE_LOOKS[rule])
                expected = np.exp(np.interp(np.log(run.index), np.log(ode.t), np.log(ode.error)))
                gaps.append(f"C = {C}, {RULE_LOOKS[rule]['label']}: "
                            f"{100 * np.abs(run / expected - 1).mean():.1f} %")
            axis.set(xscale="log", yscale="log", xlabel="time (samples / D)", title=f"C = {C}")
        axes[0].set_ylabel(r"generalisation error $\epsilon_g$")
        axes[0].legend(loc="lower left")
    alt = ("Generalisation error against time on logarithmic axes: simulations lie on the ODE of "
           f"AFA. Deviation of their mean, averaged over times: {'; '.join(gaps)}.")
    data = rows[["part", "C", "rule", "stream", "t", "error"]].fillna({"stream": 0})
    return Drawing(figure, alt, "Figure 2b for one, two and five outputs: error of a student of "
                   "two units, its teacher as large, simulated at finite D (markers, mean of the "
                   "streams) and on the ODE of AFA (line); starts as in Figure 2.", data)
