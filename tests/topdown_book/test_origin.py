"""Where numbers come from, in words: seeds, versions, failures; the published sizes."""

import dataclasses

import numpy as np
import pandas as pd

from topdown_book.figures import Results, get
from topdown_book.page import origin
from topdown_book.store.records import Record, Store

FIGURE = get("anchors")
ENTRY = dict(commit="0123456789abcdef", clean=True, device="a device", packages={"torch": "9.9"},
             started="2026-01-02T03:04:05", seconds=60.0, trained_together=2, status="ok")


def record(recipe, values: dict[int, float], **changes) -> Record:
    curves = pd.DataFrame([dict(seed=seed, epoch=recipe.epochs, metric="test_accuracy", value=v)
                           for seed, v in values.items()])
    return Record(recipe, curves, {seed: {**ENTRY, **changes} for seed in values})


def published_recipes():
    return [case.recipe for case in FIGURE.cases(FIGURE.profiles["paper"])]


def test_the_line_counts_runs_and_shares_the_time_of_seeds_trained_together():
    found = record(published_recipes()[0], {0: 1.0, 1: 2.0})
    text = origin.describe(Results({"seeds": 2}, found.curves.assign(key="a"), [found]))
    assert "2 runs of 1 recipe, 2 seeds each" in text and "in 60 s" in text
    assert "torch 9.9" in text and "commit 012345678" in text and "failed" not in text


def test_failed_runs_and_changed_code_are_named():
    found = record(published_recipes()[0], {0: 1.0}, status="diverged", clean=False)
    results = Results({"seeds": 1}, found.curves.assign(key="a"), [found])
    text = origin.describe(results)
    assert "1 failed: diverged" in text and "012345678 (changed)" in text
    assert origin.failed_runs(results) == ["diverged"]


def test_no_records_no_runs():
    assert "neither records nor data" in origin.describe(Results({"seeds": 3}, None, []))
    assert origin.failed_runs(None) == []


def test_an_empty_store_says_nothing_of_published_sizes(tmp_path):
    assert origin.published(FIGURE, Store(tmp_path)) == ""


def test_published_sizes_are_counted_with_their_seeds(tmp_path):
    store, recipe = Store(tmp_path), published_recipes()[0]
    values = {0: 52.0, 3: 53.0}
    store.add(record(recipe, values))
    text = origin.published(FIGURE, store)
    spread = np.std(list(values.values()), ddof=1)
    assert f"52.50 ± {spread:.2f} (2 seeds, {recipe.epochs} epochs)" in text


def test_what_is_missing_is_named_with_the_hours_of_one_seed_and_of_all(tmp_path):
    store, recipes = Store(tmp_path), list(dict.fromkeys(published_recipes()))
    for recipe in recipes[:-1]:
        store.add(record(recipe, {0: 1.0, 1: 1.0}))
    settings = FIGURE.profiles["paper"]
    text = origin.missing(FIGURE, settings, store)
    assert text.startswith("Not yet trained: ICML 2022 code, mnist, lr 0.1")
    more = 8 * len(recipes[:-1]) + settings["seeds"] - 1
    assert f"{more} more seeds would make {settings['seeds']} of each" in text
    store.add(record(recipes[-1], {0: 1.0}))
    assert origin.missing(FIGURE, settings, store).startswith(f"{more} more seeds would make")


def test_nothing_is_missing_of_what_has_all_its_seeds(tmp_path):
    store, settings = Store(tmp_path), {**FIGURE.profiles["paper"], "seeds": 1}
    for recipe in published_recipes():
        store.add(record(recipe, {0: 1.0}))
    assert origin.missing(FIGURE, settings, store) == ""


def test_a_smaller_run_is_none_of_the_published_ones(tmp_path):
    store = Store(tmp_path)
    store.add(record(dataclasses.replace(published_recipes()[0], epochs=90), {0: 50.0}))
    assert origin.published(FIGURE, store) == ""
