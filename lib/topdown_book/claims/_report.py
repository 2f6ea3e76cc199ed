"""Scores as a table, as JSON, and as one line at the head of a figure's page."""

from __future__ import annotations

import math
import re

import pandas as pd

from topdown_book.claims._outlook import Needs, count_in_words, needs
from topdown_book.claims._references import NotThere, published_cases, references
from topdown_book.claims._scoring import NOT_COMPARABLE, Comparison, Score
from topdown_book.claims._statistics import Estimate
from topdown_book.store.facts import paper
from topdown_book.store.records import Store

TABLES = {"tab1": "Table 1", "tab2": "Table 2", "tabs1": "Table S1"}
"""Tables whose every cell is a number; those that are not known to us are counted as unknown."""


def table(scores: list[Score], store: Store | None = None) -> pd.DataFrame:
    """One row a fact: the paper's number or claim, ours, the difference, verdict, what is open."""
    return pd.DataFrame([_row(s, needs(s, store or Store())) for s in scores])


def _row(scored: Score, open_: Needs | None) -> dict:
    fact, part = scored.fact, scored.weakest
    label = f" ({part.label})" if part and part.label and len(scored.comparisons) > 1 else ""
    part = None if scored.other_data else part
    return {
        "where": fact.where, "what": fact.what + label, "paper": paper_side(scored),
        "ours": with_interval(part.ours) if part else "–",
        "difference": with_interval(part.difference, signed=True) if part else "–",
        "n": part.ours.n if part else 0, "verdict": scored.verdict, "why": scored.reason,
        "to decide it": open_.words() if open_ else "",
    }


def paper_side(scored: Score) -> str:
    """ "95.07 (margin 1)", "> 50", "|Δ| < 0.15", with Δ for the difference that is claimed """
    fact = scored.fact
    match fact.relation:
        case "equals":
            return f"{fact.bound:g} (margin {fact.margin:g})"
        case "within":
            return f"|Δ| < {fact.margin:g}"
    sign = ">" if fact.relation == "above" else "<"
    return f"{'Δ' if fact.minus else ''} {sign} {fact.bound:g}".strip()


def with_interval(estimate: Estimate, signed: bool = False) -> str:
    """ "46.12 [45.80, 46.44]"; the interval only where there are two values or more."""
    if not estimate.n:
        return "–"
    digits = 3 if abs(estimate.mean) < 0.1 else 2
    low, high = estimate.interval(paper().level)
    form = f"{{:{'+' if signed else ''}.{digits}f}}"
    text = form.format(estimate.mean)
    return text if math.isnan(low) else f"{text} [{form.format(low)}, {form.format(high)}]"


def unknown_cells() -> pd.DataFrame:
    """Per table: how many cells it has at the published sizes, and how many are known to us."""
    known = {of.recipe for fact in paper().facts if fact.relation == "equals"
             for of in _recipes(fact)}
    rows = []
    for name, title in TABLES.items():
        try:
            recipes = {case.recipe for case in published_cases(name)}
        except NotThere:
            continue
        rows.append({"table": title, "cells": len(recipes), "known": len(recipes & known),
                     "unknown": len(recipes - known)})
    return pd.DataFrame(rows, columns=["table", "cells", "known", "unknown"])


def _recipes(fact) -> list:
    if "theory" in fact.of:
        return []
    try:
        return [of for _, of, _ in references(fact)]
    except NotThere:
        return []


def to_json(scores: list[Score], store: Store | None = None) -> list[dict]:
    """One entry a fact, JSON-ready (null where there is no value)."""
    return [_entry(s, needs(s, store or Store())) for s in scores]


def _entry(scored: Score, open_: Needs | None) -> dict:
    fact = scored.fact
    return {
        "id": fact.id, "verdict": scored.verdict, "n": scored.n, "sizes": scored.sizes or None,
        "kind": scored.kind, "reason": scored.reason, "figure": fact.figure, "where": fact.where,
        "what": fact.what, "source": fact.source, "relation": fact.relation, "bound": fact.bound,
        "value": fact.value, "margin": fact.margin, "metric": fact.metric, "unit": fact.unit,
        "alpha": paper().alpha, "level": paper().level, "records": scored.records,
        "comparisons": [_part(c) for c in scored.comparisons],
        "needs": open_ and {"runs": len(open_.missing), "hours": open_.hours,
                            "seeds": open_.seeds, "words": open_.words()},
    }


