"""Drawing of Figure 2: PEPITA and AFA trained (a), in theory (b), aligning (c), as arrows (d)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from topdown import theory
from topdown_book.experiments import Results
from topdown_book.figures import _directions
from topdown_book.figures._page import Drawing
from topdown_book.figures._rules import RULE_LOOKS
from topdown_book.figures._theme import PAGE, spread, theme
from topdown_book.figures._training import summary
from topdown_book.figures.fig2a import fig2a_panel, panel_alt, panel_caption
from topdown_book.studies.two_layers import TwoLayers


def fig2(trained: Results, solved: TwoLayers) -> Drawing:
    """All four panels: `trained` of the experiment "fig2", `solved` of the study "two_layers"."""
    afa = solved.curves["afa"]
    marks = _directions.marked_times(afa)
    with theme():
        figure = plt.figure(figsize=(PAGE, 4.3))
        top, bottom = figure.subfigures(2, 1, height_ratios=[2.6, 1.7])
        a, b, c = top.subplots(1, 3)
        fig2a_panel(a, trained)
        error_panel(b, solved)
        _directions.angle_panel(c, afa, marks)
        c.legend(loc="upper right", bbox_to_anchor=(1.04, 1.02), handlelength=1.3, fontsize=7.5,
                 frameon=True, framealpha=0.85, edgecolor="none")
        arrows(bottom, afa, marks)
        for axis, title in zip((a, b, c), ("a  trained", "b  theory", "c  alignment")):
            axis.set_title(title)
    data = pd.concat([_trained_table(trained), error_table(solved), _directions.angle_table(afa),
                      _directions.direction_table(afa, marks)])
    return Drawing(figure, alt(trained, solved, marks), caption(trained, solved), data)


def error_panel(axis, solved: TwoLayers) -> None:
    """Generalisation error against time: simulated (markers, mean over streams) on the curves."""
    for name, curve in solved.curves.items():
        label = "AFA, ODE" if name == "afa" else f"{RULE_LOOKS[name]['label']}, ODE"
        axis.plot(curve.t[1:], curve.generalization_error[1:], label=label, lw=1.2, zorder=1,
                  color="black" if name == "afa" else RULE_LOOKS[name]["color"])
    for k, (name, run) in enumerate(solved.runs.items()):
        error = run.generalization_error.mean(0)
        axis.plot(run.t[1 + k % 2::2], error[1 + k % 2::2], ls="", ms=5, mec="white", mew=0.4,
                  **RULE_LOOKS[name])
    axis.set(xscale="log", yscale="log", xlabel="time (samples / D)",
             ylabel=r"generalisation error $\epsilon_g$")
    highest = max(curve.generalization_error.max() for curve in solved.curves.values())
    axis.set_ylim(top=min(axis.get_ylim()[1], 30 * highest))  # a runaway leaves the panel
    axis.legend(loc="lower left")


def arrows(subfigure, trajectory, marks) -> None:
    """Panel d: one circle a marked time, and what the arrows are."""
    axes = subfigure.subplots(1, len(marks) + 1, width_ratios=[*np.ones(len(marks)), 0.8])
    for axis, t in zip(axes, marks):
        _directions.arrow_panel(axis, trajectory, t)
        axis.set_title(f"$t = {t:.0f}$", fontsize=8, fontweight="normal", loc="center")
    axes[-1].axis("off")
    axes[-1].legend(handles=_arrow_legend(trajectory), loc="center left",
                    bbox_to_anchor=(-0.3, 0.5), handlelength=1.6)
    subfigure.suptitle("d  directions", x=0.01, ha="left", fontsize=10, fontweight="bold")


def _arrow_legend(trajectory) -> list:
    p, copy = trajectory.problem, _directions.COPY
    shown = [look for name, look in _directions.ARROWS.items() if name != "teacher" or p.K == p.M]
    handles = [Line2D([], [], color=look["color"], ls=look.get("ls", "-"), label=look["label"])
               for look in shown]
    handles.append(Line2D([], [], mfc=copy["mec"], label="degenerate solution", **copy))
    if len(_directions.copies(p.v_teacher, p.K)):
        handles.append(Line2D([], [], mfc="white", label="the others", **copy))
    return handles


def error_table(solved: TwoLayers) -> pd.DataFrame:
    """Columns panel, series, x (time), value: the ODE's and every simulated error."""
    parts = [dict(series=f"{name}, ODE", x=curve.t, value=curve.generalization_error)
             for name, curve in solved.curves.items()]
    parts += [dict(series=f"{name}, stream {seed}", x=run.t, value=error)
              for name, run in solved.runs.items()
              for seed, error in zip(run.seed, run.generalization_error)]
    return pd.concat([pd.DataFrame({"panel": "b", **part}) for part in parts])


