"""The numbers that the ancestor's stored run gives, on real data. Skipped where there is none."""

from dataclasses import replace

import pytest

from topdown.data import DataError, load
from topdown.recipes import Recipe
from topdown.training.loop import train

TUTORIAL = Recipe(dataset="cifar10", hidden=(1024,), epochs=1, lr=0.01, decay_epochs=())


def real(name):
    try:
        return load(name)
    except DataError:
        pytest.skip(f"{name} is not under TOPDOWN_DATA")


@pytest.mark.slow
def test_pepita_on_cifar10_reaches_about_35_percent_after_one_epoch():
    run = train(TUTORIAL, [0], data=real("cifar10"), progress=False)
    assert run.curves["test_accuracy"][1, 0].item() == pytest.approx(35.12, abs=3)


@pytest.mark.slow
def test_pepita_on_mnist_passes_95_percent_within_three_epochs():
    recipe = replace(TUTORIAL, dataset="mnist", lr=0.1, epochs=3)
    run = train(recipe, [0], data=real("mnist"), progress=False)
    assert run.curves["test_accuracy"][3, 0].item() > 95
