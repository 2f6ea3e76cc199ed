"""Verdicts: every fact of the paper against our records, by a stated rule.

A fact has one or several comparisons; each is a one-sided t test at level alpha (two of them where
equality is claimed: equivalence within a stated margin). The verdict is

    reproduced       every comparison passes its test, on records trained as published
    not reproduced   on such records some comparison passes the opposite test, or a seed has no
                     value, and the rule's learning rate has been looked for on held-out data;
                     the accuracy of a seed that diverged is chance level
    not comparable   they leave it undecided (too few seeds, or too close to a margin), that rate
                     is still to be looked for, the nearest records are smaller than published, or
                     too little is known of the paper's network; what there is, is shown
    not yet run      there is no record

`Score.kind` tells the cases of "not comparable" apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from topdown.recipes import Recipe
from topdown_book.claims._evidence import Evidence, find, index
from topdown_book.claims._references import NotThere, references
from topdown_book.claims._statistics import Estimate, difference_from
from topdown_book.claims._theory import CHECKS
from topdown_book.figures._rates import FACTORS
from topdown_book.store.facts import Fact, paper
from topdown_book.store.records import Store

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
NOT_COMPARABLE, NOT_RUN = "not comparable", "not yet run"
VERDICTS = (REPRODUCED, NOT_REPRODUCED, NOT_COMPARABLE, NOT_RUN)
UNDECIDED, RATE_OPEN = "undecided for want of seeds", "learning rate not yet looked for"
SMALLER = "smaller than published"
KINDS = (REPRODUCED, NOT_REPRODUCED, UNDECIDED, RATE_OPEN, SMALLER, NOT_COMPARABLE, NOT_RUN)


@dataclass(frozen=True)
class Comparison:
    """`ours`, and `difference` of it to the other side; p of the claim; state in words.

    state: "holds" (p < alpha), "fails" (the opposite passes its test, or a seed has no value) or
    "undecided". lost: seeds that diverged, on either side.
    """

    label: str
    ours: Estimate
    difference: Estimate
    p: float
    state: str
    lost: int = 0


@dataclass(frozen=True)
class Score:
    """A fact with its verdict and the comparisons behind it.

    kind: one of KINDS. recipes: those at the published sizes that it is about. open_rates: those
    of them that fail at a rate for which no other has been tried on held-out data.
    """

    fact: Fact
    verdict: str
    reason: str
    sizes: str = ""
    comparisons: list[Comparison] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    other_data: bool = False
    kind: str = NOT_RUN
    recipes: tuple[Recipe, ...] = ()
    open_rates: tuple[Recipe, ...] = ()

    @property
    def n(self) -> int:
        """Seeds behind the comparison that has fewest."""
        return min((c.ours.n for c in self.comparisons), default=0)

    @property
    def weakest(self) -> Comparison | None:
        """The comparison with the largest p."""
        known = [c for c in self.comparisons if not math.isnan(c.p)]
        return max(known or self.comparisons, key=lambda c: c.p, default=None)


def score(store: Store | None = None, figure: str | None = None) -> list[Score]:
    """The verdict on every fact, or on those about or compared with one figure or table."""
    store = store or Store()
    known = index(store)
    facts = [f for f in paper().facts if figure in (None, f.figure, f.of.get("table"))]
    return [score_fact(fact, known, store) for fact in facts]


def score_fact(fact: Fact, known: list, store: Store) -> Score:
    """The verdict on one fact; `known` is the store's index."""
    if "theory" in fact.of:
        return _judged(fact, True, CHECKS[fact.of["theory"]].sizes, _theory(fact))
    if fact.incomparable:
        return Score(fact, NOT_COMPARABLE, fact.incomparable, kind=NOT_COMPARABLE)
    try:
        parts = references(fact)
    except NotThere as error:
        return Score(fact, NOT_RUN, str(error))
    wanted = [reference for _, *sides in parts for reference in sides if reference]
    recipes = tuple(dict.fromkeys(reference.recipe for reference in wanted))
    evidence = find(wanted, known, store)
    if evidence is None:
        return Score(fact, NOT_RUN, "no records", recipes=recipes)
    comparisons = _comparisons(fact, parts, evidence)
    failing = [of.recipe for (_, of, _), c in zip(parts, comparisons) if c.state == "fails"]
    names = [str(store.path(r).relative_to(store.root)) for r in evidence.recipes]
    found = replace(
        _judged(fact, evidence.comparable, evidence.sizes.words(), comparisons,
                tuple(recipe for recipe in failing if not rate_was_sought(recipe, known))),
        recipes=recipes, records=list(dict.fromkeys(names)))
    if evidence.sizes.dataset == wanted[0].recipe.dataset:
        return found
    return replace(found, other_data=True, reason=f"only {found.sizes}: other data")


