"""The real data sets, where TOPDOWN_DATA points at them: facts known from elsewhere."""

import os

import pytest

from topdown.data import DataNotFoundError, load
from topdown_book.cli.data_sets import check

pytestmark = pytest.mark.skipif(
    not os.environ.get("TOPDOWN_DATA"), reason="TOPDOWN_DATA does not point at a data folder"
)


@pytest.fixture(scope="module", params=["mnist", "cifar10", "cifar100", "fashion-mnist"])
def dataset(request):
    try:
        return load(request.param)
    except DataNotFoundError:
        pytest.skip(f"{request.param} is not in TOPDOWN_DATA")


# Means of the training images in 0..1, published with many implementations.
MEANS = {
    "mnist": [0.1307],
    "fashion-mnist": [0.2860],
    "cifar10": [0.4914, 0.4822, 0.4465],
    "cifar100": [0.5071, 0.4865, 0.4409],
}
MNIST_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]


def test_channel_means_are_the_published_ones(dataset):
    channels = dataset.train_images.view(len(dataset.train_images), dataset.shape[0], -1)
    means = channels.float().mean((0, 2)) / 255
    assert means.tolist() == pytest.approx(MEANS[dataset.name], abs=6e-5)


def test_numbers_of_examples_and_labels_are_the_published_ones(dataset):
    train, test = dataset.train_labels.bincount(), dataset.test_labels.bincount()
    n_train, n_classes = (60_000 if "mnist" in dataset.name else 50_000), len(dataset.classes)
    assert len(dataset.train_images) == n_train and len(dataset.test_images) == 10_000
    if dataset.name == "mnist":
        assert train.tolist() == MNIST_COUNTS
    else:
        assert set(train.tolist()) == {n_train // n_classes}
        assert set(test.tolist()) == {10_000 // n_classes}


def test_mnist_decodes_to_the_known_bytes():
    try:
        checksum = load("mnist").checksum
    except DataNotFoundError:
        pytest.skip("mnist is not in TOPDOWN_DATA")
    assert checksum == "0ee7cebfcea1eaa9681e75fd3c19b398b8f733268b1cb40436e6459a7a56545f"


def test_every_data_set_that_is_here_is_sound_and_as_published():
    rows = [row for row in check(anew=False) if row.found]
    assert [row.text for row in rows if not row.ok] == []
    assert all("as published" in row.text for row in rows
               if "idx files: mnist" in row.text or "Parquet" in row.text)


def test_held_out_examples_leave_the_published_test_set_unseen(dataset):
    tuning = load(dataset.name, held_out=5000)
    test = {image.tobytes() for image in dataset.test_images.numpy()}
    held = {image.tobytes() for image in tuning.test_images.numpy()}
    assert len(tuning.test_images) == 5000
    # CIFAR has a few images in both of its sets
    assert len(held & test) <= 10
