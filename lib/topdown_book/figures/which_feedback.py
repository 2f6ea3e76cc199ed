"""Drawing and table of the selection rule: which random feedback vectors recover the teacher."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown_book.figures._page import Drawing, Table
from topdown_book.figures._theme import DASHES, MARKERS, PAGE, PALETTE, panels, theme
from topdown_book.studies.which_feedback import RECOVERED, SIZES, counts, fractions

COLORS = [PALETTE[name] for name in ("blue", "orange", "green", "purple")]
LOWEST = 1e-12  # below is rounding


def which_feedback(rows: pd.DataFrame) -> Drawing:
    """Fraction recovered over time with 2^-M (a); final error against the worst sign (b)."""
    found = fractions(rows)
    with theme():
        figure, (a, b) = panels(2, width=PAGE, height=3.1)
        for k, (K, M) in enumerate(SIZES):
            _fraction(a, found[(found.K == K) & (found.M == M)], K, M, k)
            _errors(b, rows[(rows.K == K) & (rows.M == M)], K, M, k)
        a.set(xscale="log", ylim=(0, 0.8), xlim=(100, None), xlabel="time (samples / D)",
              ylabel="fraction of F that recovers", title="a  how many")
        a.legend(loc="upper left")
        b.axvline(0, color=PALETTE["black"], lw=0.8)
        b.axhline(RECOVERED, color=PALETTE["black"], lw=0.8, ls="--")
        b.set(yscale="log", ylim=(LOWEST / 3, 3), xlabel=r"$\min_m\ b_m \tilde v_m$",
              ylabel="error at the end", title="b  which ones")
        b.set_xscale("symlog", linthresh=0.1)
    return Drawing(figure, _alt(rows, found), _caption(rows), rows)


def _name(K: int, M: int) -> str:
    return f"M = {M}" if K == M else f"M = {M}, K = {K}"


def _fraction(axis, found: pd.DataFrame, K: int, M: int, k: int) -> None:
    look = dict(color=COLORS[k], ls=(0, DASHES[k]) if DASHES[k] else "-")
    axis.plot(found.t, found.recovered, marker=MARKERS[k], ms=4, label=_name(K, M), **look)
    axis.fill_between(found.t, found.low, found.high, color=COLORS[k], alpha=0.15, lw=0)
    if K == M:
        axis.axhline(2.0**-M, color=COLORS[k], lw=0.8, ls=":")
        axis.text(found.t.max() * 1.15, 2.0**-M, rf"$2^{{-{M}}}$", color=COLORS[k], fontsize=8,
                  va="center")


def _errors(axis, rows: pd.DataFrame, K: int, M: int, k: int) -> None:
    last = rows[rows.t == rows.t.max()]
    axis.plot(last.least, last.error.clip(lower=LOWEST), ls="", marker=MARKERS[k], ms=3.2, mew=0,
              alpha=0.6, color=COLORS[k], label=_name(K, M))


def count_table(rows: pd.DataFrame) -> Table:
    """Draws by size and signs: how many there were, how many recovered the teacher."""
    data = counts(rows)
    cells = data.assign(**{
        "right signs": data["right signs"].map({True: "all", False: "not all"}),
        "median error": [f"{max(value, LOWEST):.1g}" for value in data["median error"]]})
    return Table(cells, f"Draws of F at t = {rows.t.max():g}, by whether bₘ ṽₘ > 0 for all m. "
                 f"Recovered: generalisation error below {RECOVERED:g}.", data)


def exceptions(rows: pd.DataFrame) -> pd.DataFrame:
    """Draws at the last time for which the signs tell the wrong outcome."""
    last = rows[rows.t == rows.t.max()]
    return last[last.right_signs != (last.error < RECOVERED)]


def _alt(rows: pd.DataFrame, found: pd.DataFrame) -> str:
    last = found[found.t == found.t.max()]
    words = "; ".join(f"{_name(one.K, one.M)}: {one.recovered:.3f} ({one.low:.3f} to "
                      f"{one.high:.3f}), against {2.0**-one.M:g}" for one in last.itertuples())
    wrong = exceptions(rows)
    draws, far = len(rows) // rows.t.nunique(), np.abs(wrong.least).max()
    return ("a: the fraction of random feedback vectors that recover the teacher rises with "
            f"time; at t = {rows.t.max():g}, with 95 % intervals, {words}. b: the final error "
            f"falls where the smallest bₘ ṽₘ crosses zero; the {len(wrong)} exceptions of "
            f"{draws} draws lie at absolute values up to {far:.2f}.")


def _caption(rows: pd.DataFrame) -> str:
    draws = len(rows) // rows.t.nunique() // len(SIZES)
    return (
        f"AFA from one start with {draws} random feedback vectors for each size: independent "
        "Gaussian entries of F, hence Gaussian overlaps (a, b) with the covariance of the "
        "weights. (a) Fraction whose generalisation error on the ODE is below "
        f"{RECOVERED:g}, with exact 95 % intervals (bands), and 2⁻ᴹ, the chance that all signs "
        "are right (dotted). (b) Error at the last time against the smallest bₘ ṽₘ, linear "
        f"within 0.1 of zero; dashed: {RECOVERED:g}; errors below {LOWEST:g} are rounding.")
