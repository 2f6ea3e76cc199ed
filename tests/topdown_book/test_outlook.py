"""What would decide an open fact, and how the facts are counted."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from test_paper import PEPITA, no_theory, put, verdict  # noqa: F401

from topdown.recipes import Recipe
from topdown_book import claims
from topdown_book.claims._outlook import MOST, seeds_to_decide
from topdown_book.claims._scoring import (
    KINDS,
    NOT_REPRODUCED,
    RATE_OPEN,
    REPRODUCED,
    SMALLER,
    UNDECIDED,
)
from topdown_book.figures._rates import around, held_out
from topdown_book.store.records import Store

RATES = around(PEPITA)


def spread(mean: float, sd: float, n: int) -> np.ndarray:
    """n values with exactly this mean and standard deviation."""
    values = np.arange(n) - (n - 1) / 2
    return mean + sd * values / values.std(ddof=1)


def by_hand(mean: float, sd: float, margin: float, alpha: float = 0.05) -> int:
    """The least n at which the two one-sided t tests of |mean| < margin pass."""
    for n in range(2, MOST + 1):
        reach = scipy.stats.t.ppf(1 - alpha, n - 1) * sd / n**0.5
        if mean + reach < margin and mean - reach > -margin:
            return n
    raise AssertionError


@pytest.mark.parametrize(("distance", "sd"), [(0.0, 1.5), (0.5, 0.8), (-0.6, 0.5)])
def test_the_seeds_that_would_decide_are_those_of_the_t_interval_at_the_spread_seen(distance, sd):
    put(PEPITA, spread(95.07 + distance, sd, 3))
    found = verdict("s1-mnist-3")
    expected = by_hand(distance, sd, found.fact.margin)
    assert found.kind == UNDECIDED and expected > 3
    assert claims.needs(found, Store()).seeds == expected


def test_so_many_seeds_of_that_mean_and_spread_do_decide_and_one_fewer_does_not():
    put(PEPITA, spread(95.07 + 0.4, 1.0, 3))
    found = verdict("s1-mnist-3")
    seeds = seeds_to_decide(found.fact, found.comparisons)
    for n, kind in ((seeds - 1, UNDECIDED), (seeds, REPRODUCED)):
        put(PEPITA, spread(95.07 + 0.4, 1.0, n))
        assert verdict("s1-mnist-3").kind == kind


def test_a_single_published_run_may_leave_a_matter_undecided_however_many_seeds_there_are():
    """Its own spread, taken to be ours, stays in the difference's interval."""
    ancestor = next(of.recipe for _, of, _ in claims.references(next(
        f for f in claims.paper().facts if f.id == "icml-cifar10-final")))
    put(ancestor, spread(52.58, 1.5, 3))
    open_ = claims.needs(verdict("icml-cifar10-final"), Store())
    assert open_.seeds is None and "more seeds alone would not decide" in open_.words()


def test_one_seed_needs_a_second_to_show_a_spread_and_hours_are_those_of_the_runs():
    put(PEPITA, [95.1])
    open_ = claims.needs(verdict("s1-mnist-3"), Store())
    assert open_.seeds == 2 and open_.missing == ((PEPITA, 1),)
    assert open_.words().startswith("1 more seed would show its spread: ")
    twice = replace(open_, missing=2 * open_.missing)
    assert twice.hours == pytest.approx(2 * open_.hours) and open_.hours > 0


def test_a_difference_counts_the_seeds_that_both_sides_lack():
    by_depth = [replace(PEPITA, hidden=(1024,) * depth) for depth in (1, 2, 3)]
    for recipe in by_depth:
        put(recipe, [90.0])
    found = verdict("heb-mnist")
    missing = claims.needs(found, Store()).missing
    hebbian = [replace(recipe, rule="pepita-hebbian") for recipe in by_depth]
    assert sorted(missing, key=str) == sorted(
        [(r, 1) for r in by_depth] + [(r, seed) for r in hebbian for seed in (0, 1)], key=str)


