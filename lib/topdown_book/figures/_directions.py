"""Alignment angles of a two-layer student, and its directions as arrows at chosen times."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pandas as pd

from topdown_book.figures._theme import PALETTE

ANGLES = {
    "student_teacher": dict(label="student, teacher", color="#00533C", ls="-"),
    "student_degenerate": dict(label="student, degenerate", color="#4DBD97", ls=(0, (5, 1.5))),
    "feedback_student": dict(label="AF, student", color=PALETTE["orange"], ls=(0, (1, 1))),
}
ARROWS = {
    "teacher": dict(label=r"teacher $\tilde v$", color="#00533C", length=1.0),
    "feedback": dict(label="AF vector $a$", color=PALETTE["orange"], length=0.85),
    "student": dict(label="student $v$", color=PALETTE["blue"], length=0.7),
}
COPY = dict(ls="", marker="o", ms=4.5, mec=ANGLES["student_degenerate"]["color"])
WAY = (0.02, 0.5, 0.8, 0.95)
"""Marked times: when the student has gone this far of its way to the degenerate solution."""
ALL_COPIES = 3  # with more units the 2^K K! copies would hide the rest


def angles(trajectory) -> dict[str, np.ndarray]:
    """`topdown.theory.alignment_angles`, which takes SciPy and numba."""
    from topdown import theory

    return theory.alignment_angles(trajectory)


def marked_times(trajectory) -> np.ndarray:
    """When the angle of student and degenerate solution first passes `WAY`; else spread evenly."""
    t, angle = trajectory.t, angles(trajectory)["student_degenerate"]
    if angle[0] - angle[-1] > 5:
        gone = (angle[0] - angle) / (angle[0] - angle[-1])
        marks = np.unique([t[np.argmax(gone >= share)] for share in WAY])
        if len(marks) == len(WAY):
            return marks
    return t[np.linspace(1, len(t) - 1, len(WAY)).astype(int)]


def angle_panel(axis, trajectory, marks) -> None:
    """The three angles against time, dashed lines at the marked times."""
    for name, angle in angles(trajectory).items():
        if np.isfinite(angle).any():
            axis.plot(trajectory.t[1:], angle[1:], **ANGLES[name])
    for t in marks:
        axis.axvline(t, color=PALETTE["grey"], ls="--", lw=0.8, zorder=0)
    axis.set(xscale="log", ylim=(0, 180), yticks=range(0, 181, 45), xlabel="time (samples / D)",
             ylabel="angle (degrees)", xlim=(trajectory.t[1], trajectory.t[-1]))


def directions(trajectory, t: float) -> dict[str, np.ndarray]:
    """Unit vectors at time `t`: student, feedback, teacher (if K = M), degenerate solution.

    (K,) for one output; else (K C,), output by output.
    """
    from topdown import theory

    problem, now = trajectory.problem, trajectory.at([t])
    vectors = {"student": now.v[0], "feedback": now.a[0],
               "copy": theory.degenerate_solution(
                   Q=trajectory.Q[-1], R=trajectory.R[-1], T=problem.T,
                   v_teacher=problem.v_teacher).v}
    if problem.K == problem.M:
        vectors["teacher"] = problem.v_teacher
    return {name: np.ravel(x, "F") / np.linalg.norm(x) for name, x in vectors.items()}


def copies(v_teacher, K: int) -> np.ndarray:
    """Directions of the output weights of every degenerate solution; none for many units."""
    if len(v_teacher) != K or K > ALL_COPIES:
        return np.zeros((0, K))
    every = [np.ravel(np.array(signs) * v_teacher[list(order)].T)
             for signs in product((1, -1), repeat=K) for order in permutations(range(K))]
    return np.array(every) / np.linalg.norm(v_teacher)


def arrow_panel(axis, trajectory, t: float) -> None:
    """Directions at time `t` in the plane of `view`, and the degenerate solutions.

    The arrows' lengths differ so that one can be seen behind another.
    """
    problem, plane = trajectory.problem, view(trajectory)
    circle = np.linspace(0, 2 * np.pi, 100)
    axis.plot(np.cos(circle), np.sin(circle), color=PALETTE["grey"], lw=0.5)
    for vector in copies(problem.v_teacher, problem.K):
        axis.plot(*plane @ vector, mfc="white", **COPY)
    found = directions(trajectory, t)
    axis.plot(*plane @ found["copy"], mfc=COPY["mec"], **COPY)
    for name, look in ARROWS.items():
        if name in found:
            _arrow(axis, look["length"] * plane @ found[name], look)
    axis.set(aspect="equal", xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), xticks=[], yticks=[])
    axis.grid(False)
    for spine in axis.spines.values():
        spine.set_visible(False)


def view(trajectory) -> np.ndarray:
    """Two directions (2, n) to look along: the first two components, or with several outputs the
    degenerate solution reached and what is left of the first student beside it.
    """
    if trajectory.problem.outputs is None:
        return np.eye(2, trajectory.problem.K)
    first = directions(trajectory, 0.0)
    copy, student = first["copy"], first["student"]
    beside = student - (student @ copy) * copy
    return np.stack([copy, beside / np.linalg.norm(beside)])


def _arrow(axis, tip, look) -> None:
    axis.annotate("", tip, (0, 0), arrowprops=dict(
        arrowstyle="-|>", mutation_scale=9, lw=1.6, shrinkA=0, shrinkB=0, color=look["color"]))


def angle_table(trajectory) -> pd.DataFrame:
    """Columns panel, series, x (time), value: the three angles in degrees."""
    return pd.concat([pd.DataFrame(dict(panel="c", series=name, x=trajectory.t, value=angle))
                      for name, angle in angles(trajectory).items() if np.isfinite(angle).any()])


def direction_table(trajectory, marks) -> pd.DataFrame:
    """Columns panel, series, x (time), value: every component of the arrows."""
    rows = [dict(panel="d", series=f"{name} {k + 1}", x=t, value=value) for t in marks
            for name, vector in directions(trajectory, t).items()
            for k, value in enumerate(vector)]
    return pd.DataFrame(rows)


def arrows(subfigure, trajectory, marks) -> None:
    """One circle a marked time, and what the arrows are."""
    axes = subfigure.subplots(1, len(marks) + 1, width_ratios=[*np.ones(len(marks)), 0.8])
    for axis, t in zip(axes, marks):
        arrow_panel(axis, trajectory, t)
        axis.set_title(f"$t = {t:.0f}$", fontsize=8, fontweight="normal", loc="center")
    axes[-1].axis("off")
    axes[-1].legend(handles=_legend(trajectory.problem), loc="center left",
                    bbox_to_anchor=(-0.3, 0.5), handlelength=1.6)
    subfigure.suptitle("d  directions", x=0.01, ha="left", fontsize=10, fontweight="bold")


def _legend(problem) -> list:
    from matplotlib.lines import Line2D

    shown = [look for name, look in ARROWS.items() if name != "teacher" or problem.K == problem.M]
    handles = [Line2D([], [], color=look["color"], label=look["label"]) for look in shown]
    handles.append(Line2D([], [], mfc=COPY["mec"], label="degenerate solution", **COPY))
    if len(copies(problem.v_teacher, problem.K)):
        handles.append(Line2D([], [], mfc="white", label="the others", **COPY))
    return handles
