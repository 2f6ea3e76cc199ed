"""What to train, in which order: what changes a verdict, what completes a figure, more seeds.

Within a class the cheapest comes first: a fact or a figure with all that it lacks, or, of the
seeds, all the second ones before the third. `topdown run` and the pipeline train the same list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import typer

from topdown.data import is_here
from topdown.recipes import Recipe
from topdown_book.store.records import Store
from topdown_book.store.running import Job, seconds_of

CLASSES = ("changes a verdict", "completes a figure or table", "adds seeds")
Pair = tuple[Recipe, int]


@dataclass(frozen=True)
class Task:
    """A job, its class (a place in CLASSES) and for what it is: a fact, a figure, a seed."""

    job: Job
    kind: int
    purpose: str


def tasks(wanted: dict[str, list[tuple[Recipe, list[int]]]], store: Store, device, group: int = 1,
          verdicts: bool = True, beyond: bool = False) -> list[Task]:
    """Everything that is missing of `wanted` (figure -> recipes and seeds), each once, in order.

    group: most seeds in one job. verdicts: whether the facts that are open come first; beyond:
    also with runs that are not of `wanted`, such as the search for a learning rate.
    """
    figures = {name: [(recipe, seed) for recipe, seeds in pairs
                      for seed in store.missing(recipe, seeds)] for name, pairs in wanted.items()}
    missing = {pair for pairs in figures.values() for pair in pairs}
    facts = _open_facts(store) if verdicts and (missing or beyond) else {}
    groups = [(0, fact, [pair for pair in pairs if pair in missing or (
                beyond and is_here(pair[0].dataset))]) for fact, pairs in facts.items()]
    groups += [(1, name, [pair for pair in pairs if pair[1] == 0])
               for name, pairs in figures.items()]
    groups += [(2 + seed, f"seed {seed}", sorted(
                (pair for pair in missing if pair[1] == seed), key=lambda pair: pair[0].key))
               for seed in sorted({seed for _, seed in missing})]
    return _jobs(groups, device, group)


def _jobs(groups, device, most: int) -> list[Task]:
    """The groups in order, the cheaper of a class first; no pair of recipe and seed twice."""
    cost = {recipe: seconds_of(Job(recipe, (0,)), device)
            for _, _, pairs in groups for recipe, _ in pairs}
    done: set[Pair] = set()
    found = []
    for kind, purpose, pairs in sorted(groups, key=lambda g: (g[0], sum(cost[r] for r, _ in g[2]))):
        new: dict[Recipe, list[int]] = {}
        for recipe, seed in sorted(dict.fromkeys(pairs), key=lambda pair: cost[pair[0]]):
            if (recipe, seed) not in done:
                new.setdefault(recipe, []).append(seed)
        done.update(pairs)
        found += [Task(Job(recipe, tuple(seeds[k : k + most])), min(kind, 2), purpose)
                  for recipe, seeds in new.items() for k in range(0, len(seeds), most)]
    return found


def _open_facts(store: Store) -> dict[str, list[Pair]]:
    """What each open fact lacks; nothing, with a word, where the facts cannot be read."""
    try:
        from topdown_book import claims

        scores = claims.score(store)
    except ModuleNotFoundError as error:  # PyYAML, on a machine that only trains
        typer.echo(f"without {error.name}: verdicts do not count in the order")
        return {}
    needed = {scored.fact.id: claims.needs(scored, store) for scored in scores}
    return {fact: list(needs.missing) for fact, needs in needed.items() if needs}


def expected(found: list[Task], device, processes: int, seconds: float | None) -> str:
    """Before: how much there is of each class, and how much of it fits into `seconds`."""
    lines, spent, fits = [], 0.0, Counter()
    for task in found:
        spent += seconds_of(task.job, device) / processes
        fits[task.kind] += len(task.job.seeds) * (seconds is None or spent <= seconds)
    for kind, words in enumerate(CLASSES):
        runs = sum(len(task.job.seeds) for task in found if task.kind == kind)
        if runs:
            purposes = _listed(task.purpose for task in found if task.kind == kind)
            lines.append(f"  {fits[kind]:4d} of {runs:4d} runs: {words} ({purposes})")
    limit = "" if seconds is None else f", {sum(fits.values())} expected in {hours(seconds)}"
    head = (f"{sum(len(t.job.seeds) for t in found)} runs to train, about {hours(spent)} on this "
            f"machine when it has nothing else to do{limit}")
    return "\n".join([head, *lines])


def done(found: list[Task], store: Store, seconds: float) -> str:
    """After: what of it the store holds now, and what is next."""
    left = {task: store.missing(task.job.recipe, task.job.seeds) for task in found}
    runs = sum(len(task.job.seeds) - len(left[task]) for task in found)
    purposes = _listed(task.purpose for task in found if not left[task])
    text = f"{runs} runs trained in {hours(seconds)}" + (f" ({purposes})" if purposes else "")
    following = next((task for task in found if left[task]), None)
    if following is None:
        return text
    return (f"{text}; {sum(map(len, left.values()))} runs are left, next: "
            f"{following.job.recipe.label()} for {following.purpose}. The same command goes on "
            "from the last checkpoints")


def _listed(purposes: Iterable[str], most: int = 6) -> str:
    names = list(dict.fromkeys(purposes))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def hours(seconds: float) -> str:
    """ "40 s", "12 min", "3.1 h" """
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 360_000 else f"{seconds / 3600:.0f} h"
