"""Table 1 of the ICML-2022 paper, PEPITA's first: PEPITA and BP with one hidden layer."""

from __future__ import annotations

import pandas as pd

from topdown.data import is_here
from topdown.recipes import Recipe
from topdown_book.figures._drawing import Table
from topdown_book.figures._experiment import Case, Results
from topdown_book.figures._known import known_value
from topdown_book.figures._panels import NO_DATA, NOT_YET, summary
from topdown_book.figures._parameters import DATASETS, EPOCHS, PROFILE, SEEDS, WIDTH
from topdown_book.figures._rates import ChosenRates, accuracies, chosen, held_out
from topdown_book.figures._recipes import MAY_BE_ABSENT, decay_epochs, usual
from topdown_book.figures._tables import NOT_RUN, cell, known_cell, means
from topdown_book.figures._words import average, joined, runs
from topdown_book.store.records import Store

PEPITA, BP = "PEPITA", "BP"
ANCESTOR = dict(rule="pepita", sign=1, output_error="second")
RATE = {"mnist": 0.1}
"""PEPITA's published rates, where they are not 0.01."""
RATES = (0.003, 0.01, 0.03, 0.1)
"""BP's candidates: its own rate is unknown to us."""


def _recipe(settings: dict, dataset: str, **options) -> Recipe:
    """The ancestor's schedule, by which the rate falls one epoch after the text's."""
    epochs = settings["epochs"]
    return Recipe(dataset=dataset, hidden=(settings["width"],), epochs=epochs, decay_delay=1,
                  decay_epochs=decay_epochs(epochs), **options)


def _bp(settings: dict) -> dict[str, Recipe]:
    """Data set -> BP's recipe, but for its rate."""
    return {name: _recipe(settings, name, rule="bp") for name in settings["datasets"]}


def candidates(settings: dict) -> list[Recipe]:
    return [one for name, recipe in _bp(settings).items()
            if is_here(name) or not _absent(name) for one in held_out(recipe, RATES)]


def _absent(dataset: str) -> bool:
    return dataset in MAY_BE_ABSENT


def cases(settings: dict) -> list[Case]:
    """PEPITA at the published rates; BP at its best on held-out images, once that is known."""
    found = {(name, PEPITA): _recipe(settings, name, lr=RATE.get(name, 0.01), **ANCESTOR)
             for name in settings["datasets"]}
    found |= {(name, BP): chosen(recipe, RATES, Store()) for name, recipe in _bp(settings).items()}
    return [Case(recipe, dict(dataset=name, variant=rule), _absent(name))
            for (name, rule), recipe in found.items() if recipe]


FIGURE = ChosenRates(
    title="Table 1 of the ICML-2022 paper",
    parameters=(PROFILE, SEEDS, EPOCHS, WIDTH, DATASETS),
    profiles=usual(("mnist",), ("mnist", "cifar10", "cifar100")),
    cases=cases,
    units=("dataset", "variant"),
    candidates=candidates,
)


def draw(results: Results) -> Table:
    """A row per data set and rule: the printed accuracy, ours, and the rate it was trained at."""
    settings, final = results.settings, results.final()
    found, lr = means(final, ["dataset", "variant"]), _rates(results)
    rows = []
    for dataset in settings["datasets"]:
        absent = NOT_RUN if is_here(dataset) else NO_DATA
        for rule in (PEPITA, BP):
            labels = dict(dataset=dataset, variant=rule)
            rows.append({"data": dataset, "rule": rule,
                         "ICML 2022 (%)": known_cell(known_value("icml", labels, settings)),
                         "here (%)": cell(found, absent, **labels),
                         "learning rate here": f"{lr[dataset, rule]:g}" if (dataset, rule) in lr
                         else absent})
    return Table(pd.DataFrame(rows), _caption(settings), summary(final, ["dataset", "variant"]))


def _rates(results: Results) -> dict[tuple[str, str], float]:
    """(data set, rule) -> rate of the records."""
    return {(r.recipe.dataset, BP if r.recipe.rule == "bp" else PEPITA): r.recipe.lr
            for r in results.records}


def _caption(settings: dict) -> str:
    return (f"One hidden layer of {settings['width']} units, {settings['epochs']} epochs, PEPITA "
            "by the recipe of the ICML-2022 code (F e added to the input, second error at the "
            "output). BP's rate is unknown to us: it is the best of "
            f"{joined(f'{rate:g}' for rate in RATES)} on images held out of the training set. "
            "Mean ± standard deviation over seeds.")


def answer(results: Results) -> str:
    """What both rules reach, and what BP's rate was chosen from."""
    final, settings, store = results.final(), results.settings, Store()
    parts, rates = [], []
    for dataset, rows in final.groupby("dataset", sort=False):
        both = joined(f"{rule} reaches {average(own)}"
                      for rule, own in rows.groupby("variant", sort=False))
        tried = accuracies(held_out(_recipe(settings, dataset, rule="bp"), RATES), store)
        listed = ", ".join(f"{value:.2f} % at {rate:g}" for rate, value in tried.items())
        parts.append(f"on {dataset} {both}")
        rates.append(f"{dataset} {listed or NOT_YET}")
    return (f"By that recipe {'; '.join(parts) or NOT_YET}. BP on held-out images, by learning "
            f"rate: {'; '.join(rates) or NOT_YET}. {runs(results)}")
