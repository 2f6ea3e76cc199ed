"""A rule of one's own, registered from outside: all that a rule of the package can do."""

import dataclasses
import functools
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from test_own_data import RECIPE, world

import topdown
from topdown.properties import multiply_adds
from topdown.random import counter_normal, draw_keys, generator
from topdown.recipes import Recipe
from topdown.rules import RULES, Outer, register
from topdown.rules.bp import bp
from topdown.rules.dfa import direct_projection
from topdown_book.bench._problem import Problem
from topdown_book.bench.step import bench_step, every_rule
from topdown_book.store import dependencies
from topdown_book.store.records import Store, read
from topdown_book.store.running import compute, verify

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def registry():
    """Rules that a test registers are gone after it."""
    before = dict(RULES)
    yield
    for name in RULES.keys() - before:
        del RULES[name]


def own_bp(batch):
    """The package's own rule, as if somebody had written it."""
    clean, delta = batch.first_pass(), batch.error
    h, update = clean.activations, []
    for layer in range(len(batch.weights), 0, -1):
        update.insert(0, [Outer(delta, h[layer - 1])])
        if layer > 1:
            open_ = (h[layer - 1] > 0) * (1 if batch.masks is None else batch.masks[layer - 2])
            delta = (delta @ batch.weights[layer - 1]) * open_
    return update


def sign_dfa(batch):
    return direct_projection(batch, batch.error.sign())


def perturbed(batch):
    """DFA with noise on the error: draws anew at every step."""
    return direct_projection(batch, batch.error + 0.1 * batch.noise(len(batch.weights)))


def trained(rule, seeds=(0,), **changes):
    recipe = dataclasses.replace(RECIPE, rule=rule, hidden=(16, 8), **changes)
    return topdown.train(recipe, seeds, data=world(), progress=False)


def assert_equal(run, other, replica=0, of=0, **tolerance):
    for name, values in run.curves.items():
        np.testing.assert_allclose(values[:, replica], other.curves[name][:, of], err_msg=name,
                                   **tolerance)


# --- trained as the rules of the package are ------------------------------------------------------


def test_a_registered_copy_of_bp_trains_as_bp_with_momentum_dropout_and_replicas():
    register("own-bp", own_bp)
    options = dict(dropout=0.2, momentum=0.8, weight_decay=1e-3)
    ours, theirs = trained("own-bp", [0, 1], **options), trained("bp", [0, 1], **options)
    for replica in (0, 1):
        assert_equal(ours, theirs, replica, replica, rtol=1e-4)


def test_a_registered_rule_has_gradients():
    register("own-bp", own_bp)
    gen = torch.Generator().manual_seed(0)
    weights = [torch.randn(7, 5, generator=gen), torch.randn(3, 7, generator=gen)]
    x, target = torch.rand(4, 5, generator=gen), torch.eye(3)[torch.tensor([0, 1, 2, 0])]
    for ours, theirs in zip(topdown.gradients("own-bp", weights, x, target),
                            topdown.gradients("bp", weights, x, target)):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("feedback, shapes", [
    (None, None), ("input", [(12, 3)]), ("layers", [(8, 16), (3, 8)]),
    ("direct", [(3, 16), (3, 8)])])
def test_a_registered_rule_gets_the_feedback_that_it_asks_for(feedback, shapes):
    seen = []

    def looking(batch):
        given = [batch.feedback] if isinstance(batch.feedback, torch.Tensor) else batch.feedback
        seen.append(given and [tuple(f.shape[-2:]) for f in given])
        return bp(batch)

    register("looking", looking, feedback=feedback)
    trained("looking", epochs=1)
    assert seen[0] == shapes


def test_two_half_steps_see_the_weights_that_the_first_has_left():
    seen = []

    def first(batch):
        seen.append(batch.weights[0].clone())
        return bp(batch)

    def second(batch):
        seen.append(batch.weights[0].clone())
        return [[], [], []]

    register("halves", first, second)
    trained("halves", epochs=1, momentum=0.0)
    assert not torch.equal(seen[0], seen[1]) and torch.equal(seen[1], seen[2])


