"""Recipes that share a program: each gives what it gives alone."""

from collections import deque
from dataclasses import replace

import pytest
import torch
from filelock import FileLock

from topdown.recipes import Recipe
from topdown.rules import RULES
from topdown.training.loop import train
from topdown.training.sharing import VARYING, SharedTrainer, may_share, train_together
from topdown_book.store import running
from topdown_book.store.records import Store
from topdown_book.store.running import Job, run_jobs, take

SMALL = Recipe(dataset="digits", hidden=(20,), epochs=3, lr=0.05, feedback_scale=0.5,
               decay_epochs=(2,))


def variants(recipe):
    return [recipe, replace(recipe, lr=0.01), replace(recipe, weight_decay=0.01),
            replace(recipe, feedback_scale=0.2, lr=0.1)]


@pytest.mark.parametrize("options", [
    *(dict(rule=rule) for rule in RULES if rule != "forward-forward"),
    dict(feedback="normal", mirror_every=1, premirror_epochs=1), dict(feedback="oracle"),
], ids=str)
def test_a_recipe_among_others_gives_what_it_gives_alone(options):
    recipes = variants(replace(SMALL, **options))
    runs = train_together({recipe: [0, 1] for recipe in recipes}, progress=False)
    for run, recipe in zip(runs, recipes):
        assert run.recipe == recipe and run.seeds == [0, 1]
        alone = train(recipe, [0, 1], progress=False)
        assert run.status == alone.status
        for metric, values in alone.curves.items():
            torch.testing.assert_close(run.curves[metric], values, rtol=2e-3, atol=0.6,
                                       equal_nan=True)
        torch.testing.assert_close(run.curves["norm_layer_1"], alone.curves["norm_layer_1"],
                                   rtol=1e-5, atol=0)


def test_the_recipes_of_a_group_do_differ():
    runs = train_together({recipe: [0] for recipe in variants(SMALL)}, progress=False)
    norms = [run.curves["norm_layer_1"][-1].item() for run in runs]
    assert len(set(norms)) == len(norms)


def test_a_recipe_that_diverges_does_not_stop_the_others():
    wild = replace(SMALL, lr=1e30)
    first, second = train_together({wild: [0], SMALL: [0]}, progress=False)
    assert first.status == ["diverged in epoch 1"] and second.status == ["ok"]
    assert second.curves["test_accuracy"].isfinite().all()


@pytest.mark.parametrize("changes", [dict(hidden=(21,)), dict(momentum=0.5), dict(dropout=0.2),
                                     dict(rule="bp"), dict(decay_epochs=())])
def test_recipes_that_differ_in_more_cannot_share(changes):
    recipes = [SMALL, replace(SMALL, **changes)]
    assert not may_share(recipes)
    with pytest.raises(ValueError, match="feedback_scale only"):
        SharedTrainer(recipes, [0, 0])


def test_what_may_vary_is_named_once():
    assert may_share(variants(SMALL)) and set(VARYING) == {"lr", "weight_decay", "feedback_scale"}
    assert not may_share([replace(SMALL, rule="forward-forward")])


# --- in the planner --------------------------------------------------------------------------


OTHER = replace(SMALL, hidden=(21,))


def jobs():
    return [Job(SMALL, (0, 1)), Job(OTHER, (0,)), Job(replace(SMALL, lr=0.01), (0, 1)),
            Job(SMALL, (2,)), Job(replace(SMALL, weight_decay=0.01), (0, 1))]


@pytest.mark.parametrize("together, sizes", [(1, [1] * 5), (4, [2, 1, 2]), (100, [3, 1, 1])])
def test_jobs_that_may_share_are_taken_together_up_to_a_number(together, sizes):
    queue, groups = deque(jobs()), []
    while queue:
        groups.append(take(queue, together))
    assert [len(group) for group in groups] == sizes
    assert sorted(map(str, sum(groups, []))) == sorted(map(str, jobs()))
    for group in groups:
        recipes = [job.recipe for job in group]
        assert may_share(recipes) or len(group) == 1
        assert len(set(recipes)) == len(group)
        assert len(group) == 1 or sum(len(job.seeds) for job in group) <= together


def test_records_made_together_are_those_made_alone(tmp_path):
    shared, alone = Store(tmp_path / "shared"), Store(tmp_path / "alone")
    run_jobs(jobs(), shared, "cpu", progress=False, together=100)
    run_jobs(jobs(), alone, "cpu", progress=False)
    for recipe in {job.recipe for job in jobs()}:
        one, other = shared.load(recipe), alone.load(recipe)
        assert one.seeds == other.seeds and one.provenance[0]["trained_together"] in (1, 6)
        for a, b in zip(one.curves.itertuples(), other.curves.itertuples()):
            assert a[1:4] == b[1:4]
        norms = [r.curves[r.curves.metric == "norm_layer_1"].value for r in (one, other)]
        assert (norms[0] - norms[1]).abs().max() < 1e-4


def test_a_recipe_that_another_process_trains_is_left_to_it(tmp_path, monkeypatch):
    """The others of its program are trained at once, and it is looked at again later."""
    store, members = Store(tmp_path), []
    held = FileLock(store.root / ".locks" / f"{SMALL.key}.train-0")
    (store.root / ".locks").mkdir(parents=True)
    held.acquire()
    real = running.compute_together

    def noting(group, *args):
        members.append([recipe.lr for recipe in group])
        if held.is_locked:
            held.release()
        return real(group, *args)
    monkeypatch.setattr(running, "compute_together", noting)
    run_jobs([Job(SMALL, (0,)), Job(replace(SMALL, lr=0.01), (0,))], store, "cpu",
             progress=False, together=9)
    assert members == [[0.01], [0.05]]
