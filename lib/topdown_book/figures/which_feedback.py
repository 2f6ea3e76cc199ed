"""Which random feedback vectors let AFA recover its teacher? Many draws of F, solved to the end."""

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._feedback_draws import COLORS, LOWEST, RECOVERED, SIZES, named
from topdown_book.figures._paired import share
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Study
from topdown_book.figures._theme import MARKERS, PALETTE, dashed, panels, theme

PARAMETERS = (
    Parameter("draws", int, "random feedback vectors for each size", low=10, high=10_000),
    Parameter("eta", float, "learning rate of both layers", low=1e-4, high=1),
    Parameter("horizon", float, "last time, samples / D", low=100, high=1e7),
)
DEFAULTS = dict(draws=200, eta=0.05, horizon=20_000.0)


def times(settings: dict) -> np.ndarray:
    """13 times over three decades up to the horizon."""
    return np.geomspace(1e-3, 1, 13) * settings["horizon"]


def compute(settings: dict) -> pd.DataFrame:
    """Columns K, M, draw, right_signs, least, t, error: one row a draw and time.

    right_signs: b_m v_teacher_m > 0 for all m. least: the smallest of these products.
    """
    return pd.concat([_size(settings, K, M) for K, M in SIZES], ignore_index=True)


def _size(settings: dict, K: int, M: int) -> pd.DataFrame:
    """All draws of F, that is of its overlaps (a, b), from one common start."""
    start = theory.default_init(K, M)
    a, b = theory.random_feedback(settings["draws"], seed=100 * K + M, **start)
    known = {name: start[name] for name in ("Q", "R", "T", "v", "v_teacher")}
    t, products = times(settings), b * start["v_teacher"]
    draws = [dict(a=one, b=other) for one, other in zip(a, b)]
    solved = theory.integrate_many("afa", draws, t=t, eta_w=settings["eta"], eta_v=settings["eta"],
                                   **known)
    n = len(t)
    return pd.DataFrame(dict(
        K=K, M=M, draw=np.repeat(range(len(b)), n), least=np.repeat(products.min(1), n),
        right_signs=np.repeat(theory.can_learn(b, start["v_teacher"]), n), t=np.tile(t, len(b)),
        error=solved.generalization_error.ravel()))


def fractions(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns K, M, t, n, recovered, low, high: exact (Clopper-Pearson) 95 % intervals."""
    found = []
    for (K, M, t), one in rows.groupby(["K", "M", "t"]):
        found.append(dict(K=K, M=M, t=t, n=len(one), **share(one.error < RECOVERED, "exact")))
    return pd.DataFrame(found).rename(columns={"value": "recovered"})


def counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns K, M, right signs, draws, recovered, median error: at the last time."""
    last = rows[rows.t == rows.t.max()]
    groups = last.groupby(["K", "M", "right_signs"]).error
    table = groups.agg(draws="count", recovered=lambda e: int((e < RECOVERED).sum()),
                       median_error="median")
    return table.reset_index().rename(columns={"right_signs": "right signs",
                                               "median_error": "median error"})


FIGURE = Study("Which random feedback learns", PARAMETERS, DEFAULTS, compute=compute, stored=1)


def answer(rows: pd.DataFrame) -> str:
    """How many draws of F recover their teacher, with the right signs and with wrong ones."""
    table = counts(rows).groupby("right signs")[["draws", "recovered"]].sum()
    right, wrong = (table.loc[side] if side in table.index else dict(recovered=0, draws=0)
                    for side in (True, False))
    return (f"With the right signs {right['recovered']} of {right['draws']} draws of F recover "
            f"their teacher; with a wrong one, {wrong['recovered']} of {wrong['draws']}.")


def draw(rows: pd.DataFrame) -> dict[str, Drawing | Table]:
    """Fraction recovered over time with 2^-M (a); final error against the worst sign (b)."""
    found = fractions(rows)
    with theme():
        figure, (a, b) = panels(2, height=3.1)
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
    return {"figure": Drawing(figure, _alt(rows, found), _caption(rows), rows),
            "counts": count_table(rows)}


def _fraction(axis, found: pd.DataFrame, K: int, M: int, k: int) -> None:
    axis.plot(found.t, found.recovered, marker=MARKERS[k], ms=4, label=named(K, M), ls=dashed(k),
              color=COLORS[k])
    axis.fill_between(found.t, found.low, found.high, color=COLORS[k], alpha=0.15, lw=0)
    if K == M:
        axis.axhline(2.0**-M, color=COLORS[k], lw=0.8, ls=":")
        axis.text(found.t.max() * 1.15, 2.0**-M, rf"$2^{{-{M}}}$", color=COLORS[k], fontsize=8,
                  va="center")


def _errors(axis, rows: pd.DataFrame, K: int, M: int, k: int) -> None:
    last = rows[rows.t == rows.t.max()]
    axis.plot(last.least, last.error.clip(lower=LOWEST), ls="", marker=MARKERS[k], ms=3.2, mew=0,
              alpha=0.6, color=COLORS[k], label=named(K, M))


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
    words = "; ".join(f"{named(one.K, one.M)}: {one.recovered:.3f} ({one.low:.3f} to "
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
        f"AFA from one start with {draws} random feedback vectors for each size, Gaussian entries "
        f"of F. (a) Fraction whose error on the ODE is below {RECOVERED:g}, with exact 95 % "
        "intervals, and 2⁻ᴹ, the chance that all signs are right (dotted). (b) Error at the last "
        f"time against the smallest bₘ ṽₘ, linear within 0.1 of zero; dashed: {RECOVERED:g}.")
