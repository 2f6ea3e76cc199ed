"""What a fact of the paper refers to: recipes at the published sizes, a metric and an epoch."""

from __future__ import annotations

from dataclasses import dataclass

from topdown.data import SPECS, is_here
from topdown.errors import UsageError, unknown
from topdown.recipes import Recipe
from topdown_book.figures import experiments
from topdown_book.store.facts import Fact, paper
from topdown_book.store.records import Store

SMALL_DATA = "digits"
EXPANDED = ("hidden_layers", "depth", "rule", "epoch")
"""Keys whose lists stand for one comparison each."""


class NotThere(LookupError):
    """The fact refers to an experiment that the library does not have (yet)."""


@dataclass(frozen=True)
class Reference:
    """One side of a comparison; epoch None means the last.

    smaller: what stands in the place of `recipe` in the smaller profiles of its table, if that is
    more than another width and length (fewer layers, say).
    """

    recipe: Recipe
    metric: str
    epoch: int | None
    smaller: tuple[Recipe, ...] = ()

    @property
    def until(self) -> int:
        """The epoch up to which a record must have been trained as the recipe says."""
        return self.recipe.epochs if self.epoch is None else self.epoch


def references(fact: Fact) -> list[tuple[str, Reference, Reference | None]]:
    """(label, of, minus) for every part of the fact, in order."""
    if fact.incomparable:
        raise NotThere(fact.incomparable)
    parts = []
    for label, chosen in _expanded({"epoch": fact.epoch, **fact.of}):
        of = _reference(fact, chosen)
        minus = _reference(fact, {**chosen, **fact.minus}) if fact.minus else None
        parts.append((label, of, minus))
    return parts


def _expanded(choice: dict) -> list[tuple[str, dict]]:
    """One (label, choice) for every combination of the listed values."""
    found = [("", choice)]
    for key in EXPANDED:
        if isinstance(choice.get(key), list):
            found = [(f"{label}, {_words(key, value)}".lstrip(", "), {**chosen, key: value})
                     for label, chosen in found for value in choice[key]]
    return found


def _words(key: str, value) -> str:
    layers = f"{value} hidden layer{'s' if value != 1 else ''}"
    return {"hidden_layers": layers, "depth": layers, "epoch": f"epoch {value}"}.get(key, value)


def _reference(fact: Fact, chosen: dict) -> Reference:
    chosen = dict(chosen)
    epoch, metric = chosen.pop("epoch"), chosen.pop("metric", fact.metric)
    of_table = "table" in chosen
    recipe = table_case(chosen, fact.id) if of_table else _recipe(chosen)
    smaller = _smaller_cases(chosen) if of_table else ()
    return Reference(recipe, metric, None if epoch == "last" else epoch, smaller)


def _recipe(values: dict) -> Recipe:
    """A recipe at the published sizes from its fields and `hidden_layers`."""
    sizes = paper().published
    values = {"epochs": sizes["epochs"], **values}
    layers = values.pop("hidden_layers", 1)
    return Recipe.from_dict({"hidden": (sizes["width"],) * layers, **values})


def published_cases(name: str, profile: str = "paper") -> list:
    """The cases of a figure or table at the published sizes. NotThere if there is none."""
    if name not in experiments():
        raise NotThere(f"no records are defined for {name}")
    experiment = experiments()[name]
    return experiment.cases({**experiment.profiles[profile], "profile": profile})


def _smaller_cases(chosen: dict) -> tuple[Recipe, ...]:
    """The cases with the same labels, that of the data set apart, in the smaller profiles."""
    labels = {k: v for k, v in chosen.items() if k not in ("table", "dataset")}
    found = [case for profile in ("laptop", "smoke")
             for case in published_cases(chosen["table"], profile)
             if all(_same(case.labels.get(k), v) for k, v in labels.items())]
    wanted = chosen.get("dataset")
    return tuple(c.recipe for c in found if wanted is None or c.recipe.dataset in (
        wanted, SMALL_DATA))


def table_case(chosen: dict, name: str) -> Recipe:
    """The one case of `table` with these labels. UsageError says which labels and values exist.

    NotThere if the table's cases wait for something: a choice of learning rates, say.
    """
    table, *_ = labels = dict(chosen)
    table = labels.pop("table")
    found = published_cases(table)
    for key, value in labels.items():
        if not any(key in case.labels for case in found):
            known = dict.fromkeys(k for case in found for k in case.labels)
            raise UsageError(unknown(f"label of {table} in the paper's number {name!r}:", key,
                                     known))
        values = dict.fromkeys(case.labels.get(key) for case in found)
        found = [case for case in found if _same(case.labels.get(key), value)]
        if not found and (why := _waits_for(table, value)):
            raise NotThere(why)
        if not found:
            raise UsageError(unknown(f"{key} of {table} in the paper's number {name!r}:", value,
                                     values))
    recipes = list(dict.fromkeys(case.recipe for case in found))
    if len(recipes) > 1:
        open_ = [k for k in found[0].labels if len({str(c.labels.get(k)) for c in found}) > 1]
        raise UsageError(f"the paper's number {name!r} fits {len(recipes)} cases of {table}; "
                         f"say also {', '.join(open_)}")
    return recipes[0]


def _waits_for(table: str, value) -> str:
    """What the cases of a table wait for: what would be trained first, or data that are absent."""
    if value in SPECS and not is_here(value):
        return f"{value} is not here"
    experiment = experiments()[table]
    return experiment.pending({**experiment.profiles["paper"], "profile": "paper"}, Store())


def _same(a, b) -> bool:
    numbers = all(isinstance(v, int | float) for v in (a, b))
    return a == b if numbers else str(a) == str(b)