def _trained_table(trained: Results) -> pd.DataFrame:
    rows = summary(trained.curves("test_accuracy"), ["variant", "epoch"])
    columns = {"variant": "series", "epoch": "x", "mean": "value"}
    return rows.rename(columns=columns)[[*columns.values(), "sd"]].assign(panel="a")


def alt(trained: Results, solved: TwoLayers, marks) -> str:
    """The four panels in words, with their numbers."""
    afa = solved.curves["afa"]
    errors, angles = afa.generalization_error, theory.alignment_angles(afa)
    ends = ", ".join(f"{_directions.ANGLES[name]['label']} {angle[0]:.1f} to {angle[-1]:.1f}"
                     for name, angle in angles.items() if np.isfinite(angle[-1]))
    now = theory.alignment_angles(afa.at([*marks, afa.t[-1]]))
    turns = "; ".join(f"at t = {t:.0f} the student is {copy:.0f} degrees from the degenerate "
                      f"solution and {feedback:.0f} from the AF vector" for t, copy, feedback
                      in zip(marks, now["student_degenerate"], now["feedback_student"]))
    return (f"Four panels. a: {panel_alt(trained)} b: generalisation error against time on "
            f"logarithmic axes; the ODE of AFA goes from {errors[0]:.2g} to {errors[-1]:.2g}; "
            f"{deviations_in_words(solved)}. c: angles in degrees, from start to end: {ends}. "
            f"d: {turns}.")


def deviations_in_words(solved: TwoLayers) -> str:
    """"Deviations from the curve, averaged over times: PEPITA 3.0 +- 0.2 %, ..."."""
    each = (f"{RULE_LOOKS[rule]['label']} {_percent(solved.deviations(rule))}"
            for rule in solved.runs)
    return f"deviations from the curve, averaged over times: {', '.join(each)}"


def _percent(values) -> str:
    return f"{spread(values)} %" if np.mean(values) < 1000 else "more than 1000 % (a runaway)"


def caption(trained: Results, solved: TwoLayers) -> str:
    """What each panel shows, with every setting that the paper leaves open to us."""
    s, p = solved.settings, solved.curves["afa"].problem
    limit = theory.alignment_angle(p.b, p.v_teacher) if p.K == p.M else np.nan
    end = theory.alignment_angles(solved.curves["afa"])["feedback_student"][-1]
    goal = f"; its limit is the angle of b and the teacher, {limit:.2f}" if p.K == p.M else ""
    return (
        f"(a) {panel_caption(trained)} (b) Generalisation error of a student of {s['K']} erf units "
        f"and a teacher of {s['M']}: simulated at D = {s['D']} and rate {s['eta']:g} (markers, "
        f"mean of {s['streams']} streams) and the ODE (line); PEPITA, with feedback strength "
        f"{s['gamma']:g}, belongs to the curve of AFA. Mean and standard deviation over streams of "
        f"the {deviations_in_words(solved)}. (c) Angles of output weights on the ODE of AFA; "
        "dashed lines mark the times of (d). That of AF and student ends at "
        f"{end:.2f} degrees{goal}. (d) Directions of student, AF vector and teacher"
        f"{_plane_in_words(s)}; arrows differ in length only to be told apart. Initial state and "
        f"{s['scaling']} scaling of F are ours: the paper's are unknown to us.")


def _plane_in_words(s: dict) -> str:
    if s["K"] != s["M"]:
        return (", first two components; K and M differ, so the teacher's vector is not drawn and "
                "the degenerate solution is the nearest match of units")
    return ", first two components" if s["K"] > 2 else " in the plane of the two output weights"
