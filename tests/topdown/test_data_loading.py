"""`load`: requests, splits, the decoded copies, and the folders they live in."""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_data_formats import miniature, write_batches, write_idx, write_parquet

from topdown.data import SPECS, DataError, DataNotFoundError, cache, is_here, load, sources
from topdown.data.loading import stratified
from topdown.recipes import DATASETS

pytestmark = pytest.mark.usefixtures("own_cache")

# Decoded digits; a change means that the split or the rescaling changed, and every result with it.
DIGITS = "01848b796924ed7713754c1639229dda768f6afae5ad8ba531a59c92e464544d"


@pytest.fixture
def mnist(tmp_path):
    """A data folder with a miniature of MNIST."""
    root = tmp_path / "data"
    write_idx(root, "mnist", miniature("mnist", 100, 20))
    return root


def copies(folder):
    return sorted(path.name for path in folder.rglob("*") if path.suffix in (".npy", ".part"))


def rows(images):
    return {image.tobytes() for image in images.numpy()}


# --- the embedded data set -----------------------------------------------------------------------


def test_digits_and_their_split_never_change():
    assert load("digits").checksum == DIGITS


def test_digits_are_split_four_to_one_within_each_class():
    digits = load("digits")
    train, test = digits.train_labels.bincount(), digits.test_labels.bincount()
    assert (len(digits.train_labels), len(digits.test_labels)) == (1437, 360)
    assert ((test - (train + test) / 5).abs() < 1).all()
    assert not rows(digits.train_images) & rows(digits.test_images)


