"""Searches: held-out data and seeds of their own, the same trials whether or not interrupted."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from topdown.data import load
from topdown.recipes import Recipe
from topdown_book.figures import get, tabs3
from topdown_book.figures._parameters import COMMON
from topdown_book.store import tuning
from topdown_book.store.records import Store

BASE = Recipe(dataset="digits", hidden=(8,), epochs=1, decay_epochs=(), n_train=200, held_out=100)
SMALL = dict(profile="smoke", dataset="digits", width=8, epochs=1, seeds=2, rules=("BP", "PEPITA"),
             trials=3, tuning_seeds=1, tuning_epochs=1, n_train=200, held_out=100)


def trials_of(search, count, store=None):
    found = tuning.tune(search, count, store or Store())
    return found.trials.drop(columns="seconds")


def test_an_interrupted_search_makes_the_trials_of_an_undisturbed_one(tmp_path):
    search = tuning.Search(BASE)
    whole = trials_of(search, 11, Store(tmp_path / "whole"))
    trials_of(search, 9)  # past the random start, so that TPE proposes the last ones
    assert trials_of(search, 11).equals(whole)


def test_a_trial_that_was_lost_is_run_again_as_it_was(tmp_path):
    search, store = tuning.Search(BASE), Store()
    whole = trials_of(search, 11, Store(tmp_path / "whole"))
    found = tuning.tune(search, 10, store)
    tuning._store(replace(found, trials=found.trials[found.trials.trial < 9]), store)
    assert trials_of(search, 11).equals(whole)


def test_a_killed_trial_is_lost_and_nothing_else(monkeypatch, tmp_path):
    search = tuning.Search(BASE)
    whole = trials_of(search, 4, Store(tmp_path / "whole"))
    run, calls = tuning._run_trial, []

    def killed(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(*arguments)
    monkeypatch.setattr(tuning, "_run_trial", killed)
    with pytest.raises(KeyboardInterrupt):
        trials_of(search, 4)
    assert tuning.load_found(search, Store()).trials.trial.nunique() == 2
    assert trials_of(search, 4).equals(whole)


def test_a_damaged_file_of_trials_is_made_again():
    search, store = tuning.Search(BASE), Store()
    first = trials_of(search, 2)
    content = search.path(store).read_bytes()
    search.path(store).write_bytes(content[: len(content) // 2])
    assert tuning.load_found(search, store) is None
    assert trials_of(search, 2).equals(first)


def test_a_search_never_sees_a_test_image():
    full = load("digits")
    test = {image.numpy().tobytes() for image in full.test_images}
    train = {image.numpy().tobytes() for image in full.train_images}
    part = load("digits", n_train=BASE.n_train, held_out=BASE.held_out)
    judged = {image.numpy().tobytes() for image in part.test_images}
    taught = {image.numpy().tobytes() for image in part.train_images}
    assert len(part.test_images) == 100 and len(part.train_images) == 200
    assert judged <= train and not judged & test and not judged & taught


def test_a_search_without_held_out_examples_is_refused():
    with pytest.raises(ValueError, match="set held_out"):
        tuning.Search(replace(BASE, held_out=0))


def test_seeds_of_tuning_and_evaluation_are_distinct():
    top = next(p.high for p in COMMON if p.name == "seeds")
    assert min(tuning.Search(BASE, seeds=100).tuning_seeds()) >= top
    found = tuning.tune(tuning.Search(BASE, seeds=2), 1)
    assert sorted(found.trials.seed) == [1000, 1001]


@pytest.mark.parametrize("rule", ["bp", "pepita", "pepita-time-local"])
def test_values_stay_in_the_space_and_only_the_pepita_family_has_a_strength_of_f(rule):
    search = tuning.Search(replace(BASE, rule=rule))
    trials = tuning.tune(search, 10).trials
    for name, range_ in search.space.items():
        assert trials[name].between(range_.low, range_.high).all()
    assert trials.feedback_scale.isna().all() == (rule == "bp")


def test_what_is_searched_does_not_name_the_search_and_the_rest_does():
    key = tuning.Search(BASE).key
    assert tuning.Search(replace(BASE, lr=0.5, weight_decay=0.1)).key == key
    assert tuning.Search(replace(BASE, momentum=0.5)).key != key
    assert tuning.Search(BASE, seeds=2).key != key


def test_the_best_is_the_largest_mean_and_a_diverged_trial_never_is():
    found = tuning.tune(tuning.Search(BASE), 3)
    trials = found.trials.assign(held_out_accuracy=[50.0, np.nan, 60.0])
    assert replace(found, trials=trials).best().trial == 2


def test_a_trial_of_known_values_is_what_training_with_them_gives():
    from topdown.training.loop import train

    found = tuning.tune(tuning.Search(BASE), 2)
    row = found.trials.iloc[-1]
    recipe = replace(BASE, **{name: float(row[name]) for name in found.search.space})
    with torch.no_grad():
        run = train(recipe, [1000], progress=False)
    assert run.curves["test_accuracy"][-1, 0].item() == pytest.approx(row.held_out_accuracy)


def test_table_s3_evaluates_what_was_found_on_the_test_set_with_all_training_data():
    store = Store()
    assert {c.labels["setting"] for c in tabs3.cases(SMALL)} == {tabs3.UNTUNED}
    found = tabs3.tune_all(SMALL, store)
    tuned = [c for c in tabs3.cases(SMALL) if c.labels["setting"] == tabs3.TUNED]
    assert [c.labels["variant"] for c in tuned] == ["BP", "PEPITA"]
    for case in tuned:
        assert case.recipe.held_out == 0 and case.recipe.n_train is None
        assert case.recipe.lr == found[case.labels["variant"]].best_values()["lr"]


def test_auto_shows_a_profile_only_if_its_searches_are_complete(monkeypatch):
    experiment, store = get("tabs3"), Store()
    monkeypatch.setitem(experiment.profiles, "laptop", {k: v for k, v in SMALL.items()
                                                        if k != "profile"})
    monkeypatch.setattr(Store, "missing", lambda self, recipe, seeds: []
                        if recipe.hidden == (8,) else list(seeds))
    assert experiment.settings({}, store)["profile"] == "smoke"
    tabs3.tune_all(SMALL, store)
    assert experiment.settings({}, store)["profile"] == "laptop"


def test_the_page_s_figures_show_every_rule_and_every_trial():
    from topdown_book.figures import gather
    from topdown_book.store.running import plan, run_jobs

    experiment, store = get("tabs3"), Store()
    found = tabs3.tune_all(SMALL, store)
    run_jobs(plan(experiment.wanted(SMALL), store, 2), store, "cpu", progress=False)
    results = gather(experiment, SMALL, store)
    table = tabs3.values(results, found)
    assert list(table.cells["rule"]) == ["BP", "PEPITA"]
    drawn = tabs3.landscape(found)
    assert len(drawn.data) == 2 * SMALL["trials"] and "best" in drawn.alt
    assert len(tabs3.space(["BP", "PEPITA"]).cells) == 2


def test_run_searches_before_it_trains_and_list_says_what_is_left():
    from typer.testing import CliRunner

    from topdown_book.cli.main import app

    changes = [part for name, value in SMALL.items() if name not in ("profile", "seeds")
               for part in ("--set", f"{name}={','.join(value) if name == 'rules' else value}")]
    before = CliRunner().invoke(app, ["list"]).output
    assert "2 of 2 searches would be finished first" in before
    done = CliRunner().invoke(app, ["run", "tabs3", "--profile", "smoke", "--seeds", "1", *changes])
    assert done.exit_code == 0 and "4 runs to train" in done.output
    again = CliRunner().invoke(app, ["tune", "--profile", "smoke", *changes])
    assert again.exit_code == 0 and "3 trials in" in again.output
    assert not get("tabs3").pending(SMALL, Store())
