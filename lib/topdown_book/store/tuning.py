"""Hyper-parameters, tuned on examples held out of the training set; never on the test set.

Optuna proposes the trials (TPE). They are kept beside the records of training, with provenance, one
row a trial and seed:

    results/tuning/<data set>/<rule>-<key>.parquet

The proposal of trial k depends on the trials before it and on k alone, so a search that was stopped
goes on where it was, with the trials of one that was not. Seeds of tuning start at FIRST_SEED;
evaluation uses 0, 1, ...
"""

from __future__ import annotations

import hashlib
import json
import math
import time
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from topdown.errors import RecordError
from topdown.recipes import Recipe
from topdown.recipes.names import rules
from topdown_book.store import provenance
from topdown_book.store.progress import bar
from topdown_book.store.records import Store, read_frame, write_frame

FIRST_SEED = 1000
STARTUP_TRIALS = 8
"""Random trials before TPE begins to prefer what was good."""
FORMAT = 1
VALUES = {"lr": "float64", "weight_decay": "float64", "dropout": "float64",
          "feedback_scale": "float64"}
COLUMNS = {"trial": "int32", "seed": "int32", **VALUES, "held_out_accuracy": "float64",
           "status": "string", "seconds": "float64"}


@dataclass(frozen=True)
class Range:
    """Values from low to high, evenly on a logarithmic or a linear scale."""

    low: float
    high: float
    log: bool = True

    def words(self) -> str:
        return f"{self.low:g} to {self.high:g}{', logarithmic' if self.log else ''}"


LEARNING_RATES = {"pepita-time-local": Range(1e-6, 1e-2)}
"""Its half-steps are much larger than their difference: rates of the others make it diverge."""
OTHER_RATES = Range(1e-3, 0.3)


def search_space(rule: str) -> dict[str, Range]:
    """What is searched for a rule; the strength of F only where the error goes to the input."""
    space = {"lr": LEARNING_RATES.get(rule, OTHER_RATES), "weight_decay": Range(1e-6, 1e-2),
             "dropout": Range(0.0, 0.5, log=False)}
    if rules()[rule].feedback == "input":
        space["feedback_scale"] = Range(0.005, 0.5)
    return space


@dataclass(frozen=True)
class Search:
    """A search: `base` holds all that is not searched, with its own `held_out` examples."""

    base: Recipe
    seeds: int = 1

    def __post_init__(self):
        if not self.base.held_out:
            raise ValueError("a search needs examples held out of the training set: set held_out "
                             "of its recipe; the test set is never used for it")

    @property
    def space(self) -> dict[str, Range]:
        return search_space(self.base.rule)

    @property
    def key(self) -> str:
        """Names the search: its recipe, its space and its seeds."""
        ranges = {name: asdict(range_) for name, range_ in self.space.items()}
        fixed = {name: v for name, v in self.base.changes().items() if name not in ranges}
        content = [fixed, ranges, self.seeds]
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def tuning_seeds(self) -> list[int]:
        return list(range(FIRST_SEED, FIRST_SEED + self.seeds))

    def path(self, store: Store) -> Path:
        return store.root / "tuning" / self.base.dataset / f"{self.base.rule}-{self.key}.parquet"


@dataclass(frozen=True)
class Found:
    """The trials of a search: one row a trial and seed; NaN for what the search does not vary."""

    search: Search
    trials: pd.DataFrame
    provenance: dict

    def means(self) -> pd.DataFrame:
        """One row a trial: its values and the mean accuracy; NaN where a seed diverged."""
        by = ["trial", *VALUES]
        groups = self.trials.groupby(by, dropna=False, sort=True).held_out_accuracy
        return groups.agg(lambda v: v.mean(skipna=False)).reset_index()

    def best(self) -> pd.Series:
        """The trial with the largest mean held-out accuracy, the first of equals."""
        means = self.means()
        return means.loc[means.held_out_accuracy.idxmax()]

    def best_values(self) -> dict[str, float]:
        """What the best trial sets, ready for a Recipe."""
        best = self.best()
        return {name: float(best[name]) for name in self.search.space}


