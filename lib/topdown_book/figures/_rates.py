"""Learning rates that are chosen, not given: by the accuracy on held-out examples, before the runs.

The candidates are records like any other, of seed 0 and with `held_out` examples taken from the
training set; the test set has no part in the choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from topdown.recipes import Recipe
from topdown_book.figures._experiment import Experiment
from topdown_book.store.records import Store

SEED = 0
FACTORS = (0.1, 0.3, 1.0)
"""What a rule's own rate is looked for among, in units of the published one."""


def held_out(recipe: Recipe, rates: Iterable[float]) -> list[Recipe]:
    """The candidates of one choice: `recipe` at every rate, a sixth of its data held out."""
    count = 300 if recipe.dataset == "digits" else 10_000
    return [replace(recipe, lr=rate, held_out=count) for rate in rates]


def around(recipe: Recipe) -> list[Recipe]:
    """The candidates for a rate in the place of the published one, which is among them."""
    return held_out(recipe, [float(f"{factor * recipe.lr:.6g}") for factor in FACTORS])


def accuracies(tried: list[Recipe], store: Store) -> dict[float, float]:
    """Rate -> mean accuracy on the held-out examples at the end, of those that were tried.

    A seed that diverged counts as nothing: chance level would beat a rate that has learnt little.
    """
    found = {}
    for recipe in tried:
        if (record := store.load(recipe)) is not None:
            last = record.at("test_accuracy", recipe.epochs)
            found[recipe.lr] = float(last.mask(last.index.isin(record.diverged), 0.0).mean())
    return found


def best_rate(tried: list[Recipe], store: Store) -> float | None:
    """The rate with the largest accuracy, the first of equals; None before all were tried."""
    found = accuracies(tried, store)
    if len(found) < len(tried):
        return None
    return max(found, key=lambda lr: -1.0 if math.isnan(found[lr]) else found[lr])


def chosen(recipe: Recipe, rates: Iterable[float], store: Store) -> Recipe | None:
    """`recipe` at the best of the rates; None before all were tried."""
    best = best_rate(held_out(recipe, rates), store)
    return None if best is None else replace(recipe, lr=best)


@dataclass(frozen=True)
class ChosenRates(Experiment):
    """An experiment whose cases wait for choices: `candidates(settings)` are trained before."""

    candidates: Callable[[dict], list[Recipe]] = lambda settings: []

    def wanted(self, settings: dict, only: dict | None = None) -> list[tuple[Recipe, list[int]]]:
        """The candidates, and the cases as far as they are known by now."""
        first = [] if only else [(recipe, [SEED]) for recipe in self._open(settings)]
        return first + super().wanted(settings, only)

    def _open(self, settings: dict) -> list[Recipe]:
        """The candidates; none where the published sizes are shown as far as they are there."""
        return [] if getattr(settings, "held", None) is not None else self.candidates(settings)

    def prepare(self, settings: dict, store: Store, device="auto", progress=False) -> None:
        from topdown_book.store import running

        choice = [(recipe, [SEED]) for recipe in self._open(settings)]
        running.run_jobs(running.plan(choice, store, 1), store, device, progress)

    def pending(self, settings: dict, store: Store) -> str:
        missing = sum(bool(store.missing(r, [SEED])) for r in self._open(settings))
        return f"{missing} runs on held-out examples would be trained first" if missing else ""
