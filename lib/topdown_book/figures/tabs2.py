"""Table S2: slowness of learning, read off the curves of Figure 3 and Table 2; and the fits."""

from itertools import combinations

import numpy as np
import pandas as pd

from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._known import known_value
from topdown_book.figures._paired import diverged
from topdown_book.figures._parameters import COMMON
from topdown_book.figures._recipes import NAMES, VARIANTS, make, table_2, usual
from topdown_book.figures._tables import known_cell, mean_sd
from topdown_book.figures._theme import PALETTE, grid, percent_axis, theme
from topdown_book.figures._words import joined, runs

COLUMNS, SHOWN = 4, 1
"""Panels in a line; pairs that change places which the answer names."""


def cases(settings: dict) -> list[Case]:
    """Networks of one hidden layer: the baselines, PEPITA's variants and techniques."""
    trained = [Case(case.recipe, dict(variant=_name(**case.labels)))
               for case in table_2(settings, settings["dataset"])]
    others = [Case(make(settings, **VARIANTS[variant]), dict(variant=NAMES[variant]))
              for variant in ("uniform", "hebbian")]
    return trained + others


def _name(dataset: str, variant: str, technique: str) -> str:
    return variant if technique == "none" else f"{variant}, {technique}"


FIGURE = Experiment(title="Slowness of learning", parameters=COMMON,
                    profiles=usual("cifar10", "cifar10"), cases=cases)


def fits(results: Results) -> pd.DataFrame:
    """One row per variant and seed: the fitted slowness with its problem, and the curve used.

    slowness by the released definition; whole: with the best accuracy of the whole curve.
    """
    from topdown.slowness import LIMITS, fit_slowness  # SciPy's fits: long to import

    curves = results.curves("test_accuracy").query("epoch > 0")
    decay = {case.labels["variant"]: min(case.recipe.decay_epochs, default=None)
             for case in cases(results.settings)}
    rows = []
    for (variant, seed), run in curves.groupby(["variant", "seed"], sort=False):
        accuracy = run.sort_values("epoch").value
        if diverged(run).any():
            accuracy = [*accuracy, np.nan]  # a curve that stops is no learning curve
        fit, whole = (fit_slowness(accuracy, results.chance, decay[variant], best_of=which)
                      for which in LIMITS)
        rows.append(dict(variant=variant, seed=seed, slowness=fit.value, whole=whole.value,
                         best=fit.best, points=fit.points, misfit=fit.misfit,
                         problem=fit.problem, fit=fit))
    return pd.DataFrame(rows)


def draw(results: Results) -> dict[str, Drawing | Table]:
    """`slowness` with its standard error over seeds, and the `fits` behind it."""
    found, curves = fits(results), results.curves("test_accuracy").query("epoch > 0")
    rows = [_row(name, group, results.settings)
            for name, group in found.groupby("variant", sort=False)]
    failed = found[found.problem != ""]
    why = "; ".join(f"{r.variant}, seed {r.seed}: {r.problem}" for r in failed.itertuples())
    data = found.drop(columns="fit")
    return {"slowness": Table(pd.DataFrame(rows), _caption(found), data, why),
            "fits": Drawing(_fits(found, curves), _alt(found), _FIT_CAPTION, data, why)}


def _row(variant: str, group: pd.DataFrame, settings: dict) -> dict:
    problems = group.problem[group.problem != ""]
    return {
        "rule": variant, "slowness (epochs)": _mean_se(group.slowness.dropna()),
        "by the whole curve": _mean_se(group.whole.dropna()),
        "fits": f"{len(group) - len(problems)} of {len(group)}",
        "misfit (points)": mean_sd(group.misfit.dropna(), 1) if len(problems) < len(group) else "–",
        "best accuracy (%)": mean_sd(group.best),
        "paper": known_cell(known_value("tabs2", dict(variant=variant), settings)),
        "why fits failed": "; ".join(dict.fromkeys(problems)),
    }


def _mean_se(values: pd.Series) -> str:
    if values.empty:
        return "no fit"
    return f"{values.mean():.3f}" + (f" ± {values.sem():.3f}" if len(values) > 1 else "")


