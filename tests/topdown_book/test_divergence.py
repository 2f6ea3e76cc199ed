"""A diverged network predicts one class: its accuracy is chance level, from record to verdict."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from topdown.recipes import Recipe
from topdown.training import train
from topdown_book import claims
from topdown_book.claims._references import references
from topdown_book.claims._scoring import NOT_REPRODUCED, REPRODUCED
from topdown_book.figures import Case, Experiment, gather
from topdown_book.figures._paired import differences
from topdown_book.figures._rates import around
from topdown_book.figures._tables import means
from topdown_book.figures._words import average, estimate, paired
from topdown_book.store.records import Record, Store, read, write
from topdown_book.store.running import compute

WILD = Recipe(dataset="digits", hidden=(8,), epochs=3, lr=1e30, decay_epochs=())
MEASURES = ("test_accuracy", "train_accuracy", "test_loss", "angle_total")


def old_record(recipe, ends: dict[int, int | None], accuracy=50.0):
    """As records were once written: NaN in every metric from the epoch in `ends` on."""
    rows = [dict(seed=seed, epoch=epoch, metric=metric,
                 value=math.nan if end is not None and epoch >= end else accuracy + seed)
            for seed, end in ends.items() for epoch in range(recipe.epochs + 1)
            for metric in MEASURES]
    status = {seed: {"status": "ok" if end is None else f"diverged in epoch {end}"}
              for seed, end in ends.items()}
    return Record(recipe, pd.DataFrame(rows), status)


def test_weights_that_are_not_finite_predict_one_class():
    """Why chance level: the largest of NaN is the first, so one class gets all the images."""
    output = torch.full((5, 10), math.nan)
    assert (output.argmax(-1) == output.argmax(-1)[0]).all()


def test_a_diverged_run_is_at_chance_level_from_that_epoch_on_and_has_no_other_value():
    run = train(WILD, [0, 1], progress=False)
    assert run.status == ["diverged in epoch 1"] * 2
    assert run.curves["test_accuracy"][0].isfinite().all()
    for metric in ("test_accuracy", "train_accuracy"):
        assert torch.equal(run.curves[metric][1:], torch.full((3, 2), 10.0).double())
    assert run.curves["test_loss"][1:].isnan().all()


def test_a_recorded_curve_ends_at_the_epoch_of_divergence_with_its_status():
    store = Store()
    store.add(compute(WILD, [0]))
    record = store.load(WILD)
    rows = record.curves[record.curves.metric == "test_accuracy"]
    assert rows.epoch.tolist() == [0, 1] and rows.value.iloc[-1] == 10.0
    assert record.provenance[0]["status"] == "diverged in epoch 1" and record.diverged == {0: 1}


@pytest.mark.parametrize(("dataset", "chance"), [("cifar10", 10.0), ("cifar100", 1.0)])
def test_a_record_with_nan_after_divergence_is_read_as_chance_level(dataset, chance, tmp_path):
    recipe = Recipe(dataset=dataset, epochs=6)
    write(tmp_path / "old.parquet", old_record(recipe, {0: 4, 1: None}))
    found = read(tmp_path / "old.parquet")
    assert found.at("test_accuracy", 6).to_dict() == {0: chance, 1: 51.0}
    assert found.at("test_accuracy", 3).to_dict() == {0: 50.0, 1: 51.0}
    assert found.at("angle_total", 6).isna().to_dict() == {0: True, 1: False}
    assert found.curves[found.curves.seed == 0].epoch.max() == 4
    assert found.ended().curves.equals(found.curves)


def gathered(ends, sides=("a",), **options):
    """Results of one recipe for each side, some seeds of which diverge."""
    store, cases = Store(), []
    for number, side in enumerate(sides):
        recipe = Recipe(dataset="mnist", epochs=5, lr=0.01 + number)
        store.add(old_record(recipe, ends[side]))
        cases.append(Case(recipe, dict(variant=side)))
    figure = Experiment("made up", (), {}, lambda settings: cases)
    return gather(figure, dict(seeds=len(ends[sides[0]])), store)


def test_the_last_value_of_a_seed_that_diverged_is_chance_and_its_curve_stops():
    results = gathered({"a": {0: 2, 1: None, 2: None}})
    final = results.final().set_index("seed")
    assert final.value.to_dict() == {0: 10.0, 1: 51.0, 2: 52.0}
    assert final.diverged.to_dict() == {0: True, 1: False, 2: False}
    assert np.isnan(results.final("angle_total").set_index("seed").value[0])
    assert results.curves("test_accuracy").groupby("seed").epoch.max().to_dict() == {0: 2, 1: 5,
                                                                                     2: 5}


def test_where_all_seeds_diverged_the_last_value_is_still_chance():
    final = gathered({"a": {0: 2, 1: 4}}).final()
    assert final.value.tolist() == [10.0, 10.0] and final.diverged.all()


def test_means_count_chance_and_say_how_many_seeds_diverged():
    final = gathered({"a": {0: 2, 1: None, 2: None}}).final()
    expected = (10 + 51 + 52) / 3
    own = estimate(final)
    assert own.mean == pytest.approx(expected) and (own.n, own.lost, own.seeds) == (3, 1, 3)
    assert own.words().endswith("(1 of 3 seeds diverged)")
    assert average(final).startswith("37.7 ±") and "1 of 3 seeds diverged" in average(final)
    (row,) = means(final, ["variant"]).to_dict("records")
    assert row["mean"] == pytest.approx(expected) and "1 of 3 seeds diverged" in row["text"]


def test_a_paired_difference_says_it_of_a_seed_that_diverged_on_either_side():
    final = gathered({"a": {0: 2, 1: None, 2: None}, "b": {0: None, 1: 3, 2: None}},
                     ("a", "b")).final()
    found = differences(final.assign(all=0), ["all"], "variant", "a", "b").set_index("seed")
    assert found.value.to_dict() == {0: -40.0, 1: 41.0, 2: 0.0}
    assert found.diverged.to_dict() == {0: True, 1: True, 2: False}
    assert paired(final, "variant", "a", "b").words().endswith("(2 of 3 seeds diverged)")


# --- verdicts -----------------------------------------------------------------------------------


def put(fact, ends, accuracy):
    (_, reference, _), = references(fact)
    Store().add(old_record(reference.recipe, ends, accuracy))


@pytest.mark.parametrize(("bound", "ends", "verdict"), [
    (10.0, {0: 14, 1: 20, 2: 17}, REPRODUCED),
    (95.0, {0: None, 1: None, 2: None, 3: None}, REPRODUCED),
    (95.0, {0: 14, 1: 20, 2: 17}, NOT_REPRODUCED),
])
def test_chance_level_is_reproduced_by_runs_that_diverge(bound, ends, verdict):
    facts = {fact.id: fact for fact in claims.paper().facts}
    fact = replace(facts["s1-mnist-3"], value=bound, bound=bound, margin=5.0,
                   of=dict(dataset="mnist", rule="pepita", hidden_layers=3))
    put(fact, ends, accuracy=94.0)
    recipe = references(fact)[0][1].recipe
    known = [recipe, *around(recipe)]  # the rate has been looked for
    found = claims.score_fact(fact, known, Store())
    assert found.verdict == verdict
    lost = sum(end is not None for end in ends.values())
    assert found.comparisons[0].lost == lost
    assert (f"{lost} seeds diverged" in found.reason) == bool(lost)
