"""The slowness fit: exact on its own curves, honest about those that it cannot fit."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topdown.slowness import fit_slowness, saturating

EPOCHS = np.arange(1, 61)


@pytest.mark.parametrize("s", (0.05, 0.5, 3.0, 20.0))
def test_a_curve_of_known_slowness_is_recovered_when_its_limit_is_known(s):
    fit = fit_slowness(saturating(EPOCHS, s, 50.0), chance=10, best=50.0)
    assert fit.value == pytest.approx(s, rel=1e-4)
    assert fit.misfit == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("s", (0.5, 3.0))
def test_the_best_of_the_curve_gives_the_slowness_as_the_curve_gets_longer(s):
    errors = [s - fit_slowness(saturating(np.arange(1, n), s, 50.0), chance=10, before=61,
                               best_of="whole").value for n in (100, 1000, 10000)]
    assert errors[0] > errors[1] > errors[2] > 0
    assert errors[2] < 0.01 * s


@pytest.mark.parametrize(("options", "slowness"), [
    (dict(), 0.9285), (dict(best_of="whole"), 1.151)])
def test_the_ancestors_printed_curve_has_one_slowness_by_its_notebook_and_another_by_all_of_it(
        options, slowness):
    """The notebook fits the first 60 values, chance level and 59 epochs; that is the default."""
    curve = pd.read_csv(files("topdown_book.store") / "icml_tutorial_curve.csv")
    assert curve.epoch.tolist() == list(range(1, 101))
    fit = fit_slowness(curve.test_accuracy, chance=10, before=60, **options)
    assert fit.value == pytest.approx(slowness, abs=4e-4)


def test_the_limit_is_the_best_of_the_fitted_epochs_or_of_all():
    accuracy = np.where(EPOCHS < 31, saturating(EPOCHS, 3.0, 50.0), 60.0)
    assert fit_slowness(accuracy, 10, before=31).best == accuracy[:30].max()
    assert fit_slowness(accuracy, 10, before=31, best_of="whole").best == 60.0
    with pytest.raises(ValueError, match="unknown best_of 'hole'.*whole"):
        fit_slowness(accuracy, 10, best_of="hole")


def test_at_t_equal_to_slowness_the_curve_is_at_half():
    fit = fit_slowness(saturating(EPOCHS, 4.0, 80.0), chance=1, best=80.0)
    assert fit.curve([fit.value])[0] == pytest.approx(40.0)


@settings(deadline=None)
@given(st.floats(0, 30), st.integers(0, 1000))
def test_chance_level_does_not_move_the_slowness(chance, seed):
    accuracy = saturating(EPOCHS, 3.0, 50.0) + np.random.default_rng(seed).normal(0, 1, 60)
    with_chance, without = (fit_slowness(accuracy, c).value for c in (chance, 0.0))
    assert with_chance == pytest.approx(without, rel=1e-3)


def test_epochs_from_the_decay_on_are_not_used_but_for_the_limit_of_the_whole_curve():
    accuracy = saturating(EPOCHS, 3.0, 50.0)
    bumped = np.where(EPOCHS >= 31, accuracy.max() + 5, accuracy)
    fit, expected = (fit_slowness(a, 10, before=31) for a in (bumped, accuracy))
    assert fit == expected and fit.points == 30
    slower = fit_slowness(bumped, 10, before=31, best_of="whole")
    assert slower.value > expected.value  # further to go


@pytest.mark.parametrize(("accuracy", "before", "problem"), [
    ([20, np.nan, np.nan], None, "diverged"),
    ([10, 10, 10], None, "never above chance"),
    ([30, 40, 50], 2, "fewer than 2"),
    ([], None, "fewer than 2"),
    ([50, 50, 50], None, "from the first epoch on"),
])
def test_a_curve_that_cannot_be_fitted_says_why(accuracy, before, problem):
    fit = fit_slowness(accuracy, chance=10, before=before)
    assert np.isnan(fit.value) and problem in fit.problem
