"""A figure made from training runs: cases (labelled recipes), parameters and profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from topdown.data import SPECS, is_here
from topdown.errors import UsageError, unknown
from topdown.recipes import Recipe
from topdown_book.figures._parameters import Parameter, Settings, check_all
from topdown_book.figures._study import Study
from topdown_book.store.records import COLUMNS, Record, Store

PUBLISHED, *_ = RICHEST_FIRST = ("paper", "laptop", "smoke")


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
    units: the labels that name a panel, a row or a column. At the published sizes one is shown as
    soon as each of its cases has a seed; without labels, the figure as a whole. control: the label
    of cases that are part of every unit.
    """

    title: str
    parameters: tuple[Parameter, ...]
    profiles: dict[str, dict]
    cases: Callable[[dict], list[Case]]
    metrics: tuple[str, ...] = ("test_accuracy",)
    beside: Study | None = None
    units: tuple[str, ...] = ()
    control: str | None = None
    name: str = ""

    def settings(self, given: dict, store: Store) -> dict:
        """All parameter values: those given, else those of the profile (`auto` is resolved).

        `auto`: the published sizes, as far as they have been trained where no number of seeds is
        asked for; else the largest profile that is complete.
        """
        checked = check_all(self.parameters, given, self.name)
        chosen = {name: value for name, value in checked.items() if value is not None}
        profile, held = chosen.pop("profile", "auto"), None
        if profile == "auto":
            profile = self._richest_complete(chosen, store)
            if profile != PUBLISHED and "seeds" not in chosen:
                held = self._held(chosen, store) or None
        settings = Settings({**self.profiles[profile if held is None else PUBLISHED], **chosen,
                             "profile": profile if held is None else PUBLISHED})
        settings.held = held
        settings.read.add("profile")  # it has just been used
        return settings

    def _richest_complete(self, chosen: dict, store: Store) -> str:
        for profile in RICHEST_FIRST[:-1]:
            values = {**self.profiles[profile], **chosen}
            if not any(store.missing(recipe, seeds) for recipe, seeds in self.wanted(values)):
                return profile
        return RICHEST_FIRST[-1]

    def _held(self, chosen: dict, store: Store) -> dict[Recipe, list[int]]:
        """The published recipes of every whole unit, with the seeds that the store has of each."""
        values = {**self.profiles[PUBLISHED], **chosen, "profile": PUBLISHED}
        if self.pending(values, store) and not self.units:
            return {}
        units: dict[tuple, dict[Recipe, list[int]]] = {}
        for case in self.cases(values):
            record, wanted = store.load(case.recipe), range(values["seeds"])
            unit = units.setdefault(tuple(case.labels.get(name) for name in self.units), {})
            unit[case.recipe] = [s for s in wanted if record and s in record.provenance]
        control = units.pop((self.control,), {})
        return {recipe: seeds for unit in units.values() if all((control | unit).values())
                for recipe, seeds in (control | unit).items()}

    def below(self, settings: dict, store: Store) -> dict | None:
        """The settings of the laptop profile that stands, folded, below a figure of this kind.

        None where the profile shown is not the published one in part, or the smaller is incomplete.
        """
        if getattr(settings, "held", None) is None:
            return None
        base = self.profiles[PUBLISHED]
        chosen = {name: value for name, value in settings.items()
                  if name != "profile" and value != base.get(name)}
        smaller = self._richest_complete(chosen, store)
        return None if smaller != "laptop" else self.settings(
            {**chosen, "profile": smaller}, store)

    def shown(self, settings: dict) -> list[tuple[Case, list[int]]]:
        """The cases that are shown, each with its seeds."""
        seeds, held = list(range(settings["seeds"])), getattr(settings, "held", None)
        return [(case, seeds if held is None else held[case.recipe])
                for case in self.cases(settings) if held is None or case.recipe in held]

    def wanted(self, settings: dict, only: dict | None = None) -> list[tuple[Recipe, list[int]]]:
        """Recipes and seeds, as `running.plan` takes them; `only`: labels that a case must have."""
        shown = self.shown(settings)
        chosen = self._with_labels([case for case, _ in shown], only or {})
        seeds = {case.recipe: own for case, own in shown}
        return [(case.recipe, seeds[case.recipe]) for case in chosen if case.can_run()]

    def lacking(self, settings: dict, store: Store) -> list[tuple[Case, list[int]]]:
        """What is still to be trained for the figure to be whole: cases with their seeds."""
        values = {**settings}
        found = [(case, store.missing(case.recipe, range(values["seeds"])))
                 for case in self.cases(values)]
        return [(case, seeds) for case, seeds in found if seeds]

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
        if getattr(settings, "held", None) is None and self.pending(settings, store):
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

    @property
    def chance(self) -> float:
        """Percent of the test examples that one guesses, of the settings' data set."""
        return 100 / len(SPECS[self.settings["dataset"]].classes)

    def seeds_in_words(self) -> str:
        """"one seed", "3 seeds", or "1 to 10 seeds" where the recipes do not have the same."""
        counts = self.frame.groupby("key").seed.nunique()
        if counts.empty or counts.max() == 1:
            return "no seeds" if counts.empty else "one seed"
        low, high = counts.min(), counts.max()
        return f"{high} seeds" if low == high else f"{low} to {high} seeds"

    def curves(self, metric: str) -> pd.DataFrame:
        """The rows of one metric, all epochs."""
        return self.frame[self.frame.metric == metric].drop(columns="metric")


def gather(experiment: Experiment, settings: dict, store: Store) -> Results:
    """Read the records of every case. KeyError names the first that is not complete.

    An optional case without a complete record is left out.
    """
    frames, records = [], []
    for case, seeds in experiment.shown(settings):
        record = store.load(case.recipe)
        if record is None or not set(seeds) <= set(record.provenance):
            if case.optional:
                continue
            raise KeyError(f"no complete record of {case.recipe.label()} ({case.recipe.key}); "
                           f"make it with: topdown run {experiment.name}")
        record = record.only(seeds)
        rows = record.curves
        frames.append(rows.assign(**case.labels, key=case.recipe.key,
                                  diverged=rows.seed.isin(record.diverged)))
        records.append(record)
    frames = frames or [_no_rows(experiment.cases(settings))]
    return Results(settings, pd.concat(frames, ignore_index=True), records)


def _no_rows(cases: list[Case]) -> pd.DataFrame:
    """The columns of `Results.frame` where no optional case has a record."""
    return pd.DataFrame(columns=[*COLUMNS, *(cases[0].labels if cases else ()), "key", "diverged"])
