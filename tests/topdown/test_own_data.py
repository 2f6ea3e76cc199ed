"""`train` on the user's own arrays, or on a data set by its name; seeds; curves as a table."""

import dataclasses

import numpy as np
import pytest
import torch

import topdown
from topdown.data import Dataset, load, own
from topdown.errors import DataError, UsageError
from topdown.recipes import DATASETS, Recipe
from topdown.rules import RULES

RECIPE = Recipe(dataset="digits", rule="bp", hidden=(16,), epochs=3, batch=8, lr=0.1, dropout=0.0)


def blobs(n=64, inputs=12, classes=3, dtype=np.float32, seed=0):
    """Examples whose class is the third of the inputs that is bright."""
    rng, y = np.random.default_rng(seed), np.arange(n) % classes
    x = rng.uniform(0, 0.3, (n, inputs))
    x[np.arange(inputs) * classes // inputs == y[:, None]] += 0.6
    return (x if dtype != np.uint8 else np.round(x * 255)).astype(dtype), y


def world(**options):
    return (*blobs(**options), *blobs(**options, seed=1))


def trained(data, recipe=RECIPE, seeds=(0, 1)):
    return topdown.train(recipe, seeds, data=data, progress=False)


def curves(run):
    return {name: values.numpy() for name, values in run.curves.items()}


# --- what works -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [name for name in RULES if name != "forward-forward"])
def test_every_rule_learns_own_data_of_any_size(rule):
    recipe = dataclasses.replace(RECIPE, rule=rule, epochs=40, lr=0.01)
    run = trained(world(), recipe, [0])
    assert run.status == ["ok"] and run.curves["test_accuracy"][-1, 0] > 90


def test_forward_forward_learns_own_data():
    recipe = dataclasses.replace(RECIPE, rule="forward-forward", epochs=30, ff_threshold=0.5)
    assert trained(world(n=128), recipe, [0]).curves["test_accuracy"][-1, 0] > 60


def test_tensors_lists_and_arrays_train_alike():
    arrays = world()
    expected = curves(trained(arrays))
    for convert in (torch.from_numpy, np.ndarray.tolist, np.asfortranarray):
        found = curves(trained(tuple(map(convert, arrays))))
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=2e-3, err_msg=name)


def test_floats_are_used_as_they_are_and_uint8_stands_for_255ths():
    x, y, x_test, y_test = world(dtype=np.uint8)
    as_floats = (x.astype(np.float32) * np.float32(1 / 255), y,
                 x_test.astype(np.float32) * np.float32(1 / 255), y_test)
    bytes_, floats = curves(trained((x, y, x_test, y_test))), curves(trained(as_floats))
    for name, values in bytes_.items():
        np.testing.assert_array_equal(floats[name], values, err_msg=name)


def test_training_leaves_the_users_arrays_as_they_are():
    arrays = world()
    before = [array.copy() for array in arrays]
    trained(arrays)
    for array, old in zip(arrays, before):
        np.testing.assert_array_equal(array, old)


def test_the_images_of_a_named_data_set_given_as_arrays_train_the_same():
    digits = load("digits")
    arrays = (digits.train_images, digits.train_labels, digits.test_images, digits.test_labels)
    recipe = dataclasses.replace(RECIPE, epochs=1)
    named = curves(topdown.train(recipe, [0], progress=False))
    for name, values in curves(trained(arrays, recipe, [0])).items():
        np.testing.assert_array_equal(values, named[name], err_msg=name)


def test_images_keep_their_shape_for_convolution():
    x, y = blobs(inputs=144)
    images = x.reshape(-1, 1, 12, 12)
    assert own((images, y, images, y)).shape == (1, 12, 12)
    assert own((images[:, 0], y, images[:, 0], y)).shape == (1, 12, 12)
    recipe = Recipe(rule="pepita", hidden=(), kernels=4, dropout=0, epochs=1, batch=8)
    assert trained((images, y, images, y), recipe, [0]).status == ["ok"]


def test_a_part_of_own_data_can_be_held_out():
    arrays = world(n=90)
    part = own(arrays, n_train=30, held_out=30)
    assert (len(part.train_labels), len(part.test_labels)) == (30, 30)
    given = {row.tobytes() for row in arrays[0]}
    assert {row.tobytes() for row in part.test_images.numpy()} <= given
    assert part.checksum == own(arrays).checksum


def test_a_data_set_may_be_named_instead():
    recipe = dataclasses.replace(RECIPE, dataset="cifar10", epochs=1)
    run = topdown.train(recipe, [0], data="digits", progress=False)
    assert run.recipe.dataset == "digits" and run.curves["norm_layer_1"].shape == (2, 1)


# --- provenance -----------------------------------------------------------------------------------


def test_a_run_on_own_data_carries_the_checksum_and_never_poses_as_a_named_data_set():
    first, second = trained(world()), trained(world(n=72))
    assert first.recipe.dataset == f"own-{own(world()).checksum[:12]}"
    assert first.recipe.key != second.recipe.key
    assert Recipe.from_dict(first.recipe.to_dict()) == first.recipe


