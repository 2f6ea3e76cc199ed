"""A figure made from training runs: cases (labelled recipes), parameters and profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from topdown.data import is_here
from topdown.errors import UsageError, unknown
from topdown.recipes import Recipe
from topdown_book.figures._parameters import Parameter, Settings, check_all
from topdown_book.figures._study import Study
from topdown_book.store.records import COLUMNS, Record, Store

RICHEST_FIRST = ("paper", "laptop", "smoke")


@dataclass(frozen=True)
class Case:
    """One recipe of a figure with its labels, the columns of the figure's data.

    An optional case is left out where neither its record nor its data set is there.
    """

    recipe: Recipe
    labels: dict
    optional: bool = False

    def can_run(self) -> bool:
        """Whether the case can be trained here, or must be."""
        return not self.optional or is_here(self.recipe.dataset)


@dataclass(frozen=True)
class Experiment:
    """A figure or table: `profiles` holds the values of its parameters, `cases` makes recipes.

    beside: a study computed for the same figure, of which `draw` gets the result as well.
    """

    title: str
    parameters: tuple[Parameter, ...]
    profiles: dict[str, dict]
    cases: Callable[[dict], list[Case]]
    metrics: tuple[str, ...] = ("test_accuracy",)
    beside: Study | None = None
    name: str = ""

    def settings(self, given: dict, store: Store) -> dict:
        """All parameter values: those given, else those of the profile (`auto` is resolved)."""
        checked = check_all(self.parameters, given, self.name)
        chosen = {name: value for name, value in checked.items() if value is not None}
        profile = chosen.pop("profile", "auto")
        if profile == "auto":
            profile = self._richest_complete(chosen, store)
        settings = Settings({**self.profiles[profile], **chosen, "profile": profile})
        settings.read.add("profile")  # it has just been used
        return settings

    def _richest_complete(self, chosen: dict, store: Store) -> str:
        for profile in RICHEST_FIRST[:-1]:
            values = {**self.profiles[profile], **chosen}
            if not any(store.missing(recipe, seeds) for recipe, seeds in self.wanted(values)):
                return profile
        return RICHEST_FIRST[-1]

    def wanted(self, settings: dict, only: dict | None = None) -> list[tuple[Recipe, list[int]]]:
        """Recipes and seeds, as `running.plan` takes them; `only`: labels that a case must have."""
        seeds, cases = list(range(settings["seeds"])), self.cases(settings)
        return [(case.recipe, seeds) for case in self._with_labels(cases, only or {})
                if case.can_run()]

    def _with_labels(self, cases: list[Case], only: dict) -> list[Case]:
        """The cases whose labels read as `only` says. UsageError names what no case has."""
        for name, text in only.items():
            labels = {label for case in cases for label in case.labels}
            if name not in labels:
                raise UsageError(unknown(f"label of {self.name}", name, sorted(labels)))
            values = dict.fromkeys(str(case.labels.get(name)) for case in cases)
            cases = [case for case in cases if str(case.labels.get(name)) == str(text)]
            if not cases:
                raise UsageError(unknown(f"{name} of {self.name}", text, values))
        return cases

    def prepare(self, settings: dict, store: Store, device="auto", progress=False) -> None:
        """What must be computed before `cases` is complete; nothing for most experiments."""

    def pending(self, settings: dict, store: Store) -> str:
        """In words, what `prepare` has still to do; empty if nothing."""
        return ""

    def obtain(self, settings: dict, store: Store, device="auto") -> tuple[tuple, str]:
        """What `draw` takes, trained where the store lacks it; how what is beside it was made."""
        if self.pending(settings, store):
            self.prepare(settings, store, device)
        self._train(settings, store, device)
        results = gather(self, settings, store)
        if self.beside is None:
            return (results,), ""
        solved, how = self.beside.run(settings)
        return (results, solved), how

    def _train(self, settings: dict, store: Store, device) -> None:
        """Train what is missing. Where nothing is, torch is not needed."""
        wanted = self.wanted(settings)
        if any(store.missing(recipe, seeds) for recipe, seeds in wanted):
            from topdown_book.store import running

            together = running.most_together(running.choose_device(device))
            running.run_jobs(running.plan(wanted, store, together), store, device,
                             together=together)


@dataclass
class Results:
    """The records of a figure: `frame` has the labels, seed, epoch, metric and value.

    diverged, a column of `frame`, says of a row that its seed did so: its curves end there.
    """

    settings: dict
    frame: pd.DataFrame
    records: list[Record] = field(repr=False)

    def final(self, metric: str = "test_accuracy") -> pd.DataFrame:
        """The rows of every seed's last epoch: after a divergence, an accuracy at chance level."""
        rows = self.frame[self.frame.metric == metric]
        last = rows.groupby(["key", "seed"]).epoch.transform("max")
        return rows[rows.epoch == last].drop(columns=["metric", "epoch"])

    def curves(self, metric: str) -> pd.DataFrame:
        """The rows of one metric, all epochs."""
        return self.frame[self.frame.metric == metric].drop(columns="metric")


def gather(experiment: Experiment, settings: dict, store: Store) -> Results:
    """Read the records of every case. KeyError names the first that is not complete.

    An optional case without a complete record is left out.
    """
    frames, records = [], []
    seeds = set(range(settings["seeds"]))
    for case in experiment.cases(settings):
        record = store.load(case.recipe)
        if record is None or not seeds <= set(record.provenance):
            if case.optional:
                continue
            raise KeyError(f"no complete record of {case.recipe.label()} ({case.recipe.key}); "
                           f"make it with: topdown run {experiment.name}")
        rows = record.curves[record.curves.seed.isin(seeds)]
        frames.append(rows.assign(**case.labels, key=case.recipe.key,
                                  diverged=rows.seed.isin(record.diverged)))
        records.append(record)
    frames = frames or [_no_rows(experiment.cases(settings))]
    return Results(settings, pd.concat(frames, ignore_index=True), records)


def _no_rows(cases: list[Case]) -> pd.DataFrame:
    """The columns of `Results.frame` where no optional case has a record."""
    return pd.DataFrame(columns=[*COLUMNS, *(cases[0].labels if cases else ()), "key", "diverged"])