def _part(part: Comparison) -> dict:
    return {"label": part.label, "state": part.state, "p": _finite(part.p), "lost": part.lost,
            "ours": _numbers(part.ours), "difference": _numbers(part.difference)}


def _numbers(estimate: Estimate) -> dict:
    low, high = estimate.interval(paper().level)
    return {"n": estimate.n, "mean": _finite(estimate.mean), "sd": _finite(estimate.sd),
            "low": _finite(low), "high": _finite(high)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def in_a_line(scores: list[Score]) -> str:
    """The verdicts in words, or, of more than two, their counts."""
    if not scores:
        return "No number or claim of the paper for this is known to us."
    if len(scores) <= 2:
        return "In the paper: " + "; ".join(in_words(s) for s in scores) + "."
    return f"Of the paper's claims, {count_in_words(scores)}."


def in_words(scored: Score) -> str:
    """ "PEPITA, MNIST, 3 hidden layers: 95.07 %, here 95.1 [94.9, 95.3] – reproduced"

    Of a claim about a difference, our difference is given.
    """
    fact, part = scored.fact, scored.weakest
    said = f": {fact.value:g}{fact.unit and ' ' * (fact.unit == '%')}{fact.unit}" if (
        fact.value is not None) else ""
    ours = ""
    if part and part.ours.n and not scored.other_data:
        gap = _claims_a_gap(scored)
        value = with_interval(part.difference if gap else part.ours, signed=gap)
        ours = f", here {'a difference of ' * gap}{value}"
    open_ = scored.verdict == NOT_COMPARABLE
    return f"{fact.what}{said}{ours} – {scored.verdict}" + (f" ({scored.reason})" if open_ else "")


def in_a_sentence(scored: Score) -> str:
    """What a fact that has been judged says, and what we find, without a full stop.

    "PEPITA on MNIST with 3 hidden layers reaches 95.07 % as published; we find 95.10 % [94.90,
    95.30] (10 seeds)"; of several comparisons, the one with the largest p is given and named.
    """
    fact, part = scored.fact, scored.weakest
    claim, measure = re.fullmatch(r"(.*?)(?: \((?:(.*), in percent)\))?", fact.what).groups()
    for pattern, words in _AS_SENTENCES:
        claim = re.sub(pattern, words, claim)
    unit = fact.unit and (" " * (fact.unit == "%") + fact.unit)
    if fact.value is not None:
        claim += f" reaches {fact.value:g}{unit} as published"
    elif scored.verdict == "not reproduced":
        claim = f"it does not hold in our runs that {claim}"
    gap = _claims_a_gap(scored)
    value = with_interval(part.difference if gap else part.ours, signed=gap)
    mean, _, interval = value.partition(" ")
    found = f"{mean}{' points' if gap and fact.unit == '%' else unit} {interval}".strip()
    found = f"{'a difference of ' * gap}{f'a {measure} of ' if measure else ''}{found}"
    seeds = f"{part.ours.n} seed{'s' * (part.ours.n != 1)}"
    several = len(scored.comparisons)
    where = f"in the least certain of {several} comparisons ({part.label}) " if several > 1 else ""
    return f"{claim}; {where}we find {found} ({seeds})"


_AS_SENTENCES = ((r", (?=(Fashion-)?MNIST|CIFAR)", " on "), (r", above", " is above"),
                 (r", (?=\d( to \d)? hidden layer)", " with "), (r"(, epoch \d+.*)", r"\1,"))
"""How the names of facts, which are made for a table, become clauses."""


def _claims_a_gap(scored: Score) -> bool:
    """Whether the claim is on the difference of two of our values, at any size, from zero."""
    fact = scored.fact
    return bool(fact.minus) and (fact.relation == "within" or fact.bound == 0)


def to_text(scores: list[Score], store: Store | None = None) -> str:
    """The counts, then the table for a terminal: three lines a fact, four where it is open."""
    blocks = [count_in_words(scores), ""]
    for scored, row in zip(scores, table(scores, store).to_dict("records")):
        blocks.append(f"{scored.kind.upper()}  {row['where']}: {row['what']}\n"
                      f"{'':6s}paper {row['paper']} · ours {row['ours']} · difference "
                      f"{row['difference']} · {row['n']} seeds\n{'':6s}{row['why']}"
                      + (f"\n{'':6s}{row['to decide it']}" if row["to decide it"] else ""))
    cells = [f"{row['table']}: {row['known']} of {row['cells']} cells of the paper known"
             for row in unknown_cells().to_dict("records")]
    return "\n".join([*blocks, "", *cells])
