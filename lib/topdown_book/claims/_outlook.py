"""What the verdicts add up to, and what would decide those that are open: seeds, rates, hours."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from topdown.recipes import Recipe
from topdown_book.claims._scoring import (
    KINDS,
    NOT_RUN,
    RATE_OPEN,
    SMALLER,
    UNDECIDED,
    Comparison,
    Score,
    compare,
)
from topdown_book.claims._statistics import Estimate
from topdown_book.figures._rates import around
from topdown_book.store.costs import REFERENCE
from topdown_book.store.facts import Fact
from topdown_book.store.records import Store

FIRST, MOST = 2, 50
"""Seeds that show a spread at all; more than MOST are not asked for."""


def count(scores: list[Score]) -> dict[str, int]:
    """How many facts are of each kind, in the order of `KINDS`; kinds without any left out."""
    counts = {kind: sum(scored.kind == kind for scored in scores) for kind in KINDS}
    return {kind: number for kind, number in counts.items() if number}


def count_in_words(scores: list[Score]) -> str:
    """ "19 facts: 5 reproduced, 1 not reproduced, 13 smaller than published" """
    listed = ", ".join(f"{number} {kind}" for kind, number in count(scores).items())
    return f"{len(scores)} fact{'s' * (len(scores) != 1)}: {listed}"


@dataclass(frozen=True)
class Needs:
    """What would probably decide a fact: so many seeds of each recipe, and the hours they take.

    seeds None: no number of seeds up to MOST would, at the spread and the mean seen so far.
    """

    score: Score
    seeds: int | None
    missing: tuple[tuple[Recipe, int], ...]

    @property
    def hours(self) -> float:
        return sum(REFERENCE.seconds(recipe) for recipe, _ in self.missing) / 3600

    def words(self) -> str:
        """ "3 more seeds would probably decide it: 1.2 h on one processor core" """
        kind, cost = self.score.kind, f"{in_hours(self.hours)} on one processor core"
        if kind == RATE_OPEN:
            return f"{len(self.missing)} runs on held-out data would look for its rate: {cost}"
        if self.seeds is None:
            return "at the spread seen, more seeds alone would not decide it"
        if kind in (NOT_RUN, SMALLER):
            return f"{len(self.missing)} runs of the published size would show it: {cost}"
        more = self.seeds - self.score.n
        what = "would probably decide it" if self.score.n >= FIRST else "would show its spread"
        return f"{more} more seed{'s' * (more != 1)} {what}: {cost}"


def in_hours(hours: float) -> str:
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.1f} h"


def needs(scored: Score, store: Store) -> Needs | None:
    """What an open fact needs; None for one that is decided, or that needs no records."""
    if scored.kind not in (UNDECIDED, RATE_OPEN, SMALLER, NOT_RUN) or not scored.recipes:
        return None
    if scored.kind == RATE_OPEN:
        recipes, seeds = [c for r in scored.open_rates for c in around(r)], 1
    else:
        recipes = scored.recipes
        seeds = seeds_to_decide(scored.fact, scored.comparisons) if (
            scored.kind == UNDECIDED) else FIRST
    missing = tuple((recipe, seed) for recipe in dict.fromkeys(recipes)
                    for seed in store.missing(recipe, range(seeds or 0)))
    return Needs(scored, seeds, missing)


def outlook(scores: list[Score], store: Store | None = None) -> list[str]:
    """What would decide each fact that has runs of the published size, the cheapest first."""
    found = [needs(scored, store or Store()) for scored in scores
             if scored.kind in (UNDECIDED, RATE_OPEN)]
    return [f"{one.score.fact.where}, {one.score.fact.what}: {one.words()}"
            for one in sorted(filter(None, found), key=lambda one: (one.seeds is None, one.hours))]


def seeds_to_decide(fact: Fact, comparisons: list[Comparison]) -> int | None:
    """The least number of seeds with which the t tests decide, if mean and spread stay as seen.

    With fewer than two seeds there is no spread: then FIRST, which show one.
    """
    now = min(c.difference.n for c in comparisons)
    if now < FIRST:
        return FIRST
    for n in range(now + 1, MOST + 1):
        states = {compare(fact, "", _with(c.ours, n), _with(_paired(fact, c), n)).state
                  for c in comparisons}
        if states == {"holds"} or "fails" in states:
            return n
    return None


def _paired(fact: Fact, comparison: Comparison) -> Estimate | None:
    """The differences seed by seed of which `comparison.difference` is the distance to the bound.

    `compare` takes the bound off again.
    """
    if fact.minus is None:
        return None
    shift = fact.bound if fact.relation in ("above", "below") else 0.0
    return replace(comparison.difference, mean=comparison.difference.mean + shift)


def _with(estimate: Estimate | None, n: int) -> Estimate | None:
    """The estimate as it would be of n values with the same mean and spread."""
    if estimate is None:
        return None
    return replace(estimate, n=n, error=estimate.sd / math.sqrt(n), freedom=n - 1)