def rate_was_sought(recipe: Recipe, known: list[Recipe]) -> bool:
    """Whether its rate and others, as many as of `around`, were tried on held-out data.

    At this width and whatever depth, all of them at the same.
    """
    tried: dict[tuple, set[float]] = {}
    for other in known:
        if not other.held_out or other.rule != recipe.rule or set(other.hidden) != set(
                recipe.hidden):
            continue  # at another rule's depths there may be no such recipe
        if replace(other, lr=recipe.lr, hidden=recipe.hidden, held_out=0) == recipe:
            tried.setdefault(other.hidden, set()).add(other.lr)
    return any(recipe.lr in rates and len(rates) >= len(FACTORS) for rates in tried.values())


def _theory(fact: Fact) -> list[Comparison]:
    check = CHECKS[fact.of["theory"]]
    return [compare(fact, rule, Estimate.of(check.values(rule)), None) for rule in fact.of["rule"]]


def _comparisons(fact: Fact, parts, evidence: Evidence) -> list[Comparison]:
    sides, comparisons = zip(evidence.values, evidence.diverged), []
    for label, _, minus in parts:
        ours, lost = next(sides)
        other, also = next(sides) if minus else (0, set())
        tested = ours - other
        done = compare(fact, label, Estimate.of(ours), Estimate.of(tested) if minus else None)
        state = "fails" if tested.isna().any() else done.state
        comparisons.append(replace(done, lost=len(lost | also), state=state))
    return comparisons


def compare(fact: Fact, label: str, ours: Estimate, paired: Estimate | None) -> Comparison:
    """Test one comparison; `paired`: the differences, seed by seed, where there is a `minus`."""
    if fact.relation == "equals":
        difference = difference_from(ours, fact.bound, fact.sd, fact.runs)
    else:
        shift = 0.0 if fact.relation == "within" else fact.bound
        difference = difference_from(ours if paired is None else paired, shift)
    match fact.relation:
        case "above":
            p, against = difference.p_above(0), difference.p_below(0)
        case "below":
            p, against = difference.p_below(0), difference.p_above(0)
        case _:
            p = difference.p_within(fact.margin)
            against = min(difference.p_above(fact.margin), difference.p_below(-fact.margin))
    alpha = paper().alpha
    state = "holds" if p < alpha else "fails" if against < alpha else "undecided"
    return Comparison(label, ours, difference, p, state)


def _judged(fact: Fact, comparable: bool, sizes: str, comparisons, open_rates=()) -> Score:
    if not any(c.ours.n or c.lost for c in comparisons):
        return Score(fact, NOT_RUN, f"the records hold no {fact.metric} there", sizes)
    worst = next(s for s in ("fails", "undecided", "holds")
                 if s in {c.state for c in comparisons})
    reason = _REASONS[worst]
    if lost := sum(c.lost for c in comparisons):
        reason += f"; {lost} seed{'s' * (lost > 1)} diverged, whose accuracy is chance level"
    if not comparable:
        kind, reason = SMALLER, f"only {sizes}; there {reason}"
    elif worst == "fails" and open_rates:
        kind = RATE_OPEN
        reason += "; no other learning rate has been tried on held-out data"
    else:
        kind = {"holds": REPRODUCED, "fails": NOT_REPRODUCED}.get(worst, UNDECIDED)
    return Score(fact, verdict_of(kind), reason, sizes, comparisons,
                 kind=kind, open_rates=tuple(open_rates) if kind == RATE_OPEN else ())


def verdict_of(kind: str) -> str:
    """The verdict on a fact of that kind."""
    return kind if kind in VERDICTS else NOT_COMPARABLE


_REASONS = {
    "holds": "the claim passes its test",
    "fails": "the interval contradicts the claim",
    "undecided": "it is undecided: too few seeds, or too close to the margin",
}