def test_a_rule_may_be_registered_again_in_the_place_of_its_first_version():
    register("mine", sign_dfa, feedback="direct")
    first, code = trained("mine"), dependencies.training_hash("mine")
    register("mine", own_bp)
    assert_equal(trained("mine"), trained("bp"), rtol=1e-4)
    assert not torch.equal(trained("mine").curves["test_loss"], first.curves["test_loss"])
    assert RULES["mine"].half_steps == (own_bp,)
    assert code != dependencies.training_hash("mine")


# --- random numbers -------------------------------------------------------------------------------


def test_a_rule_that_draws_random_numbers_is_repeatable_and_depends_on_no_other_seed():
    register("perturbed", perturbed, feedback="direct", random=True)
    together, again, alone = trained("perturbed", [3, 5]), trained("perturbed", [3, 5]), trained(
        "perturbed", [5])
    for replica in (0, 1):
        assert_equal(together, again, replica, replica, rtol=0)
    assert_equal(alone, together, 0, 1, rtol=1e-4)


def test_the_noise_differs_between_steps_layers_and_seeds():
    seen = []

    def looking(batch):
        seen.append([batch.noise(layer) for layer in (1, 2, 3)])
        assert torch.equal(seen[-1][0], batch.noise(1))
        return bp(batch)

    register("looking", looking, random=True)
    trained("looking", [0, 1], epochs=1)
    assert [tuple(z.shape) for z in seen[0]] == [(2, 8, 16), (2, 8, 8), (2, 8, 3)]
    values = torch.stack([step[0] for step in seen])
    assert len(values.flatten().unique()) > 0.99 * values.numel()
    assert not torch.equal(seen[0][1][0], seen[0][1][1])
    assert abs(values.mean()) < 0.1 and abs(values.std() - 1) < 0.1


def test_random_numbers_change_nothing_else_of_the_training():
    def quiet(batch):
        batch.noise(1)
        return bp(batch)

    register("quiet", quiet, random=True)
    assert_equal(trained("quiet", dropout=0.3), trained("bp", dropout=0.3), rtol=0)


def test_gradients_of_a_random_rule_follow_the_seed():
    register("perturbed", perturbed, feedback="direct", random=True)
    weights = [torch.ones(4, 5), torch.ones(3, 4)]
    given = weights, torch.rand(2, 5), torch.eye(3)[:2], [torch.ones(3, 4)]
    one, again, other = (topdown.gradients("perturbed", *given, seed=s) for s in (0, 0, 1))
    assert torch.equal(one[0], again[0]) and not torch.equal(one[0], other[0])
    keys = draw_keys(generator(0, "rule"), 2)
    noise = counter_normal(keys[1], (2, 3))
    y = torch.softmax(torch.relu(given[1] @ weights[0].T) @ weights[1].T, -1)
    signal = (y - given[2] + 0.1 * noise) @ given[3][0]
    torch.testing.assert_close(one[0], signal.T @ given[1] / 2)


def test_a_rule_that_draws_without_saying_so_is_told():
    register("perturbed", perturbed, feedback="direct")
    with pytest.raises(ValueError, match="register it with random=True"):
        trained("perturbed", epochs=1)


# --- what cannot be registered --------------------------------------------------------------------


@pytest.mark.parametrize("name, steps, options, words", [
    ("pepita", (own_bp,), {}, "'pepita' is taken"),
    ("My rule", (own_bp,), {}, "not of a-z"),
    ("../x", (own_bp,), {}, "not of a-z"),
    (3, (own_bp,), {}, "not of a-z"),
    ("mine", (), {}, "is no function"),
    ("mine", ("own_bp",), {}, "is no function"),
    ("mine", (own_bp,), {"feedback": "inputs"}, "unknown feedback 'inputs'; did you mean 'input'"),
])
def test_what_cannot_be_registered_is_named(name, steps, options, words):
    with pytest.raises(ValueError, match=words):
        register(name, *steps, **options)
    assert "mine" not in RULES