def test_the_keys_of_recipes_are_those_of_before():
    assert Recipe().key == "44136fa355b3" and RECIPE.key == Recipe.from_dict(RECIPE.to_dict()).key
    for name in DATASETS:
        assert Recipe(dataset=name).dataset == name


@pytest.mark.parametrize("name", ["own-", "own-123", "owner", "own-" + "g" * 12, "mnits", 3])
def test_a_recipe_takes_no_other_name_for_own_data(name):
    with pytest.raises(ValueError, match="dataset=.* is not one of 'digits'.*'own'"):
        Recipe(dataset=name)


def test_a_recipe_for_own_data_without_the_arrays_says_so():
    for name in ("own", f"own-{'0' * 12}"):
        with pytest.raises(UsageError, match="give the arrays"):
            topdown.train(Recipe(dataset=name), [0], progress=False)


# --- what does not work says what to do -----------------------------------------------------------

X, Y = blobs()


@pytest.mark.parametrize("data, words", [
    ((X * 255, Y, X, Y), "x_train holds values from .* to .*; scale floats to"),
    ((X, Y, X - 1, Y), "x_test holds values from -"),
    ((np.where(X > 0.5, np.nan, X), Y, X, Y), "x_train holds values from nan"),
    ((X.astype(int), Y, X, Y), "x_train holds int64; give uint8"),
    ((X, Y, (X * 255).astype(np.uint8), Y), "x_train is float32 .*, x_test uint8"),
    ((X, Y, X[:, 1:], Y), "must be of one kind and shape"),
    ((X[0], Y, X, Y), r"x_train has shape \(12,\); give \(N, D\)"),
    ((X[:0], Y[:0], X, Y), r"x_train has shape \(0, 12\)"),
    ((X, Y[1:], X, Y), r"y_train is int64 \(63,\); give one whole number an example, \(64,\)"),
    ((X, np.eye(3)[Y], X, Y), "y_train is float64 .* not rows of 0 and 1"),
    ((X, Y.astype(float), X, Y), "y_train is float64"),
    ((X, Y - 1, X, Y), "y_train holds labels from -1 to 1; number the classes"),
    ((X, Y, X, Y + 1), "y_test holds labels from 1 to 3; .* no other in y_test"),
    ((X, Y), "data is a tuple, not four arrays"),
    (X, "data is a ndarray, not four arrays"),
    ("mnits", "dataset='mnits' is not one of 'digits', 'mnist'"),
])
def test_wrong_data_are_named_with_the_remedy(data, words):
    with pytest.raises(ValueError, match=words):
        trained(data)


def test_fewer_examples_than_one_batch_are_refused():
    with pytest.raises(UsageError, match="64 training examples .* set batch=64 or less"):
        trained(world(), dataclasses.replace(RECIPE, batch=65))
    with pytest.raises(UsageError, match="20 training examples"):
        topdown.train(dataclasses.replace(RECIPE, batch=64, n_train=20), [0], progress=False)


def test_forward_forward_says_that_it_needs_inputs_for_the_label():
    recipe = dataclasses.replace(RECIPE, rule="forward-forward")
    with pytest.raises(UsageError, match="over the first 3 inputs; 3 are too few"):
        trained(world(inputs=3), recipe)


def test_own_data_have_no_files_to_load():
    with pytest.raises(DataError, match="own arrays have no files"):
        load("own-0123456789ab")


# --- seeds ---------------------------------------------------------------------------------------


def test_a_number_of_seeds_stands_for_the_first_ones():
    recipe = dataclasses.replace(RECIPE, epochs=1)
    run = trained(world(), recipe, 3)
    assert run.seeds == [0, 1, 2]
    expected = curves(trained(world(), recipe, [0, 1, 2]))
    for name, values in curves(run).items():
        np.testing.assert_array_equal(values, expected[name])


@pytest.mark.parametrize("seeds", [[], 0, -1, 1.5, [0.5], [-1], "012", None, True])
def test_seeds_that_are_none_are_named(seeds):
    with pytest.raises(UsageError, match=r"seeds=.*; give their number, or a list"):
        trained(world(), RECIPE, seeds)


# --- curves as a table ---------------------------------------------------------------------------


def test_the_curves_are_a_table_in_one_call():
    pytest.importorskip("pandas")  # the library itself does without
    run = trained(world(), RECIPE, [4, 7])
    frame = run.to_frame()
    assert list(frame.columns) == ["seed", "epoch", "metric", "value"]
    assert len(frame) == len(run.curves) * 2 * (RECIPE.epochs + 1)
    wide = frame.pivot(index="epoch", columns=["metric", "seed"], values="value")
    for name, values in run.curves.items():
        np.testing.assert_array_equal(wide[name][7].to_numpy(), values[:, 1].numpy())


def test_a_data_set_in_memory_is_taken_as_it_is():
    digits = load("digits", n_train=100)
    run = trained(digits, dataclasses.replace(RECIPE, epochs=1), [0])
    assert isinstance(digits, Dataset) and run.recipe.dataset == "digits"
