"""Figure 2: PEPITA and AFA trained (a), in theory (b), aligning (c), as arrows (d)."""

import numpy as np
import pandas as pd

from topdown_book.figures import _directions
from topdown_book.figures._afa import RULES, curves, gap_in_words
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import last, summary
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import decay_within, each
from topdown_book.figures._rules import RULE_LOOKS
from topdown_book.figures._theme import PAGE, percent_axis, spread, theme
from topdown_book.figures._two_layers import TWO_LAYERS, TwoLayers
from topdown_book.figures._words import paired, runs


def cases(settings: dict) -> list[Case]:
    """Panel a: both rules; a seed gives both the same weights, F and order of samples."""
    return each(settings, {name: dict(rule=rule) for name, rule in RULES.items()}, momentum=0.0,
                decay_epochs=decay_within(settings["epochs"]), lr=settings["lr"])


SIZES = {
    "smoke": dict(dataset="digits", width=64, epochs=10, seeds=2, lr=0.1),
    "laptop": dict(dataset="mnist", width=1024, epochs=5, seeds=3, lr=0.1),
    "paper": dict(dataset="mnist", width=1024, epochs=100, seeds=10, lr=0.1),
}
FIGURE = Experiment(
    title="PEPITA and AFA: trained, and in theory",
    parameters=(*COMMON, Parameter("lr", float, "learning rate", low=0, high=10),
                *TWO_LAYERS.parameters),
    profiles={name: {**sizes, **TWO_LAYERS.defaults} for name, sizes in SIZES.items()},
    cases=cases,
    beside=TWO_LAYERS,
)


def answer(trained: Results, solved: TwoLayers) -> str:
    """How far PEPITA is from AFA in training, and from its curve; alike is less than a point."""
    gap = paired(trained.final(), "variant", "PEPITA", "AFA")
    lead = ("PEPITA and AFA learn alike" if gap.within(1) else "PEPITA and AFA differ"
            if gap.clear else "PEPITA and AFA are the same as far as these runs can tell")
    return (f"{lead}: PEPITA minus AFA is {gap.words()} on {trained.settings['dataset']}, and in "
            f"the theory PEPITA's simulations lie {solved.deviations('pepita').mean():.1f} % from "
            f"the curve of AFA. {runs(trained)}")


def draw(trained: Results, solved: TwoLayers) -> Drawing:
    """All four panels: `trained` for panel a, `solved` for the others."""
    from matplotlib import pyplot as plt

    afa = solved.curves["afa"]
    marks = _directions.marked_times(afa)
    with theme():
        figure = plt.figure(figsize=(PAGE, 4.3))
        top, bottom = figure.subfigures(2, 1, height_ratios=[2.6, 1.7])
        a, b, c = top.subplots(1, 3)
        _trained_panel(a, trained)
        error_panel(b, solved)
        _directions.angle_panel(c, afa, marks)
        c.set_ylim(0, 265)  # the legend stands above the curves
        c.legend(loc="upper right", handlelength=1.6, frameon=True, framealpha=1, edgecolor="none")
        _directions.arrows(bottom, afa, marks)
        for axis, title in zip((a, b, c), ("a  trained", "b  theory", "c  alignment")):
            axis.set_title(title)
    data = pd.concat([_trained_table(trained), error_table(solved), _directions.angle_table(afa),
                      _directions.direction_table(afa, marks)])
    return Drawing(figure, alt(trained, solved, marks), caption(trained, solved), data)


def _trained_panel(axis, trained: Results) -> None:
    curves(axis, trained.curves("test_accuracy").query("epoch > 0"))
    axis.set_xlabel("epoch")
    percent_axis(axis)
    axis.legend(loc="lower right")


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
    errors, angles = afa.generalization_error, _directions.angles(afa)
    ends = ", ".join(f"{_directions.ANGLES[name]['label']} {angle[0]:.1f} to {angle[-1]:.1f}"
                     for name, angle in angles.items() if np.isfinite(angle[-1]))
    now = _directions.angles(afa.at([*marks, afa.t[-1]]))
    turns = "; ".join(f"at t = {t:.0f} the student is {copy:.0f} degrees from the degenerate "
                      f"solution and {feedback:.0f} from the AF vector" for t, copy, feedback
                      in zip(marks, now["student_degenerate"], now["feedback_student"]))
    return (f"Four panels. a: {_trained_alt(trained)} b: generalisation error against time on "
            f"logarithmic axes; the ODE of AFA goes from {errors[0]:.2g} to {errors[-1]:.2g}; "
            f"{deviations_in_words(solved)}. c: angles in degrees, from start to end: {ends}. "
            f"d: {turns}.")


def _trained_alt(trained: Results) -> str:
    rows = trained.curves("test_accuracy")
    ends = " and ".join(f"{r.variant} {r['mean']:.2f}" for _, r in
                        summary(last(rows), ["variant"]).iterrows())
    return (f"Test accuracy in percent against epochs. After {rows.epoch.max()} epochs {ends}; "
            f"PEPITA minus AFA, seed by seed: {gap_in_words(rows)}.")


def deviations_in_words(solved: TwoLayers) -> str:
    """"deviations from the curve, averaged over times: PEPITA 3.0 ± 0.2 %, ..."."""
    each = (f"{RULE_LOOKS[rule]['label']} {_percent(solved.deviations(rule))}"
            for rule in solved.runs)
    return f"deviations from the curve, averaged over times: {', '.join(each)}"


def _percent(values) -> str:
    return f"{spread(values)} %" if np.mean(values) < 1000 else "more than 1000 % (a runaway)"


def caption(trained: Results, solved: TwoLayers) -> str:
    """What each panel shows."""
    t, s = trained.settings, solved.settings
    return (
        f"(a) PEPITA and AFA from the same weights and F on {t['dataset']}, mean ± standard "
        f"deviation over seeds. (b) Student of {s['K']} erf units, teacher of {s['M']}"
        f"{_outputs_in_words(s)}: simulated "
        f"at D = {s['D']} (markers), ODE of AFA (line). (c) Angles of output weights; dashed: the "
        f"times of (d). (d) Directions{_plane_in_words(s)}.")


def _outputs_in_words(s: dict) -> str:
    return f", {s['outputs']} outputs" if s["outputs"] > 1 else ""


def _plane_in_words(s: dict) -> str:
    if s["outputs"] > 1:
        return ", in the plane of the copy reached and the first student"
    if s["K"] != s["M"]:
        return (", first two components; K and M differ, so the teacher's is not drawn and the "
                "degenerate solution is the nearest match of units")
    return ", first two components" if s["K"] > 2 else " in the plane of the output weights"
