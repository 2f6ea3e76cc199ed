"""Table S3: hyper-parameters, tuned on held-out examples, and what they bring on the test set."""

from __future__ import annotations

from dataclasses import replace

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.fig3 import VARIANTS
from topdown_book.experiments.tab1 import TIME_LOCAL_OPTIONS
from topdown_book.parameters import DATASET, EPOCHS, PROFILE, SEEDS, WIDTH, Parameter
from topdown_book.store.records import Store
from topdown_book.store.tuning import Found, Search, load_found, tune

RULES = {
    "BP": dict(rule="bp", initialization="he_normal"),
    "FA": dict(rule="fa", initialization="he_normal"),
    "DRTP": dict(rule="drtp", initialization="he_normal"),
    "PEPITA": VARIANTS["normal"],
    "PEPITA-Hebbian": VARIANTS["hebbian"],
    "PEPITA-TL": TIME_LOCAL_OPTIONS,
}
UNTUNED, TUNED = "before tuning", "tuned"


def base(settings: dict, name: str) -> Recipe:
    """The recipe before tuning, at the sizes of the evaluation."""
    epochs = settings["epochs"]
    return Recipe(dataset=settings["dataset"], hidden=(settings["width"],), epochs=epochs,
                  decay_epochs=decay_epochs(epochs), **RULES[name])


def search(settings: dict, name: str) -> Search:
    """The search for a rule: fewer examples and epochs, and none of the test set."""
    epochs = settings["tuning_epochs"]
    recipe = replace(base(settings, name), epochs=epochs, decay_epochs=decay_epochs(epochs),
                     n_train=settings["n_train"], held_out=settings["held_out"])
    return Search(recipe, settings["tuning_seeds"])


def tune_all(settings: dict, store: Store | None = None, device="auto",
             progress=False) -> dict[str, Found]:
    """The searches of all rules, gone on with where they lack trials."""
    return {name: tune(search(settings, name), settings["trials"], store, device, progress)
            for name in settings["rules"]}


def found_all(settings: dict, store: Store) -> dict[str, Found]:
    """The searches that are complete in the store."""
    found = {name: load_found(search(settings, name), store) for name in settings["rules"]}
    return {name: f for name, f in found.items()
            if f is not None and f.trials.trial.nunique() >= settings["trials"]}


def cases(settings: dict) -> list[Case]:
    """Every rule before tuning and, once its search is complete, with the values found."""
    plain = [Case(base(settings, name), dict(variant=name, setting=UNTUNED))
             for name in settings["rules"]]
    tuned = [Case(replace(base(settings, name), **found.best_values()),
                  dict(variant=name, setting=TUNED))
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


TABS3 = TunedExperiment(
    name="tabs3",
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
