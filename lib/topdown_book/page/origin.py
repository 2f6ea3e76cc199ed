"""Where the numbers of a figure come from, in words."""

from __future__ import annotations

import html
from collections import Counter

from topdown.data import is_here
from topdown_book.figures import PROFILES, Case, Experiment, Results
from topdown_book.store.costs import REFERENCE
from topdown_book.store.records import Record, Store

PUBLISHED = "paper"


def describe(results: Results) -> str:
    """What trained the records: seeds, versions, devices, seconds, failures; as HTML."""
    entries = _entries(results)
    if not entries:
        return "no runs: neither records nor data are here"
    commits = Counter((e["commit"] or "unknown")[:9] + ("" if e["clean"] else " (changed)")
                      for e in entries)
    devices = " and ".join(sorted({e["device"] for e in entries}))
    versions = ", ".join(sorted({e["packages"]["torch"] for e in entries}))
    failed = failed_runs(results)
    dates = sorted(e["started"][:10] for e in entries)
    recipes = f"{len(results.records)} recipe{'s' * (len(results.records) != 1)}"
    text = (f"{len(entries)} runs of {recipes}, "
            f"{results.seeds_in_words()} each, trained {_between(dates)} in "
            f"{_hours(_seconds(entries))} on {html.escape(devices)}, "
            f"torch {versions}, commit {', '.join(commits)}")
    return text + (f"; <b>{len(failed)} failed: {', '.join(sorted(set(failed)))}</b>"
                   if failed else "")


def why(experiment: Experiment, settings: dict, given: dict) -> str:
    """Which profile and data a figure has, and why: it was asked for, or nothing larger is there.

    given: the parameters as the notebook has them.
    """
    profile = settings["profile"]
    line = f"Profile {profile}, on {' and '.join(_data_sets(experiment, dict(settings)))}"
    if given.get("profile") not in (None, "auto"):
        return f"{line}, as asked."
    _, smallest, larger, _ = PROFILES
    if profile != smallest:
        return f"{line}: the largest whose runs are recorded with these values."
    chosen = {k: v for k, v in given.items() if v is not None} | {"profile": larger}
    wanted = _data_sets(experiment, {**experiment.profiles[larger], **chosen})
    fetch = "; ".join(f"topdown data fetch {name}" for name in wanted if not is_here(name))
    absent = f", whose data are not all here ({fetch})" if fetch else ""
    return (f"{line}, since no larger profile is recorded with these values; -p profile {larger} "
            f"trains it on {' and '.join(wanted)}{absent}.")


def _data_sets(experiment: Experiment, settings: dict) -> list[str]:
    return sorted({case.recipe.dataset for case in experiment.cases(settings)})


def failed_runs(results: Results | None) -> list[str]:
    """The status of every run behind the figure that did not end well."""
    return [e["status"] for e in _entries(results) if e["status"] != "ok"]


def _entries(results: Results | None) -> list[dict]:
    if results is None:
        return []
    return [entry for record in results.records for entry in record.provenance.values()]


def _seconds(entries) -> float:
    return sum(e["seconds"] / e["trained_together"] for e in entries)


def _between(dates) -> str:
    return dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"


def _hours(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def published(experiment: Experiment, store: Store) -> str:
    """What the store holds of the published profile, case by case; empty if nothing.

    Mean and standard deviation over the seeds that are there, of the figure's first metric at the
    last epoch; then what is missing.
    """
    settings = {**experiment.profiles[PUBLISHED], "profile": PUBLISHED}
    found = [(case, record) for case in experiment.cases(settings)
             if (record := store.load(case.recipe)) is not None]
    if not found:
        return ""
    listed = "; ".join(_case_line(case, record, experiment.metrics[0]) for case, record in found)
    return f"At the published sizes: {listed}. {missing(experiment, settings, store)}".strip()


def missing(experiment: Experiment, settings: dict, store: Store) -> str:
    """What the figure lacks to be whole, and the hours that it takes; empty if nothing."""
    lacking, search = experiment.lacking(settings, store), experiment.pending({**settings}, store)
    if not lacking:
        return search
    seeds = settings["seeds"]
    absent = [case for case, own in lacking if len(own) == seeds]
    named = "; ".join(_labels(case) for case in absent[:_MOST])
    more = f" and {len(absent) - _MOST} more" if len(absent) > _MOST else ""
    first = (f"Not yet trained: {named}{more}, "
             f"{_cost([(case, [0]) for case in absent])} for one seed of each. " if absent else "")
    rest = [(case, own[1:] if case in absent else own) for case, own in lacking]
    return first + (f"{sum(len(own) for _, own in rest)} more seeds would make {seeds} of each, "
                    f"{_cost(rest)}.") + (f" Besides, {search}." if search else "")


_MOST = 8
"""Cases that are named one by one."""


def _cost(runs) -> str:
    seconds = sum(len(seeds) * REFERENCE.seconds(case.recipe) for case, seeds in runs)
    return f"{_hours(seconds)} on one processor core"


def seeds_of_each(experiment: Experiment, settings: dict) -> str:
    """Which cases have how many seeds, where not all have as many; one seed has no interval."""
    counts: dict[int, list[str]] = {}
    for case, seeds in experiment.shown(settings):
        counts.setdefault(len(seeds), []).append(_labels(case))
    if len(counts) == 1 and 1 not in counts:
        return ""
    return "; ".join(
        f"{'One seed, so no interval' if n == 1 else f'{n} seeds'}: "
        f"{'all' if len(counts) == 1 else ' / '.join(names)}" for n, names in sorted(counts.items())
    ) + "."


def _labels(case: Case) -> str:
    return ", ".join(str(v) if isinstance(v, str) else f"{k} {v:g}"
                     for k, v in case.labels.items() if v is not None)


def _case_line(case: Case, record: Record, metric: str) -> str:
    last = record.at(metric, record.recipe.epochs)
    spread = f" ± {last.std():.2f}" if len(last) > 1 else ""
    seeds = "1 seed" if len(last) == 1 else f"{len(last)} seeds"
    return f"{_labels(case)}: {last.mean():.2f}{spread} ({seeds}, {record.recipe.epochs} epochs)"
