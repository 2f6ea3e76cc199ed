"""Table S3 and the landscape of the searches behind it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd

from topdown_book.experiments import Results
from topdown_book.experiments.tabs3 import TUNED, UNTUNED
from topdown_book.figures._page import Drawing, Table
from topdown_book.figures._tables import NOT_RUN, cell, means
from topdown_book.figures._theme import PAGE, PALETTE, theme
from topdown_book.figures._training import summary
from topdown_book.store.tuning import VALUES, Found, search_space

NAMES = {"lr": "learning rate", "weight_decay": "weight decay", "dropout": "dropout",
         "feedback_scale": "strength of $F$"}
_WINDOW = 40
"""Percentage points below the best that the landscape shows; worse trials stand at its edge."""


def tabs3(results: Results, found: dict[str, Found]) -> Table:
    """A row per rule: the values found, their held-out accuracy, and the test accuracies."""
    final = results.final()
    accuracies = means(final, ["variant", "setting"])
    cells, data = [], []
    for name, search in found.items():
        best = search.best()
        cells.append({"rule": name, **_values(search), "held out (%)":
                      f"{best.held_out_accuracy:.2f}",
                      **{f"test, {setting} (%)": cell(accuracies, NOT_RUN, variant=name,
                                                      setting=setting)
                         for setting in (UNTUNED, TUNED)}})
        data.append({"variant": name, **search.best_values(),
                     "held_out_accuracy": best.held_out_accuracy,
                     "trials": search.trials.trial.nunique()})
    numbers = summary(final, ["variant", "setting"]).merge(pd.DataFrame(data), on="variant")
    return Table(pd.DataFrame(cells), _caption(results.settings), numbers,
                 missing="feedback_scale belongs to the rules of the PEPITA family alone")


def _values(search: Found) -> dict[str, str]:
    best = search.best_values()
    return {NAMES[name].replace("$", ""): f"{best[name]:.2g}" if name in best else NOT_RUN
            for name in VALUES}


def space_table(rules: dict[str, str]) -> Table:
    """The search space: for every rule (name -> rule) what is searched, and where."""
    cells = pd.DataFrame([
        {"rule": name, **{NAMES[value].replace("$", ""): space[value].words()
                          if value in space else NOT_RUN for value in VALUES}}
        for name, space in ((name, search_space(rule)) for name, rule in rules.items())])
    return Table(cells, "The search space. Everything else is as in the recipe before tuning.",
                 cells)


def landscape(found: dict[str, Found]) -> Drawing:
    """A row of panels per rule, one per value searched: held-out accuracy of every trial."""
    with theme():
        figure, axes = plt.subplots(len(found), len(VALUES), sharey="row", squeeze=False,
                                    figsize=(PAGE, 0.6 + 1.25 * len(found)))
        for row, (name, search) in zip(axes, found.items()):
            for axis, value in zip(row, VALUES):
                _panel(axis, search, value)
            row[0].set_ylabel(f"{name}\nheld out (%)", fontsize=8)
        for axis, value in zip(axes[-1], VALUES):
            axis.set_xlabel(NAMES[value])
            axis.xaxis.set_visible(True)
    data = pd.concat([f.trials.assign(variant=name) for name, f in found.items()])
    return Drawing(figure, _alt(found), _LANDSCAPE, data.reset_index(drop=True),
                   missing="a trial that diverged has no accuracy; only the PEPITA family has an F")


def _panel(axis, search: Found, value: str) -> None:
    if value not in search.search.space:
        axis.text(0.5, 0.5, "not searched", transform=axis.transAxes, ha="center", va="center",
                  color=PALETTE["grey"], fontsize=8)
        axis.set_xticks([])
        axis.grid(False)
        return
    means, best, range_ = search.means(), search.best(), search.search.space[value]
    floor = max(0, best.held_out_accuracy - _WINDOW)
    shown = means.held_out_accuracy.fillna(0).clip(lower=floor)
    inside = shown > floor
    axis.scatter(means[value][inside], shown[inside], s=14, color=PALETTE["blue"], alpha=0.7, lw=0)
    axis.scatter(means[value][~inside], shown[~inside], s=18, marker="v", color=PALETTE["grey"])
    axis.scatter([best[value]], [best.held_out_accuracy], s=70, marker="*", zorder=3,
                 color=PALETTE["orange"])
    axis.set_xscale("log" if range_.log else "linear")
    margin = (range_.high / range_.low) ** 0.05 if range_.log else 0.05 * range_.high
    low, high = ((range_.low / margin, range_.high * margin) if range_.log
                 else (range_.low - margin, range_.high + margin))
    axis.set_xlim(low, high)
    axis.set_ylim(floor - 3, best.held_out_accuracy + 4)
    axis.tick_params(labelsize=7)


def _alt(found: dict[str, Found]) -> str:
    parts = []
    for name, search in found.items():
        values = ", ".join(f"{NAMES[k].replace('$', '')} {v:.3g}"
                           for k, v in search.best_values().items())
        worst = search.means().held_out_accuracy.min()
        parts.append(f"{name}: best {search.best().held_out_accuracy:.1f} percent at {values}; "
                     f"worst trial {worst:.1f}")
    return ("Scatter plots, a row per rule and a column per hyper-parameter: held-out accuracy of "
            "every trial of the search. " + ". ".join(parts) + ".")


def _caption(settings: dict) -> str:
    return (
        f"The best of {settings['trials']} trials per rule (TPE, the first 8 at random), by the "
        f"accuracy on {settings['held_out']} examples held out of the training set after "
        f"{settings['tuning_epochs']} epochs on {settings['n_train']} others, seeds from 1000. "
        "The last columns are evaluated once, on the test set, after training on all training "
        f"examples for {settings['epochs']} epochs with other seeds: with the recipe before tuning "
        "and with the values found (mean ± standard deviation). The held-out accuracy of the best "
        "of many trials is optimistic; the test accuracy is not. The paper's table is unknown to "
        "us.")


def origin(found: dict[str, Found]) -> str:
    """How many trials, and what ran them."""
    sources = [search.provenance for search in found.values()]
    devices = " and ".join(sorted({source["device"] for source in sources}))
    commits = ", ".join(sorted({(source["commit"] or "unknown")[:9] for source in sources}))
    seconds = sum(search.trials.seconds.sum() for search in found.values())
    trials = sum(search.trials.trial.nunique() for search in found.values())
    return f"Search: {trials} trials in {seconds:.0f} s on {devices}, commit {commits}"


_LANDSCAPE = (
    "The landscape of every search: accuracy on the held-out examples against each value, one "
    "point a trial (all values vary at once); the star is the best. Triangles at the lower edge: "
    f"more than {_WINDOW} points below the best, or diverged."
)