def test_a_claim_that_fails_is_not_called_so_before_its_rate_has_been_looked_for():
    put(PEPITA, spread(93.0, 0.1, 4))
    for tried in range(len(RATES)):
        found = verdict("s1-mnist-3")
        assert (found.kind, found.verdict) == (RATE_OPEN, "not comparable")
        assert len(claims.needs(found, Store()).missing) == len(RATES) - tried
        put(RATES[tried], [90.0])
    assert verdict("s1-mnist-3").kind == NOT_REPRODUCED


@pytest.mark.parametrize("change", [dict(held_out=0), dict(hidden=(256,) * 3), dict(epochs=5),
                                    dict(dataset="digits")])
def test_rates_tried_on_the_test_set_or_at_another_size_do_not_count(change):
    put(PEPITA, spread(93.0, 0.1, 4))
    for recipe in RATES:
        if replace(recipe, **change) != PEPITA:
            put(replace(recipe, **change), [90.0])
    assert verdict("s1-mnist-3").kind == RATE_OPEN


def test_rates_tried_at_one_depth_count_for_the_others():
    shallow = replace(PEPITA, hidden=(1024,))
    for recipe in around(shallow):
        put(recipe, [90.0])
    put(PEPITA, spread(93.0, 0.1, 4))
    assert verdict("s1-mnist-3").kind == NOT_REPRODUCED


@pytest.mark.parametrize(("rates", "kind"), [
    ((0.003, 0.01, 0.03, 0.1), NOT_REPRODUCED),  # those of BP in the ICML table
    ((0.003, 0.01), RATE_OPEN), ((0.003, 0.03, 0.1), RATE_OPEN)])
def test_any_three_rates_count_if_the_one_that_fails_is_among_them(rates, kind):
    put(PEPITA, spread(93.0, 0.1, 4))
    for recipe in held_out(PEPITA, rates):
        put(recipe, [90.0])
    assert PEPITA.lr == 0.01 and verdict("s1-mnist-3").kind == kind


def test_records_of_rules_that_have_no_such_depth_do_not_disturb_the_search_for_a_rate():
    put(PEPITA, spread(93.0, 0.1, 4))
    put(replace(PEPITA, rule="afa", hidden=(1024,), held_out=5000), [90.0])
    assert len(PEPITA.hidden) == 3 and verdict("s1-mnist-3").kind == RATE_OPEN


def test_a_candidate_holds_training_examples_out_and_the_published_rate_is_one():
    assert all(r.held_out > 0 for r in RATES)
    assert Recipe().lr in {r.lr for r in around(Recipe())}
    assert len({r.lr for r in RATES}) == len(RATES) >= 3


def test_the_count_is_over_every_fact_once_and_in_the_order_of_the_kinds():
    put(PEPITA, [95.0, 95.2, 95.1, 94.9])
    put(replace(PEPITA, hidden=(256,), epochs=5, decay_epochs=(3, 4)), [95.0])
    scores = claims.score()
    counts = claims.count(scores)
    assert sum(counts.values()) == len(scores) == len(claims.paper().facts)
    assert list(counts) == [kind for kind in KINDS if kind in counts]
    assert counts[REPRODUCED] >= 1
    assert claims.count_in_words(scores).startswith(f"{len(scores)} facts: ")


def test_the_terminal_s_report_begins_with_the_count_and_says_what_would_decide():
    put(PEPITA, [95.1])
    scores = claims.score(figure="tabs1")
    text = claims.to_text(scores)
    assert text.splitlines()[0] == claims.count_in_words(scores)
    assert "1 more seed would show its spread" in text


def test_scores_for_machines_are_a_list_with_id_verdict_seeds_and_sizes():
    put(PEPITA, [95.0, 95.2])
    entries = claims.to_json(claims.score(figure="tabs1"))
    entry = next(e for e in entries if e["id"] == "s1-mnist-3")
    assert isinstance(entries, list) and entry["n"] == 2 and "1024 units" in entry["sizes"]
    assert all(e["verdict"] in claims.VERDICTS for e in entries)
    assert {e["n"] for e in entries if e["verdict"] == "not yet run"} <= {0}


def test_a_smaller_record_is_counted_as_smaller_than_published():
    put(replace(PEPITA, hidden=(256,) * 3, epochs=5, decay_epochs=(3, 4)), [95.0, 95.1])
    assert verdict("s1-mnist-3").kind == SMALLER
