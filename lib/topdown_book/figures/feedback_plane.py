"""Which feedback teaches? AFA on the plane of F's overlaps with a teacher of two units."""

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._feedback_draws import RECOVERED
from topdown_book.figures._packed import packed
from topdown_book.figures._study import Study
from topdown_book.figures._theme import panels, theme

OVERLAPS = np.round(np.linspace(-2.4, 2.4, 25), 1)
TIMES = np.geomspace(2, 20_000, 41)
ETA = 0.05
LOWEST = 1e-9  # below is rounding


def states() -> tuple[np.ndarray, list[dict]]:
    """b (n, 2) over the plane, and the states of AFA from one common start.

    a = R T^-1 b: for Gaussian F its mean, given b.
    """
    start = theory.default_init(2, 2)
    b = np.stack(np.meshgrid(OVERLAPS, OVERLAPS, indexing="ij"), -1).reshape(-1, 2)
    a = b @ np.linalg.solve(start["T"], start["R"].T)
    return b, [dict(a=one, b=other) for one, other in zip(a, b)]


def compute(settings: dict) -> pd.DataFrame:
    """Columns b1, b2, t, error: one row a point of the plane and time."""
    start, (b, each) = theory.default_init(2, 2), states()
    known = {name: start[name] for name in ("Q", "R", "T", "v", "v_teacher")}
    solved = theory.integrate_many("afa", each, t=TIMES, eta_w=ETA, eta_v=ETA, **known)
    b1, b2 = np.repeat(b, len(TIMES), axis=0).T
    error = solved.generalization_error.ravel().astype(np.float32)
    return pd.DataFrame(dict(b1=b1, b2=b2, t=np.tile(TIMES, len(b)), error=error))


FIGURE = Study("The feedback plane", compute=compute, stored=1)


def draw(rows: pd.DataFrame) -> Drawing:
    """The error at the last time over the plane; the widget adds its course for each point."""
    last = rows[rows.t == rows.t.max()]
    plane = np.log10(last.error.to_numpy().clip(LOWEST)).reshape(len(OVERLAPS), -1)
    with theme():
        figure, (axis,) = panels(1, width=4.2, height=4.4)
        shown = axis.pcolormesh(OVERLAPS, OVERLAPS, plane.T, cmap="cividis", vmin=-9, vmax=0)
        figure.colorbar(shown, ax=axis, location="bottom",
                        label=r"$\log_{10}$ error at the end")
        axis.axhline(0, color="white", lw=1)
        axis.axvline(0, color="white", lw=1)
        axis.set(xlabel="$b_1$", ylabel="$b_2$", aspect="equal")
        axis.grid(False)
    return Drawing(figure, _alt(last), _caption(rows), last, interactive=numbers(rows))


def numbers(rows: pd.DataFrame) -> dict:
    """What the widget needs."""
    start = theory.default_init(2, 2)
    error = packed(np.log10(rows.error.clip(lower=LOWEST)), -9, 1)
    return dict(widget="feedback_plane", overlaps=OVERLAPS.tolist(),
                times=np.round(TIMES, 2).tolist(), teacher=start["v_teacher"].tolist(),
                recovered=RECOVERED, error=error)


def quadrants(last: pd.DataFrame) -> pd.DataFrame:
    """Rows by whether all signs of b_m v_teacher_m are right: points, and how many recovered."""
    right = theory.can_learn(last[["b1", "b2"]].to_numpy(), theory.default_init(2, 2)["v_teacher"])
    table = last.assign(right=right, recovered=last.error < RECOVERED)
    return table.groupby("right").recovered.agg(["count", "sum"])


def _alt(last: pd.DataFrame) -> str:
    found = quadrants(last)
    return (f"The plane of b₁ and b₂ from {OVERLAPS[0]:g} to {OVERLAPS[-1]:g}. Of the "
            f"{found['count'][True]} points where both signs are right, {found['sum'][True]} end "
            f"with an error below {RECOVERED:g}; of the {found['count'][False]} others, "
            f"{found['sum'][False]}.")


def _caption(rows: pd.DataFrame) -> str:
    return (f"The error of AFA on its ODE at t = {rows.t.max():g} (learning rate {ETA:g}, two "
            "units and a teacher of two), from one start, over the overlaps b of F with the "
            "teacher's units; those with the student's are the ones to expect for that b.")