def test_a_recipe_of_a_rule_that_is_not_registered_says_how():
    with pytest.raises(ValueError, match=r"rule='mine' is not one of .*topdown\.rules\.register"):
        Recipe(rule="mine")


# --- records, properties, benchmarks -------------------------------------------------------------


def test_a_record_of_a_registered_rule_is_kept_read_and_replayed():
    register("mine", sign_dfa, feedback="direct")
    recipe = Recipe(dataset="digits", rule="mine", hidden=(8,), epochs=1)
    record = read(Store().add(compute(recipe, [0])))
    assert record.provenance[0]["code"] == dependencies.training_hash("mine")
    assert verify(record) < 1e-6


def test_the_code_of_a_registered_rule_is_a_dependency_of_its_records(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    texts = ["def rule(batch):\n    return 1\n", "def rule(batch):\n    return 2\n"]
    found = []
    for number, text in enumerate(texts):
        (tmp_path / f"outside_{number}.py").write_text(text)
        module = __import__(f"outside_{number}")
        module.rule.__module__ = "outside"
        register("mine", module.rule)
        found.append(dependencies.of_training("mine"))
    assert found[0]["outside.rule"] != found[1]["outside.rule"]
    assert {k: v for k, v in found[0].items() if k != "outside.rule"} == {
        k: v for k, v in found[1].items() if k != "outside.rule"}
    assert "topdown/training/loop.py" in found[0]


def test_a_rule_without_source_is_said_to_have_none():
    space = {}
    exec("def rule(batch): pass", space)
    register("mine", space["rule"])
    assert "no source" in dependencies.of_training("mine").values()
    register("mine", functools.partial(own_bp))
    assert "no source" in dependencies.of_training("mine").values()


def test_a_registered_rule_adds_nothing_to_what_other_rules_depend_on():
    before = dependencies.of_training("pepita")
    register("mine", own_bp)
    assert dependencies.of_training("pepita") == before


def test_the_operations_of_a_registered_rule_are_counted():
    register("own-bp", own_bp)
    register("perturbed", perturbed, feedback="direct", random=True)
    counted = [multiply_adds(dataclasses.replace(RECIPE, rule=rule), 12, 3)
               for rule in ("own-bp", "bp", "perturbed")]
    assert counted[0] == counted[1] and counted[2] > 0


def test_a_rule_without_a_second_implementation_is_timed_and_says_so():
    register("mine", sign_dfa, feedback="direct")
    sizes = (12, 8, 3)
    assert "mine" in [problem.rule for problem in every_rule(sizes, 8)]
    row = bench_step(Problem("mine", sizes, 8), 1, rounds=2, seconds=0.001)
    assert row["ms_per_step"]["median"] > 0 and row["speedup_over_usual"] is None
    assert "no second implementation" in row["note"]
    assert "note" not in bench_step(Problem("dfa", sizes, 8), 1, rounds=2, seconds=0.001)


# --- inside the package ---------------------------------------------------------------------------


def test_a_rule_is_found_by_its_file_alone(tmp_path):
    """A copy of the library with one file more, in a process of its own."""
    shutil.copytree(ROOT / "lib" / "topdown", tmp_path / "topdown",
                    ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "topdown" / "rules" / "copied.py").write_text(
        "from topdown.rules._registry import Rule\nfrom topdown.rules.bp import bp\n"
        "RULE = Rule('copied-bp', (bp,), None)\n")
    code = ("import topdown; run = topdown.train(topdown.Recipe(dataset='digits', rule='copied-bp',"
            " hidden=(8,), epochs=1), 1, progress=False); print(run.status)")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120,
                          capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)})
    assert done.stdout.strip() == "['ok']"


def test_every_file_of_a_rule_holds_one_that_is_named_after_it():
    files = {p.stem for p in (ROOT / "lib/topdown/rules").glob("[a-z]*.py")}
    assert {rule.half_steps[0].__module__.rpartition(".")[2] for rule in RULES.values()} == files
    assert all(rule.name.replace("-", "_").endswith(rule.half_steps[0].__module__.rpartition(".")[2]
                                                    ) for rule in RULES.values())
