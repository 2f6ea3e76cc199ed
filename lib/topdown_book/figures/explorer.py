"""The explorer: sliders over solved ODE runs, and a picture of some of them for print."""

from itertools import product

import numpy as np
import pandas as pd

from topdown import theory
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._packed import packed
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Study
from topdown_book.figures._theme import panels, theme
from topdown_book.figures._two_layers import LOOSE, start

ETAS = (0.05, 0.1, 0.2, 0.5, 1.0)
GAMMAS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
ANGLES = (0, 30, 60, 90, 120, 150, 180)
"""Degrees between the student's output weights and the AF vector at the start."""
TIMES = np.geomspace(0.05, 100, 51)
"""Times of a run, as eta t."""
ANGLES_SHOWN = ("student_teacher", "student_degenerate", "feedback_student")
ORDER = ("Q11", "Q12", "Q22", "R11", "R12", "R21", "R22", "v1", "v2", "a1", "a2")
"""Order parameters, row and column from 1: of a student of two units and its teacher."""
VALUES = ("error", *ANGLES_SHOWN, *ORDER, "copy1", "copy2")


def begin(angle: float, outputs: int = 1) -> dict:
    """The start of Figure 2 with v(0) turned to `angle` degrees from a(0), its length kept.

    It turns in the plane of a(0) and the old v(0), with several outputs vectors of K C numbers.
    """
    state = start(outputs=outputs)
    turn, direction = np.radians(angle), state["a"] / np.linalg.norm(state["a"])
    across = state["v"] - (state["v"] * direction).sum() * direction
    across /= np.linalg.norm(across)
    state["v"] = np.linalg.norm(state["v"]) * (np.cos(turn) * direction + np.sin(turn) * across)
    return state


def compute(settings: dict) -> pd.DataFrame:
    """Columns outputs, eta, gamma, angle, x (eta t), `VALUES`; no rows after a runaway.

    copy1, copy2: the output weights of the degenerate solution nearest to the run's end.
    """
    runs = [run(*point, settings["outputs"]) for point in product(ETAS, GAMMAS, ANGLES)]
    return pd.concat(runs, ignore_index=True)


def run(eta: float, gamma: float, angle: float, outputs: int = 1) -> pd.DataFrame:
    """One run of PEPITA on its ODE (AFA at gamma = 0)."""
    given = begin(angle, outputs) | dict(eta_w=eta, eta_v=eta, t=np.append(0, TIMES / eta))
    if gamma:
        solved = theory.integrate("pepita", gamma=gamma, **LOOSE, **given)
    else:
        solved = theory.integrate("afa", **given)
    columns = dict(outputs=outputs, eta=eta, gamma=gamma, angle=angle, x=np.append(0, TIMES),
                   error=solved.generalization_error, **theory.alignment_angles(solved),
                   **_order_parameters(solved))
    rows = pd.DataFrame(columns)[(solved.t <= solved.t_end) & (solved.t > 0)]
    return rows.astype({name: np.float32 for name in VALUES})


def _order_parameters(solved) -> dict[str, np.ndarray]:
    """`ORDER` and the copy, to four decimals: more than a screen shows."""
    copy = np.broadcast_to(theory.final_copies(solved), solved.v.shape)
    known = {"Q": solved.Q, "R": solved.R, "v": seen(solved.v, solved.problem),
             "a": seen(solved.a, solved.problem), "copy": seen(copy, solved.problem)}
    return {name: np.round(known[name.rstrip("12")][(slice(None), *_place(name))], 4)
            for name in VALUES[4:]}


def seen(weights, problem) -> np.ndarray:
    """Output weights (..., K) to one combination of outputs, u = sum_m vt_m / |vt_m|.

    The teacher's rows are orthogonal here, so that a copy's weights are the teacher's, up to sign
    and order, for any number of outputs. One output given as vectors: as they are.
    """
    if problem.outputs is None:
        return weights
    return weights @ (problem.v_teacher / np.linalg.norm(problem.v_teacher, axis=1)[:, None]).sum(0)


def _place(name: str) -> tuple[int, ...]:
    """Row and column, from 0, of "Q12"."""
    return tuple(int(digit) - 1 for digit in name if digit.isdigit())


OUTPUTS = Parameter("outputs", int, "outputs of student and teacher", low=1, high=20)
FIGURE = Study("ODE runs for the explorer", (OUTPUTS,), dict(outputs=1), compute=compute, stored=2)

FIRST = {"eta": 0.05, "gamma": 0.1, "angle": 150}
CHOICES = {"eta": ETAS, "gamma": GAMMAS, "angle": ANGLES}
SYMBOLS = {"eta": r"\eta", "gamma": r"\gamma", "angle": r"\theta_0"}