def test_digits_use_the_whole_range_of_uint8_in_17_levels():
    images = load("digits").train_images
    assert images.dtype == torch.uint8 and images.shape[1:] == (64,)
    assert images.unique().tolist() == [(v * 255 + 8) // 16 for v in range(17)]


def test_digits_need_no_data_folder_and_no_torchvision(monkeypatch):
    monkeypatch.setenv("TOPDOWN_DATA", __file__)
    code = (
        "import sys; sys.modules['torchvision'] = None\n"
        f"from topdown.data import load; assert load('digits').checksum == '{DIGITS}'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ), timeout=120)


# --- what is asked for ---------------------------------------------------------------------------


def test_tensors_are_writable_and_flat(mnist):
    dataset = load("mnist", root=mnist)
    assert dataset.train_images.shape == (100, 784) and dataset.shape == (1, 28, 28)
    assert dataset.train_labels.dtype == torch.int64
    dataset.train_images.add_(1)


@pytest.mark.parametrize("name, near", [("mnits", "mnist"), ("CIFAR-10", "cifar10"), ("x", "")])
def test_an_unknown_name_brings_the_nearest_known_one(name, near):
    with pytest.raises(DataError, match=f"unknown data set {name!r}.*{near}.*known: digits"):
        load(name)


@pytest.mark.parametrize("name", [None, 3, "", "../mnist", ["mnist"]])
def test_a_name_that_is_no_name_is_unknown(name):
    with pytest.raises(DataError, match="unknown data set"):
        load(name)


@pytest.mark.parametrize(
    "request_, words",
    [
        ({"n_train": 0}, "n_train must be a whole number from 1 to 1437, not 0"),
        ({"n_train": 1438}, "not 1438"),
        ({"n_train": 1.5}, "n_train must be a whole number .* not 1.5"),
        ({"held_out": -1}, "held_out must be a whole number from 0 to 1436"),
        ({"held_out": 1437}, "not 1437"),
        ({"held_out": 1000, "n_train": 438}, "from 1 to 437"),
    ],
)
def test_impossible_requests_are_named(request_, words):
    with pytest.raises(DataError, match=words):
        load("digits", **request_)


def test_held_out_examples_come_from_the_training_set_alone():
    whole, tuning = load("digits"), load("digits", held_out=200)
    assert len(tuning.test_images) == 200 and len(tuning.train_images) == 1237
    assert rows(tuning.test_images) <= rows(whole.train_images)
    assert not rows(tuning.test_images) & rows(tuning.train_images)
    assert not rows(tuning.test_images) & rows(whole.test_images)
    assert not rows(tuning.train_images) & rows(whole.test_images)


def test_n_train_keeps_the_test_set_and_the_proportions():
    whole, part = load("digits"), load("digits", n_train=300)
    assert torch.equal(part.test_images, whole.test_images)
    expected = whole.train_labels.bincount() * 300 / 1437
    assert ((part.train_labels.bincount() - expected).abs() < 2).all()
    assert part.checksum == whole.checksum


def test_n_train_is_taken_from_what_is_not_held_out():
    part = load("digits", n_train=300, held_out=200)
    assert len(part.train_images) == 300
    assert not rows(part.train_images) & rows(part.test_images)


def test_the_random_draw_is_the_same_in_all_versions():
    labels = np.arange(20) % 3
    assert np.flatnonzero(stratified(labels, 6)).tolist() == [2, 3, 12, 13, 16, 18]


# --- the decoded copy ----------------------------------------------------------------------------


@pytest.fixture
def never(monkeypatch):
    """After a call of it, decoding is an error."""
    def decode(*_):
        raise AssertionError("decoded again")

    return lambda: monkeypatch.setattr(sources.Source, "decode", decode)


def test_images_are_decoded_once_and_the_copy_is_not_in_the_data_folder(mnist, own_cache, never):
    first = load("mnist", root=mnist)
    never()
    assert load("mnist", root=mnist).checksum == first.checksum
    assert len(copies(own_cache)) == 1 and not copies(mnist)


def test_writing_to_a_loaded_data_set_leaves_the_copy_as_it_is(mnist, caplog):
    first = load("mnist", root=mnist)
    load("mnist", root=mnist).train_images.zero_()
    assert torch.equal(load("mnist", root=mnist).train_images, first.train_images)
    assert not caplog.text.count("is damaged")


def test_a_changed_source_is_decoded_again_and_its_old_copy_removed(mnist, own_cache):
    first, old = load("mnist", root=mnist), copies(own_cache)
    write_idx(mnist, "mnist", miniature("mnist", 100, 20, seed=1))
    second, new = load("mnist", root=mnist), copies(own_cache)
    assert second.checksum != first.checksum and len(new) == 1 and new != old


def test_a_source_with_another_time_is_decoded_again(mnist, never):
    load("mnist", root=mnist)
    os.utime(mnist / "mnist" / "train-images-idx3-ubyte.gz", (0, 0))
    never()
    with pytest.raises(AssertionError, match="decoded again"):
        load("mnist", root=mnist)


def _flip_a_pixel(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _hide_a_payload(path):
    marker = path.parent / "executed"

    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(marker),)

    np.save(path, np.array([Payload()], dtype=object))


def _forge_labels(path):
    record = np.load(path)
    record["train_labels"][0][0] = 9 - record["train_labels"][0][0]
    np.save(path, record)


@pytest.mark.tried("a decoded copy of a data set damaged, forged or with a payload",
                   "noted and made again; nothing of it is executed")
@pytest.mark.parametrize(
    "damage",
    [
        _flip_a_pixel,
        _hide_a_payload,
        _forge_labels,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(pickle.dumps({"meta": 1})),
        lambda path: np.save(path, np.zeros(3)),
    ],
)
def test_a_damaged_copy_is_replaced_with_a_note(mnist, own_cache, damage, caplog):
    checksum = load("mnist", root=mnist).checksum
    (copy,) = own_cache.rglob("*.npy")
    damage(copy)
    assert load("mnist", root=mnist).checksum == checksum
    assert "is damaged (" in caplog.text and not (copy.parent / "executed").exists()
    caplog.clear()
    load("mnist", root=mnist)
    assert "is damaged (" not in caplog.text


def test_processes_at_once_end_with_one_whole_copy(mnist, own_cache):
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: load("mnist", root=mnist).checksum, range(8)))
    assert len(set(loaded)) == 1
    assert [name.endswith(".npy") for name in copies(own_cache)] == [True]


def test_a_full_disk_costs_the_copy_and_nothing_else(mnist, own_cache, monkeypatch, caplog):
    def full(file, _):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "save", full)
    assert len(load("mnist", root=mnist).train_images) == 100
    assert "No space left" in caplog.text and not copies(own_cache)


