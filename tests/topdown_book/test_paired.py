"""Paired differences and their intervals; the choices of the errata's third row."""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from topdown.recipes import Recipe
from topdown_book.figures._paired import differences, half_width, intervals
from topdown_book.figures.errata_measured import (
    CHOICE,
    PUBLISHED,
    RATES,
    RELEASED,
    _choices,
    errata,
)


def test_half_width_is_that_of_the_one_sample_t_interval():
    values = np.random.default_rng(0).normal(1, 2, 7)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert half_width(values) == pytest.approx((high - low) / 2)
    assert math.isnan(half_width([1.0]))


def test_the_interval_covers_the_mean_95_times_in_100():
    draws = np.random.default_rng(1).normal(0, 1, (4000, 3))
    covered = [abs(row.mean()) <= half_width(row) for row in draws]
    assert np.mean(covered) == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / 4000) ** 0.5)


def rows(**sides):
    return pd.concat([pd.DataFrame({"change": "c", "side": side, "seed": range(len(values)),
                                    "value": values}) for side, values in sides.items()])


def test_differences_are_paired_by_seed_whatever_the_order_of_the_rows():
    mixed = rows(released=[3.0, 5.0, 9.0], published=[1.0, 2.0, 3.0]).sample(frac=1, random_state=0)
    found = differences(mixed, ["change"], "side", "released", "published").sort_values("seed")
    assert found.value.tolist() == [2.0, 3.0, 6.0]
    assert intervals(found, ["change"])["mean"].tolist() == pytest.approx([11 / 3])


def test_a_common_shift_of_a_seed_leaves_no_trace():
    shift = np.array([10.0, -20.0, 30.0])
    one = differences(rows(a=[1.0, 2.0, 3.0], b=[0.0, 0.5, 1.0]), ["change"], "side", "a", "b")
    two = differences(rows(a=[1, 2, 3] + shift, b=[0, 0.5, 1] + shift), ["change"], "side", "a",
                      "b")
    assert one.value.tolist() == two.value.tolist()


def row_3(tested, held_out):
    """Accuracies (seed x rate) as the errata experiment labels them."""
    made = [dict(row=3, change="c", side=side, seed=seed, rate=rate, value=value)
            for side, table in ((RELEASED, tested), (PUBLISHED, held_out))
            for seed, line in enumerate(table) for rate, value in zip(RATES, line)]
    return pd.DataFrame(made)


def test_choosing_on_the_test_set_gains_nothing_where_both_sets_agree():
    tested = [[90.0, 95.0, 93.0], [91.0, 92.0, 96.0]]
    assert _choices(row_3(tested, tested)).value.tolist() == [0.0, 0.0]


def test_choosing_on_the_test_set_gains_the_difference_where_they_do_not():
    tested, held_out = [[90.0, 95.0, 93.0]], [[90.0, 80.0, 99.0]]
    assert _choices(row_3(tested, held_out)).value.tolist() == [2.0]


@pytest.mark.parametrize("entry", errata("cifar10"), ids=lambda e: f"{e.row} {e.name}")
def test_every_erratum_is_a_possible_recipe_that_differs_from_its_base(entry):
    hidden = (8,) * entry.depth
    base = Recipe(hidden=hidden, **entry.base)
    changed = entry.released(base)
    differing = {f for f, value in changed.to_dict().items() if value != base.to_dict()[f]}
    assert differing and differing <= (set(entry.change) or {"epochs", "decay_epochs"})


def test_the_page_of_errata_and_the_measurements_name_the_same_rows_and_options():
    page = (Path(__file__).parents[2] / "book" / "errata.md").read_text()
    told = {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.*)$", page, re.M)}
    assert sorted(told) == list(range(1, max(told) + 1))
    measured = {number for number, row in told.items()
                if re.search(r"\[measured\]\(errata_measured.ipynb\)", row, re.I)}
    entries = errata("cifar10")
    assert measured == {entry.row for entry in entries} | {CHOICE}
    for entry in entries:
        options = {*entry.change} - {"dropout", "lr"}  # beside the departure, and named in words
        for name in options:
            assert re.search(rf"`[^`]*{entry.change[name]}[^`]*`" if name == "rule" else
                             rf"`{name}\b", told[entry.row]), (entry.row, name)