def answer(rows: pd.DataFrame) -> str:
    """How many runs of the grid run away."""
    total, C = len(rows.groupby(list(CHOICES))), rows.outputs.iloc[0]
    return (f"Of {total} runs on the grid {f'with {C} outputs ' if C > 1 else ''}{runaways(rows)} "
            "run away; all others end finite.")


def draw(rows: pd.DataFrame) -> Drawing:
    """Error curves for each value of one setting, the others at `FIRST`; the sliders above."""
    with theme():
        figure, axes = panels(3, height=2.6, sharey=True)
        for axis, name, letter in zip(axes, CHOICES, "abc"):
            _panel(axis, rows, name)
            axis.set(title=rf"{letter}  ${SYMBOLS[name]}$", xlabel="learning rate × time")
        axes[0].set_ylabel(r"generalisation error $\epsilon_g$")
    data = rows.assign(**{name: _short(rows[name]) for name in ("x", *VALUES)})
    caption = _CAPTION + (_SEVERAL.format(data.outputs.iloc[0]) if data.outputs.iloc[0] > 1 else "")
    return Drawing(figure, _alt(rows), caption, data, interactive=numbers(rows))


def chosen(rows: pd.DataFrame, **point) -> pd.DataFrame:
    """The rows of one run."""
    at = {**FIRST, **point}
    return rows[(rows.eta == at["eta"]) & (rows.gamma == at["gamma"]) & (rows.angle == at["angle"])]


RANGES = {"error": (-9, 2), **dict.fromkeys(ANGLES_SHOWN, (0, 180)),
          **dict.fromkeys(VALUES[4:], (-3, 3))}
"""Of each of `VALUES`, the error's of its logarithm: what is outside lies at the nearest end."""


def numbers(rows: pd.DataFrame) -> dict:
    """What the widget needs: every run at every time, NaN after a runaway."""
    grid = pd.MultiIndex.from_product([*CHOICES.values(), range(len(TIMES))])
    at = rows.assign(time=np.searchsorted(TIMES, 0.999 * rows.x))
    whole = at.set_index([*CHOICES, "time"]).reindex(grid)
    whole["error"] = np.log10(whole.error.clip(lower=1e-9))
    known = theory.default_init(2, 2)
    return dict(widget="explorer", choices={k: list(v) for k, v in CHOICES.items()}, first=FIRST,
                times=[float(f"{t:.3g}") for t in TIMES], teacher=known["v_teacher"].tolist(),
                values={name: packed(whole[name], *RANGES[name]) for name in VALUES})


def _short(values) -> list[float]:
    """Three digits are enough for a screen, and keep the page small; below 1e-9 is rounding."""
    return [float(f"{max(v, 1e-9):.3g}") for v in values]


def _panel(axis, rows: pd.DataFrame, name: str) -> None:
    from matplotlib import pyplot as plt

    shades = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(CHOICES[name])))
    for value, color in zip(CHOICES[name], shades):
        one = chosen(rows, **{name: value})
        axis.plot(one.x, one.error, color=color, lw=1.1, label=f"{value:g}")
    axis.set(xscale="log", yscale="log", ylim=(1e-5, 3))
    axis.legend(fontsize=7, loc="lower left")


def runaways(rows: pd.DataFrame) -> int:
    """How many runs of the grid end before the last time."""
    ends = rows.groupby(list(CHOICES)).x.max()
    return int((ends < TIMES[-1] * 0.999).sum())


def _alt(rows: pd.DataFrame) -> str:
    words = []
    for name in CHOICES:
        ends = {v: chosen(rows, **{name: v}).iloc[-1] for v in CHOICES[name]}
        words.append(f"{name}: " + ", ".join(
            f"{v:g} to {end.error:.1g}" + ("" if end.x > 0.999 * TIMES[-1] else " (runs away)")
            for v, end in ends.items()))
    total = len(rows.groupby(list(CHOICES)))
    return (f"Error curves; their last values by {'; by '.join(words)}. Of all {total} runs of the "
            f"grid {runaways(rows)} run away.")


_CAPTION = (
    "Above: sliders choose among solved runs of PEPITA's own ODE with two hidden units; dotted "
    "grey: AFA at the same rate and start. Below: the error over one setting at a time, the others "
    f"at learning rate {FIRST['eta']:g}, strength {FIRST['gamma']:g} and angle {FIRST['angle']} "
    "degrees of student and AF vector at the start. A line that stops has run away.")
_SEVERAL = (" {} outputs; arrows: the weights to one combination of them, the sum of the teacher's "
            "rows, each of length one.")
