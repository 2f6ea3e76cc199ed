"""Table S3: hyper-parameters, tuned on held-out examples, and what they bring on the test set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from topdown.recipes import Recipe
from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import summary
from topdown_book.figures._parameters import DATASET, EPOCHS, PROFILE, SEEDS, WIDTH, Parameter
from topdown_book.figures._recipes import (
    BASELINES,
    FIGURE_S1,
    TIME_LOCAL,
    VARIANTS,
    decay_epochs,
    make,
)
from topdown_book.figures._tables import NOT_RUN, cell, means
from topdown_book.figures._theme import PALETTE, grid, theme
from topdown_book.figures._words import joined, paired, runs
from topdown_book.store.records import Store

if TYPE_CHECKING:
    from topdown_book.store.tuning import Found, Search

RULES = {
    **{name: BASELINES[name] for name in ("BP", "FA", "DRTP")},
    "PEPITA": VARIANTS["normal"],
    "PEPITA-Hebbian": VARIANTS["hebbian"],
    "PEPITA-TL": {**TIME_LOCAL, **FIGURE_S1},
}
UNTUNED, TUNED = "before tuning", "tuned"
NAMES = {"lr": "learning rate", "weight_decay": "weight decay", "dropout": "dropout",
         "feedback_scale": "strength of $F$"}
WORDS = {name: text.replace("$", "") for name, text in NAMES.items()}
WINDOW = 40
"""Percentage points below the best that the landscape shows; worse trials stand at its edge."""


def search(settings: dict, name: str) -> Search:
    """The search for a rule: fewer examples and epochs, and none of the test set."""
    from topdown_book.store.tuning import Search

    epochs = settings["tuning_epochs"]
    recipe = replace(make(settings, **RULES[name]), epochs=epochs,
                     decay_epochs=decay_epochs(epochs), n_train=settings["n_train"],
                     held_out=settings["held_out"])
    return Search(recipe, settings["tuning_seeds"])


def tune_all(settings: dict, store: Store | None = None, device="auto",
             progress=False) -> dict[str, Found]:
    """The searches of all rules, gone on with where they lack trials."""
    from topdown_book.store.tuning import tune

    return {name: tune(search(settings, name), settings["trials"], store, device, progress)
            for name in settings["rules"]}


def found_all(settings: dict, store: Store) -> dict[str, Found]:
    """The searches that are complete in the store."""
    from topdown_book.store.tuning import load_found

    found = {name: load_found(search(settings, name), store) for name in settings["rules"]}
    return {name: f for name, f in found.items()
            if f is not None and f.trials.trial.nunique() >= settings["trials"]}


def cases(settings: dict) -> list[Case]:
    """Every rule before tuning and, once its search is complete, with the values found."""
    base: dict[str, Recipe] = {name: make(settings, **RULES[name]) for name in settings["rules"]}
    plain = [Case(recipe, dict(variant=name, setting=UNTUNED)) for name, recipe in base.items()]
    tuned = [Case(replace(base[name], **found.best_values()), dict(variant=name, setting=TUNED))
             for name, found in found_all(settings, Store()).items()]
    return plain + tuned


class TunedExperiment(Experiment):
    """An experiment that is complete only if its searches are."""

    def _richest_complete(self, chosen: dict, store: Store) -> str:
        profile = super()._richest_complete(chosen, store)
        settings = {**self.profiles[profile], **chosen}
        return "smoke" if self.pending(settings, store) else profile

    def prepare(self, settings: dict, store: Store, device="auto", progress=False) -> None:
        tune_all(settings, store, device, progress)

    def pending(self, settings: dict, store: Store) -> str:
        total = len(settings["rules"])
        left = total - len(found_all(settings, store))
        return f"{left} of {total} searches would be finished first" if left else ""


def _whole(name: str, text: str, low: int, high: int) -> Parameter:
    return Parameter(name, int, text, low=low, high=high)


FIGURE = TunedExperiment(
    title="Hyper-parameters, tuned on held-out examples",
    parameters=(
        PROFILE, SEEDS, EPOCHS, WIDTH, DATASET,
        Parameter("rules", "list", "which rules to tune", choices=tuple(RULES)),
        _whole("trials", "trials of each search", 1, 10_000),
        _whole("tuning_seeds", "seeds of a trial: 1000, 1001, ...", 1, 100),
        _whole("tuning_epochs", "epochs of a trial", 1, 1000),
        _whole("n_train", "training examples of a trial", 10, 60_000),
        _whole("held_out", "examples held out of the training set", 10, 20_000),
    ),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2, rules=("BP", "PEPITA"),
                      trials=10, tuning_seeds=1, tuning_epochs=10, n_train=1000, held_out=300),
        "laptop": dict(dataset="mnist", width=256, epochs=5, seeds=3, rules=tuple(RULES),
                       trials=24, tuning_seeds=1, tuning_epochs=3, n_train=10_000,
                       held_out=10_000),
        "paper": dict(dataset="mnist", width=1024, epochs=100, seeds=10, rules=tuple(RULES),
                      trials=64, tuning_seeds=2, tuning_epochs=20, n_train=50_000,
                      held_out=10_000),
    },
    cases=cases,
)


def answer(results: Results) -> str:
    """What tuning brings each rule on the test set."""
    final = results.final()
    gains = {name: paired(rows, "setting", TUNED, UNTUNED)
             for name, rows in final.groupby("variant", sort=False) if TUNED in set(rows.setting)}
    if not gains:
        return "No search is complete here."
    listed = joined(f"{gain.words()} for {name}" for name, gain in gains.items())
    return f"Tuning changes test accuracy by {listed}. {runs(results)}"


def draw(results: Results) -> dict[str, Drawing | Table]:
    """The `values` found and what they bring, the `space` searched, the `landscape` of trials."""
    found = found_all(results.settings, Store())
    made = source(found)
    return {"values": values(results, found, made), "space": space(results.settings["rules"]),
            "landscape": landscape(found, made)}


def values(results: Results, found: dict[str, Found], made: str = "") -> Table:
    """A row per rule: the values found, their held-out accuracy, and the test accuracies."""
    final = results.final()
    accuracies = means(final, ["variant", "setting"])
    cells, data = [], []
    for name, one in found.items():
        best, chosen = one.best(), one.best_values()
        cells.append({
            "rule": name, **{text: f"{chosen[key]:.2g}" if key in chosen else NOT_RUN
                             for key, text in WORDS.items()},
            "held out (%)": f"{best.held_out_accuracy:.2f}",
            **{f"test, {setting} (%)": cell(accuracies, NOT_RUN, variant=name, setting=setting)
               for setting in (UNTUNED, TUNED)}})
        data.append({"variant": name, **chosen, "held_out_accuracy": best.held_out_accuracy,
                     "trials": one.trials.trial.nunique()})
    numbers = summary(final, ["variant", "setting"]).merge(pd.DataFrame(data), on="variant")
    return Table(pd.DataFrame(cells), _caption(results.settings), numbers,
                 "feedback_scale belongs to the rules of the PEPITA family alone", made)


def space(rules) -> Table:
    """The search space: for every rule what is searched, and where."""
    from topdown_book.store.tuning import search_space

    spaces = {name: search_space(RULES[name]["rule"]) for name in rules}
    cells = pd.DataFrame([
        {"rule": name, **{text: own[key].words() if key in own else NOT_RUN
                          for key, text in WORDS.items()}} for name, own in spaces.items()])
    return Table(cells, "The search space. Everything else is as in the recipe before tuning.",
                 cells)


def landscape(found: dict[str, Found], made: str = "") -> Drawing:
    """A row of panels per rule, one per value searched: held-out accuracy of every trial."""
    with theme():
        figure, axes = grid(len(found), len(NAMES), 0.6 + 1.25 * len(found), sharey="row")
        for row, (name, one) in zip(axes, found.items()):
            for axis, value in zip(row, NAMES):
                _panel(axis, one, value)
            row[0].set_ylabel(f"{name}\nheld out (%)", fontsize=8)
        for axis, text in zip(axes[-1], NAMES.values()):
            axis.set_xlabel(text)
            axis.xaxis.set_visible(True)
    data = pd.concat([f.trials.assign(variant=name) for name, f in found.items()])
    return Drawing(figure, _alt(found), _LANDSCAPE, data.reset_index(drop=True),
                   "a trial that diverged has no accuracy; only the PEPITA family has an F", made)


def _panel(axis, one: Found, value: str) -> None:
    if value not in one.search.space:
        axis.text(0.5, 0.5, "not searched", transform=axis.transAxes, ha="center", va="center",
                  color=PALETTE["grey"], fontsize=8)
        axis.set_xticks([])
        axis.grid(False)
        return
    rows, best, range_ = one.means(), one.best(), one.search.space[value]
    floor = max(0, best.held_out_accuracy - WINDOW)
    shown = rows.held_out_accuracy.fillna(0).clip(lower=floor)
    inside = shown > floor
    axis.scatter(rows[value][inside], shown[inside], s=14, color=PALETTE["blue"], alpha=0.7, lw=0)
    axis.scatter(rows[value][~inside], shown[~inside], s=18, marker="v", color=PALETTE["grey"])
    axis.scatter([best[value]], [best.held_out_accuracy], s=70, marker="*", zorder=3,
                 color=PALETTE["orange"])
    axis.set_xscale("log" if range_.log else "linear")
    margin = (range_.high / range_.low) ** 0.05 if range_.log else 0.05 * range_.high
    axis.set_xlim(*((range_.low / margin, range_.high * margin) if range_.log
                    else (range_.low - margin, range_.high + margin)))
    axis.set_ylim(floor - 3, best.held_out_accuracy + 4)
    axis.tick_params(labelsize=7)


def _alt(found: dict[str, Found]) -> str:
    parts = []
    for name, one in found.items():
        chosen = ", ".join(f"{WORDS[k]} {v:.3g}" for k, v in one.best_values().items())
        parts.append(f"{name}: best {one.best().held_out_accuracy:.1f} percent at {chosen}; "
                     f"worst trial {one.means().held_out_accuracy.min():.1f}")
    return ("Scatter plots, a row per rule and a column per hyper-parameter: held-out accuracy of "
            "every trial of the search. " + ". ".join(parts) + ".")


def _caption(settings: dict) -> str:
    return (
        f"The best of {settings['trials']} trials per rule, by the accuracy on "
        f"{settings['held_out']} examples held out of the training set after "
        f"{settings['tuning_epochs']} epochs on {settings['n_train']} others. Last columns: test "
        f"accuracy after {settings['epochs']} epochs on all training examples with other seeds, "
        "before tuning and with the values found, mean ± standard deviation.")


def source(found: dict[str, Found]) -> str:
    """How many trials, and what ran them."""
    sources = [one.provenance for one in found.values()]
    devices = " and ".join(sorted({entry["device"] for entry in sources}))
    commits = ", ".join(sorted({(entry["commit"] or "unknown")[:9] for entry in sources}))
    seconds = sum(one.trials.seconds.sum() for one in found.values())
    trials = sum(one.trials.trial.nunique() for one in found.values())
    return f"Search: {trials} trials in {seconds:.0f} s on {devices}, commit {commits}"


_LANDSCAPE = (
    "The landscape of every search: accuracy on the held-out examples against each value, one "
    "point a trial (all values vary at once); the star is the best. Triangles at the lower edge: "
    f"more than {WINDOW} points below the best, or diverged."
)
