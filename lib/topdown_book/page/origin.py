"""Where the numbers of a figure come from, in words."""

from __future__ import annotations

import html
from collections import Counter

from topdown_book.figures import Case, Experiment, Results
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
    text = (f"{len(entries)} runs of {len(results.records)} recipes, "
            f"{results.seeds_in_words()} each, trained {_between(dates)} in "
            f"{_hours(_seconds(entries))} on {html.escape(devices)}, "
            f"torch {versions}, commit {', '.join(commits)}")
    return text + (f"; <b>{len(failed)} failed: {', '.join(sorted(set(failed)))}</b>"
                   if failed else "")


def failed_runs(results: Results | None) -> list[str]:
    """The status of every run behind the figure that did not end well."""
    return [e["status"] for e in _entries(results) if e["status"] != "ok"]


def _entries(results: Results | None) -> list[dict]:
    if results is None:
        return []
    return [record.provenance[seed] for record in results.records for seed in record.seeds]


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
    last epoch.
    """
    settings = {**experiment.profiles[PUBLISHED], "profile": PUBLISHED}
    cases = experiment.cases(settings)
    found = [(case, record) for case in cases if (record := store.load(case.recipe)) is not None]
    if not found:
        return ""
    listed = "; ".join(_case_line(case, record, experiment.metrics[0]) for case, record in found)
    drawn = _without_training([record for _, record in found]) if len(found) == len(cases) else ""
    return (f"At the published sizes {len(found)} of {len(cases)} recipes have been trained, the "
            f"seeds as said: {listed}.{drawn}")


def _without_training(records: list[Record]) -> str:
    """The parameters that draw the figure from these records; empty if they share no seed."""
    shared = 0
    while all(shared in record.provenance for record in records):
        shared += 1
    return f" -p profile {PUBLISHED} -p seeds {shared} draws them without training." * bool(shared)


def _case_line(case: Case, record: Record, metric: str) -> str:
    rows = record.curves
    last = rows[(rows.metric == metric) & (rows.epoch == record.recipe.epochs)].value
    spread = f" ± {last.std():.2f}" if len(last) > 1 else ""
    seeds = "1 seed" if len(last) == 1 else f"{len(last)} seeds"
    labels = ", ".join(str(v) if isinstance(v, str) else f"{k} {v}" for k, v in case.labels.items())
    return f"{labels}: {last.mean():.2f}{spread} ({seeds}, {record.recipe.epochs} epochs)"