def test_what_a_killed_writer_left_is_removed_later(mnist, own_cache):
    load("mnist", root=mnist)
    (copy,) = own_cache.rglob("*.npy")
    left = copy.with_name(f"{copy.name.rpartition('-')[0]}-killed.part")
    copy.rename(left)
    load("mnist", root=mnist)
    assert copies(own_cache) == [copy.name]


@pytest.mark.tried("no place for decoded copies: a file in the place of the cache folder",
                   "images are decoded at every start, with a note; nothing else changes")
def test_without_any_place_for_a_copy_loading_still_works(mnist, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOPDOWN_CACHE", str(tmp_path / "file"))
    assert len(load("mnist", root=mnist).train_images) == 100
    assert "TOPDOWN_CACHE" in caplog.text and not copies(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="a superuser may write anywhere")
def test_a_read_only_cache_folder_is_left_alone(mnist, own_cache):
    own_cache.chmod(0o555)
    assert len(load("mnist", root=mnist).train_images) == 100 and not copies(own_cache)


def test_recipes_know_the_data_sets_that_there_are():
    assert set(DATASETS) == set(SPECS)


# --- folders -------------------------------------------------------------------------------------


def test_the_cache_is_where_the_user_wants_it(mnist, tmp_path, monkeypatch):
    for variable, value, place in (("XDG_CACHE_HOME", "xdg", "xdg/topdown"),
                                   ("TOPDOWN_CACHE", "own", "own")):
        monkeypatch.delenv("TOPDOWN_CACHE", raising=False)
        monkeypatch.setenv(variable, str(tmp_path / value))
        monkeypatch.setattr(sys, "platform", "linux")
        load("mnist", root=mnist)
        assert len(copies(tmp_path / place / "decoded")) == 1


def test_topdown_data_names_the_folder(mnist, monkeypatch):
    monkeypatch.setenv("TOPDOWN_DATA", str(mnist))
    assert len(load("mnist").train_images) == 100


def test_without_topdown_data_the_data_are_in_the_cache_folder(own_cache):
    write_idx(own_cache / "data", "mnist", miniature("mnist"))
    assert len(load("mnist").train_images) == 40


def test_topdown_data_that_is_a_file_is_its_own_error(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("TOPDOWN_DATA", str(file))
    with pytest.raises(DataError, match=f"TOPDOWN_DATA is '{file}', which is not a folder"):
        load("mnist")


def test_a_missing_data_set_names_the_folder_and_the_ways_out(tmp_path):
    for root, words in ((tmp_path, "folder"), (tmp_path / "no", "does not exist")):
        with pytest.raises(DataNotFoundError, match=words) as caught:
            load("cifar10", root=root)
        assert isinstance(caught.value, FileNotFoundError) and not is_here("cifar10", root)
        for part in (str(root), "topdown data fetch cifar10", "import cifar10 PATH"):
            assert part in str(caught.value)


# --- published sets ------------------------------------------------------------------------------


@pytest.mark.parametrize("write, name", [(write_idx, "mnist"), (write_parquet, "cifar10"),
                                         (write_parquet, "cifar100")])
def test_a_whole_set_that_differs_from_the_published_one_is_refused(
        tmp_path, monkeypatch, write, name):
    monkeypatch.setitem(SPECS, name, replace(SPECS[name], n_train=40, n_test=20))
    write(tmp_path, name, miniature(name))
    with pytest.raises(DataError, match="differ from the published"):
        load(name, root=tmp_path)


def test_a_set_of_half_the_published_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(SPECS, "cifar10", replace(SPECS["cifar10"], n_train=80, n_test=20))
    write_parquet(tmp_path, "cifar10", miniature("cifar10"))
    with pytest.raises(DataError, match="40 \\+ 20 examples.*80 \\+ 20: a part is missing"):
        load("cifar10", root=tmp_path)


def test_an_incomplete_folder_is_passed_over_for_a_complete_one(mnist):
    (mnist / "MNIST" / "raw").mkdir(parents=True)
    (mnist / "MNIST" / "raw" / "train-images-idx3-ubyte").touch()
    assert len(load("mnist", root=mnist).train_images) == 100


def test_a_missing_batch_is_named(tmp_path):
    write_batches(tmp_path, "cifar10", miniature("cifar10"))
    (tmp_path / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(DataError, match="missing data_batch_3"):
        load("cifar10", root=tmp_path)
