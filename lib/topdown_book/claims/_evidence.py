"""The records that speak to a fact: at the published sizes, else at the nearest smaller ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from topdown.recipes import Recipe
from topdown_book.claims._references import SMALL_DATA, Reference
from topdown_book.figures import experiments
from topdown_book.store.records import Store

_OF_A_PROFILE = ("hidden", "epochs", "decay_epochs", "decay_delay", "n_train", "evaluation_rows",
                 "precision", "probe")
"""Fields of a recipe that say how long, how large and how precisely, or what is measured."""


@dataclass(frozen=True)
class Sizes:
    """What a profile changes of a recipe."""

    dataset: str
    width: int
    epochs: int
    n_train: int | None

    @classmethod
    def of(cls, recipe: Recipe) -> Sizes:
        return cls(recipe.dataset, max(recipe.hidden, default=0), recipe.epochs, recipe.n_train)

    def words(self) -> str:
        """ "laptop profile: mnist, 256 units, 5 epochs" """
        part = f", {self.n_train} training examples" if self.n_train else ""
        return (f"{self.profile()}: {self.dataset}, {self.width} units, {self.epochs} "
                f"epoch{'s' if self.epochs != 1 else ''}{part}")

    def profile(self) -> str:
        """The profile that has these sizes in some figure, else "own sizes"."""
        for name in ("smoke", "laptop", "paper"):
            for values in (e.profiles[name] for e in experiments().values()):
                if (values.get("width"), values.get("epochs")) == (self.width, self.epochs):
                    return f"{name} profile"
        return "own sizes"


@dataclass(frozen=True)
class Evidence:
    """Values per seed of every reference, all at `sizes`; `comparable`: as published.

    diverged: the seeds of every reference that have done so by its epoch.
    """

    sizes: Sizes
    comparable: bool
    values: list[pd.Series]
    recipes: list[Recipe]
    diverged: list[set[int]]


def index(store: Store) -> list[Recipe]:
    """The recipe of every record of the store, read from the files' metadata alone."""
    recipes = []
    for path in store.files():
        try:
            meta = json.loads(pq.read_schema(path).metadata[b"topdown"])
            recipes.append(Recipe.from_dict(meta["recipe"]))
        except (OSError, KeyError, TypeError, ValueError, pa.ArrowException):
            continue  # another kind of file, or a damaged one, which `load` would name
    return recipes


def find(wanted: list[Reference], known: list[Recipe], store: Store) -> Evidence | None:
    """The best sizes at which every reference has a record; None where there are none."""
    options = [_by_size(reference, known) for reference in wanted]
    common = set(options[0]).intersection(*options[1:])
    ranked = sorted(common, key=lambda s: _rank(s, wanted, [o[s] for o in options]), reverse=True)
    for sizes in ranked:
        recipes = [found[sizes] for found in options]
        records = [store.load(recipe) for recipe in recipes]
        if all(record is not None for record in records):
            epochs = [_epoch(record.recipe, of) for record, of in zip(records, wanted)]
            found = list(zip(records, wanted, epochs))
            return Evidence(
                sizes, _comparable(wanted, recipes),
                [record.at(of.metric, epoch) for record, of, epoch in found], recipes,
                [{s for s, end in record.diverged.items() if end <= epoch}
                 for record, _, epoch in found])
    return None


def _by_size(reference: Reference, known: list[Recipe]) -> dict[Sizes, Recipe]:
    """One recipe for every size; the one with the published schedule where there are several."""
    fitting = [r for r in known if alike(r, reference.recipe) or r in reference.smaller]
    published = reference.recipe
    fitting.sort(key=lambda r: (_trained_alike(published, r, reference.until),
                                r.decay_delay == published.decay_delay))
    return {Sizes.of(r): r for r in fitting}


def alike(a: Recipe, b: Recipe) -> bool:
    """Whether two recipes differ in nothing but sizes (or in the data set, if one is digits)."""
    if a.rule != b.rule or a.dataset not in (b.dataset, SMALL_DATA):
        return False
    return _bare(a) == _bare(replace(b, dataset=a.dataset))


def _bare(recipe: Recipe) -> dict:
    values = {k: v for k, v in vars(recipe).items() if k not in _OF_A_PROFILE}
    return {**values, "hidden": len(recipe.hidden)}


def _comparable(wanted: list[Reference], recipes: list[Recipe]) -> bool:
    return all(_trained_alike(r.recipe, recipe, r.until) for r, recipe in zip(wanted, recipes))


def _trained_alike(published: Recipe, recipe: Recipe, until: int) -> bool:
    """Whether both networks and data agree, and the learning rates of epochs 1..until."""
    rates = [[r.learning_rate(k) for k in range(1, until + 1)] for r in (published, recipe)]
    same = (published.dataset, published.hidden) == (recipe.dataset, recipe.hidden)
    return same and recipe.n_train is None and recipe.epochs >= until and rates[0] == rates[1]


def _rank(sizes: Sizes, wanted, recipes) -> tuple:
    return (_comparable(wanted, recipes), sizes.dataset != SMALL_DATA, sizes.n_train is None,
            sizes.width, sizes.epochs)


def _epoch(ours: Recipe, reference: Reference) -> int:
    """The epoch of the fact; that at the same fraction where our record is of a shorter run."""
    epoch = reference.epoch
    if epoch is None or epoch == reference.recipe.epochs:
        return ours.epochs
    if epoch > 0 and not _trained_alike(reference.recipe, ours, epoch):
        return max(1, round(epoch * ours.epochs / reference.recipe.epochs))
    return epoch