def load_found(search: Search, store: Store) -> Found | None:
    """What is stored of the search; None if nothing is, or only a damaged file."""
    try:
        trials, meta = read_frame(search.path(store), COLUMNS)
    except (FileNotFoundError, RecordError):
        return None
    return Found(search, trials, meta["provenance"])


def tune(search: Search, trials: int, store: Store | None = None, device="auto",
         progress=False) -> Found:
    """Go on with the search until it has `trials` trials; stored after every one."""
    store = store or Store()
    found = load_found(search, store)
    done = 0 if found is None else found.trials.trial.nunique()
    if done >= trials:
        return found
    from topdown_book.store.running import choose_device

    with store.lock(search.base, f"tune-{search.key}"):
        return _continue(search, trials, store, choose_device(device), progress)


def _continue(search: Search, trials: int, store: Store, device, progress: bool) -> Found:
    from topdown.data import load

    found = load_found(search, store)
    rows = [] if found is None else [own for _, own in found.trials.groupby("trial")]
    done, base = len(rows), search.base
    data = load(base.dataset, device=device, n_train=base.n_train, held_out=base.held_out)
    source = provenance.collect(device, data)
    with bar(trials - done, progress) as shown:
        for number in range(done, trials):
            words = f"tune {base.label()}, trial {number + 1} of {trials}: "
            shown.set_description_str(words, refresh=False)
            rows.append(_run_trial(search, number, _propose(search, rows), data, device))
            found = Found(search, pd.concat(rows, ignore_index=True), source)
            _store(found, store)
            shown.update()
    return found


def _store(found: Found, store: Store) -> None:
    search = found.search
    meta = {"format": FORMAT, "base": search.base.to_dict(), "tuning_seeds": search.tuning_seeds(),
            "space": {name: asdict(range_) for name, range_ in search.space.items()},
            "provenance": found.provenance}
    write_frame(search.path(store), found.trials.astype(COLUMNS), meta)


def _run_trial(search: Search, number: int, values: dict, data, device) -> pd.DataFrame:
    """The accuracy on the held-out examples at the end of training, for every tuning seed."""
    from topdown.training.loop import ALIVE, train
    from topdown_book.store.running import thread_count

    recipe, started = replace(search.base, **values), time.perf_counter()
    with thread_count(recipe):
        run = train(recipe, search.tuning_seeds(), device, data, progress=False)
    seconds = time.perf_counter() - started
    accuracy = run.curves["test_accuracy"][-1].tolist()  # of `data`, whose test set is held out
    return pd.DataFrame({
        "trial": number, "seed": run.seeds, **{name: values.get(name, math.nan) for name in VALUES},
        "held_out_accuracy": [a if s == ALIVE else math.nan for a, s in zip(accuracy, run.status)],
        "status": run.status, "seconds": round(seconds / len(run.seeds), 3)}).astype(COLUMNS)


# --- Optuna -------------------------------------------------------------------------------------


def _optuna():
    """Optuna, without the word of its progress bar that a notebook lacks widgets."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import optuna
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _propose(search: Search, before: list[pd.DataFrame]) -> dict[str, float]:
    """The values of the next trial, three digits each: a function of the trials before it."""
    optuna = _optuna()
    seed = int(search.key, 16) % 2**31 + len(before)
    sampler = optuna.samplers.TPESampler(n_startup_trials=STARTUP_TRIALS, seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.add_trials([_as_trial(search, rows) for rows in before])
    proposed = study.ask(_distributions(search)).params
    return {name: min(max(float(f"{value:.3g}"), search.space[name].low), search.space[name].high)
            for name, value in proposed.items()}


def _as_trial(search: Search, rows: pd.DataFrame):
    """The trial in Optuna's form; 0 % where a seed diverged, so that such places are avoided."""
    mean = rows.held_out_accuracy.mean(skipna=False)
    return _optuna().trial.create_trial(
        params={name: float(rows[name].iloc[0]) for name in search.space},
        distributions=_distributions(search), value=0.0 if math.isnan(mean) else mean)


def _distributions(search: Search) -> dict:
    float_ = _optuna().distributions.FloatDistribution
    return {name: float_(r.low, r.high, log=r.log) for name, r in search.space.items()}
