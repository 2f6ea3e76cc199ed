"""Table S2 and the fits behind it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from topdown.data import SPECS
from topdown.slowness import fit_slowness
from topdown_book.experiments import Results
from topdown_book.experiments.tabs2 import cases
from topdown_book.figures._known import known_value
from topdown_book.figures._page import Drawing, Table
from topdown_book.figures._tables import known_cell, mean_sd
from topdown_book.figures._theme import PAGE, PALETTE, percent_axis, theme

_COLUMNS = 4


def fits(results: Results) -> pd.DataFrame:
    """One row per variant and seed: the fitted slowness with its problem, and the curve used."""
    curves = results.curves("test_accuracy").query("epoch > 0")
    chance = 100 / len(SPECS[results.settings["dataset"]].classes)
    decay = {case.labels["variant"]: min(case.recipe.decay_epochs, default=None)
             for case in cases(results.settings)}
    rows = []
    for (variant, seed), run in curves.groupby(["variant", "seed"], sort=False):
        fit = fit_slowness(run.sort_values("epoch").value, chance, decay[variant])
        rows.append(dict(variant=variant, seed=seed, slowness=fit.value, best=fit.best,
                         points=fit.points, misfit=fit.misfit, problem=fit.problem, fit=fit))
    return pd.DataFrame(rows)


def tabs2(results: Results) -> Table:
    """Slowness with its standard error over seeds, acc_max, and how many fits failed."""
    found = fits(results)
    rows = [_row(name, group, results.settings)
            for name, group in found.groupby("variant", sort=False)]
    return Table(pd.DataFrame(rows), _caption(found), found.drop(columns="fit"),
                 missing=_missing(found))


def _missing(found: pd.DataFrame) -> str:
    """Why there are NaN in the data, if there are."""
    failed = found[found.problem != ""]
    return "; ".join(f"{r.variant}, seed {r.seed}: {r.problem}" for r in failed.itertuples())


def _row(variant: str, group: pd.DataFrame, settings: dict) -> dict:
    problems = group.problem[group.problem != ""]
    return {
        "rule": variant, "slowness (epochs)": _mean_se(group.slowness.dropna()),
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


def tabs2_fits(results: Results) -> Drawing:
    """One small panel per variant: accuracy after every epoch and the fitted curves."""
    found, curves = fits(results), results.curves("test_accuracy").query("epoch > 0")
    names = list(dict.fromkeys(found.variant))
    lines = -(-len(names) // _COLUMNS)
    with theme():
        figure, axes = plt.subplots(lines, _COLUMNS, figsize=(PAGE, 1.75 * lines), sharex=True,
                                    sharey=True, squeeze=False)
        for axis, name in zip(axes.flat, names):
            _panel(axis, name, curves[curves.variant == name], found[found.variant == name])
        for axis in axes.flat[len(names):]:
            axis.axis("off")
        for axis in axes.flat[len(names) - _COLUMNS:len(names)]:
            axis.tick_params(labelbottom=True)
        for axis in axes[:, 0]:
            percent_axis(axis, "accuracy (%)")
        figure.supxlabel("epoch", fontsize=9)
    return Drawing(figure, _alt(found), _FIT_CAPTION, found.drop(columns="fit"),
                   missing=_missing(found))


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
        "Slowness s of learning: the fit of acc_max·t/(s + t) to test accuracy after the epochs t "
        f"before the first decay of the rate, {found.points.max()} points a run; acc_max is the "
        "best of the whole curve. Mean ± standard error over the seeds whose fit succeeded. "
        "Misfit: root mean square distance of the curve from those points, in percentage points, "
        "mean ± standard deviation. The prepended chance level at t = 0 does not move s. The "
        "paper's cells are unknown to us where it says so.")


_FIT_CAPTION = (
    "The fits behind the table. Filled: accuracy after the epochs used; open: after the rate has "
    "decayed, used for acc_max only. Lines: fitted curves, one a seed; s: mean ± standard error "
    "over seeds, in epochs."
)