def _fits(found: pd.DataFrame, curves: pd.DataFrame):
    """One small panel per variant: accuracy after every epoch and the fitted curves."""
    names = list(dict.fromkeys(found.variant))
    lines = -(-len(names) // COLUMNS)
    with theme():
        figure, axes = grid(lines, COLUMNS, 1.75 * lines, sharex=True, sharey=True)
        for axis, name in zip(axes.flat, names):
            _panel(axis, name, curves[curves.variant == name], found[found.variant == name])
        for axis in axes.flat[len(names):]:
            axis.axis("off")
        for axis in axes.flat[len(names) - COLUMNS:len(names)]:
            axis.tick_params(labelbottom=True)
        for axis in axes[:, 0]:
            percent_axis(axis, "accuracy (%)")
        figure.supxlabel("epoch", fontsize=9)
    return figure


def _panel(axis, name: str, rows: pd.DataFrame, found: pd.DataFrame) -> None:
    axis.set_title(name, fontsize=7.5, fontweight="normal")
    used = rows.epoch <= found.points.max()
    axis.plot(rows.epoch[used], rows.value[used], "o", color=PALETTE["blue"], ms=3)
    axis.plot(rows.epoch[~used], rows.value[~used], "o", color=PALETTE["grey"], ms=3, mfc="white")
    t = np.linspace(0, max(found.points.max(), 1), 100)
    for fit in found.fit:
        if not fit.problem:
            axis.plot(t, fit.curve(t), color=PALETTE["orange"], lw=1)
    axis.text(0.97, 0.06, f"s = {_mean_se(found.slowness.dropna())}", ha="right",
              transform=axis.transAxes, fontsize=7.5)


def _alt(found: pd.DataFrame) -> str:
    parts = (f"{name} {_mean_se(group.slowness.dropna())}"
             for name, group in found.groupby("variant", sort=False))
    return ("Small panels of test accuracy against epochs with a fitted saturating curve for each "
            f"seed. Slowness in epochs: {', '.join(parts)}.")


def _caption(found: pd.DataFrame) -> str:
    return (
        "Slowness s: the fit of acc_max·t/(s + t) to test accuracy before the first decay, "
        f"{found.points.max()} points a run; acc_max is the best of those, as in the released "
        "notebook, or of the whole curve. Mean ± standard error over the seeds whose fit "
        "succeeded. Misfit: root mean square distance of the curve, mean ± standard deviation.")


_FIT_CAPTION = (
    "The fits behind the table. Filled: accuracy after the epochs used; open: after the rate has "
    "decayed, not used. Lines: fitted curves, one a seed; s: mean ± standard error "
    "over seeds, in epochs."
)


def answer(results: Results) -> str:
    """Two rules change places if the signs of their difference differ between the definitions."""
    means = fits(results).groupby("variant", sort=False)[["slowness", "whole"]].mean().dropna()
    if len(means) < 2:
        return f"Fewer than two rules have a slowness. {runs(results)}"
    turned = [(a, b) for a, b in combinations(means.sort_values("slowness").index, 2)
              if means.whole[a] > means.whole[b]]
    pairs = len(means) * (len(means) - 1) // 2
    first, other = (joined((f"{order[0]} is the fastest", f"{order[-1]} the slowest")) for order in
                    (means[by].sort_values().index.str.replace(", ", " with ")
                     for by in ("slowness", "whole")))
    text = (f"By the best accuracy before the decay {first}; by that of the whole curve {other}. ")
    if not turned:
        return f"{text}No two of the {len(means)} rows change places. {runs(results)}"
    apart = means.slowness - means.whole
    far = sorted(turned, key=lambda ab: apart[ab[0]] - apart[ab[1]])[:SHOWN]
    examples = joined(f"{a} ({means.slowness[a]:.2f}, then {means.whole[a]:.2f}) and {b} "
                      f"({means.slowness[b]:.2f}, then {means.whole[b]:.2f})" for a, b in far)
    return (f"{text}The order turns round in {len(turned)} of {pairs} pairs, most in that of "
            f"{examples}. {runs(results)}")
