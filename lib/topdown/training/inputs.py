"""What training is given: a data set by its name, loaded, or the user's own arrays; and seeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from numbers import Integral

from topdown.data import Dataset, load, own
from topdown.errors import UsageError
from topdown.recipes import Recipe
from topdown.rules import get_rule


def with_data(recipe: Recipe, data, device) -> tuple[Recipe, Dataset]:
    """The recipe with the name of what it is trained on, and that data set on `device`.

    data: None (the recipe's data set), the name of another, a `Dataset`, or the user's arrays
    (x_train, y_train, x_test, y_test), see `topdown.data.own`. UsageError if there are fewer
    examples than one batch, inputs than the rule needs, or no arrays for a recipe of own data.
    """
    chosen = dict(device=device, n_train=recipe.n_train, held_out=recipe.held_out)
    if data is None and recipe.dataset.startswith("own"):
        raise UsageError(f"recipe: dataset={recipe.dataset!r} has no files; give the arrays, "
                         "data=(x_train, y_train, x_test, y_test)")
    if data is None or isinstance(data, str):
        recipe = recipe if data is None else replace(recipe, dataset=data)
        data = load(recipe.dataset, **chosen)
    elif not isinstance(data, Dataset):
        data = own(data, **chosen)
        recipe = replace(recipe, dataset=data.name)
    if len(data.train_labels) < recipe.batch:
        raise UsageError(f"{len(data.train_labels)} training examples are fewer than one batch; "
                         f"set batch={len(data.train_labels)} or less (it is {recipe.batch})")
    if get_rule(recipe.rule).objective == "goodness" and data.train_images.shape[1] <= len(
            data.classes):
        raise UsageError(f"{recipe.rule} writes the label over the first {len(data.classes)} "
                         f"inputs; {data.train_images.shape[1]} are too few, choose another rule")
    return recipe, data


def several(seeds) -> list[int]:
    """The seeds as a list; a number k stands for seeds 0..k-1. UsageError for anything else."""
    if isinstance(seeds, Integral) and not isinstance(seeds, bool):
        seeds = range(seeds)
    found = list(seeds) if isinstance(seeds, Iterable) else [seeds]
    if not found or any(not isinstance(s, Integral) or isinstance(s, bool) or s < 0 for s in found):
        raise UsageError(f"seeds={seeds!r}; give their number, or a list of whole numbers from 0 "
                         "on: seeds=3 and seeds=[0, 1, 2] are the same")
    return [int(seed) for seed in found]
