"""`load`: requests, splits, the decoded copies, and the folders they live in."""

import logging
import os
import pickle
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_data_formats import miniature, write_batches, write_idx, write_parquet

from topdown.data import DataError, DataNotFoundError, cache, idx, load, specs
from topdown.data.loading import stratified

# Decoded digits; a change means that the split or the rescaling changed, and every result with it.
DIGITS = "01848b796924ed7713754c1639229dda768f6afae5ad8ba531a59c92e464544d"


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """No test sees or touches the user's cache folder or data."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("user-cache")))
    monkeypatch.delenv("TOPDOWN_DATA", raising=False)


@pytest.fixture
def mnist(tmp_path):
    """A data folder with a miniature of MNIST."""
    root = tmp_path / "data"
    write_idx(root, "mnist", miniature("mnist", 100, 20))
    return root


def copies(folder):
    return sorted(path.name for path in folder.rglob("*") if path.suffix in (".npz", ".part"))


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
        ({"n_train": 0}, "n_train must be between 1 and 1437, not 0"),
        ({"n_train": 1438}, "not 1438"),
        ({"n_train": 1.5}, "n_train must be a whole number, not 1.5"),
        ({"held_out": -1}, "held_out must be between 0 and 1436"),
        ({"held_out": 1437}, "not 1437"),
        ({"held_out": 1000, "n_train": 438}, "between 1 and 437"),
        ({"held_out": 5, "split_seed": -1}, "split_seed"),
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


def test_splits_depend_on_their_seed_alone():
    first, again = load("digits", held_out=50), load("digits", held_out=50)
    other = load("digits", held_out=50, split_seed=1)
    assert torch.equal(first.test_images, again.test_images)
    assert not torch.equal(first.test_images, other.test_images)


def test_the_random_draw_is_the_same_in_all_versions():
    labels = np.arange(20) % 3
    assert np.flatnonzero(stratified(labels, 6, seed=0)).tolist() == [2, 3, 12, 13, 16, 18]


# --- the decoded copy ----------------------------------------------------------------------------


def never(*_):
    raise AssertionError("decoded again")


def test_images_are_decoded_once(mnist, monkeypatch):
    first = load("mnist", root=mnist)
    monkeypatch.setattr(idx, "decode", never)
    assert load("mnist", root=mnist).checksum == first.checksum
    assert len(copies(mnist)) == 1


def test_a_changed_source_is_decoded_again_and_its_old_copy_removed(mnist):
    first, old = load("mnist", root=mnist), copies(mnist)
    write_idx(mnist, "mnist", miniature("mnist", 100, 20, seed=1))
    second, new = load("mnist", root=mnist), copies(mnist)
    assert second.checksum != first.checksum and len(new) == 1 and new != old


def test_a_source_with_another_time_is_decoded_again(mnist, monkeypatch):
    load("mnist", root=mnist)
    os.utime(mnist / "mnist" / "train-images-idx3-ubyte.gz", (0, 0))
    monkeypatch.setattr(idx, "decode", never)
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

    np.savez(path, meta=np.array([Payload()], dtype=object))


def _forge_labels(path):
    with np.load(path) as file:
        arrays = dict(file)
    arrays["train_labels"][0] = 9 - arrays["train_labels"][0]
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    "damage",
    [
        _flip_a_pixel,
        _hide_a_payload,
        _forge_labels,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(pickle.dumps({"meta": 1})),
        lambda path: np.savez(path, meta=np.array("{}")),
    ],
)
def test_a_damaged_copy_is_replaced_with_a_note(mnist, damage, caplog):
    first = load("mnist", root=mnist)
    (copy,) = mnist.rglob("*.npz")
    damage(copy)
    assert load("mnist", root=mnist).checksum == first.checksum
    assert "is damaged (" in caplog.text and not (copy.parent / "executed").exists()
    caplog.clear()
    load("mnist", root=mnist)
    assert "is damaged (" not in caplog.text


def test_processes_at_once_end_with_one_whole_copy(mnist):
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: load("mnist", root=mnist).checksum, range(8)))
    assert len(set(loaded)) == 1
    assert [name.endswith(".npz") for name in copies(mnist)] == [True]


def test_a_full_disk_costs_the_copy_and_nothing_else(mnist, monkeypatch, caplog):
    def full(file, **_):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "savez", full)
    assert len(load("mnist", root=mnist).train_images) == 100
    assert "No space left" in caplog.text and not copies(mnist)


def test_what_a_killed_writer_left_is_removed_later(mnist):
    folder = mnist / ".topdown-cache"
    folder.mkdir()
    for name, age in (("old.part", 7200), ("running.part", 0)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age,) * 2)
    load("mnist", root=mnist)
    assert not (folder / "old.part").exists() and (folder / "running.part").exists()


# --- folders -------------------------------------------------------------------------------------


def test_a_read_only_data_folder_is_left_alone(mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    mnist.chmod(0o555)
    load("mnist", root=mnist)
    assert not copies(mnist) and len(copies(tmp_path / "user")) == 1
    monkeypatch.setattr(idx, "decode", never)
    load("mnist", root=mnist)


def test_where_no_folder_can_be_made_the_users_cache_is_taken(mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    (mnist / ".topdown-cache").touch()
    load("mnist", root=mnist)
    assert len(copies(tmp_path / "user")) == 1


def test_without_any_place_for_a_copy_loading_still_works(mnist, tmp_path, monkeypatch):
    (mnist / ".topdown-cache").touch()
    (tmp_path / "user").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert len(load("mnist", root=mnist).train_images) == 100
    assert not copies(tmp_path)


def test_topdown_data_names_the_folder(mnist, monkeypatch):
    monkeypatch.setenv("TOPDOWN_DATA", str(mnist))
    assert len(load("mnist").train_images) == 100


def test_the_users_cache_folder_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    write_idx(tmp_path / "topdown" / "data", "mnist", miniature("mnist"))
    assert len(load("mnist").train_images) == 40


def test_topdown_data_that_is_a_file_is_its_own_error(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("TOPDOWN_DATA", str(file))
    with pytest.raises(DataError, match=f"TOPDOWN_DATA is '{file}', which is not a folder"):
        load("mnist")


def test_a_missing_data_set_names_the_folder_and_the_two_ways(tmp_path):
    for root, words in ((tmp_path, "folder"), (tmp_path / "no", "does not exist")):
        with pytest.raises(DataNotFoundError, match=words) as caught:
            load("cifar10", root=root)
        assert isinstance(caught.value, FileNotFoundError)
        for part in (str(root), "topdown data fetch cifar10", "topdown data import cifar10 PATH"):
            assert part in str(caught.value)


# --- sums and sizes ------------------------------------------------------------------------------


def test_a_file_that_differs_from_sha256sums_is_named(mnist):
    line = "0" * 64 + "  ./mnist/t10k-labels-idx1-ubyte.gz\n"
    (mnist / "SHA256SUMS").write_text("# comment\n" + line)
    with pytest.raises(DataError, match="t10k-labels.* differs from its SHA256SUMS"):
        load("mnist", root=mnist)


def test_a_listed_file_that_is_missing_is_named(tmp_path):
    write_parquet(tmp_path, "cifar100", miniature("cifar100"))
    (tmp_path / "SHA256SUMS").write_text("0" * 64 + "  ./cifar100/train-2.parquet\n")
    with pytest.raises(DataError, match="train-2.parquet is missing"):
        load("cifar100", root=tmp_path)


@pytest.mark.parametrize("gz", [False, True])
def test_a_whole_set_that_differs_from_the_published_one_is_refused(tmp_path, monkeypatch, gz):
    small = replace(specs.SPECS["mnist"], n_train=40, n_test=20)
    monkeypatch.setitem(specs.SPECS, "mnist", small)
    write_idx(tmp_path, "mnist", miniature("mnist"), gz=gz)
    with pytest.raises(DataError, match="differs from the published file"):
        load("mnist", root=tmp_path)


def test_a_set_of_half_the_published_size_is_refused(tmp_path, monkeypatch):
    small = replace(specs.SPECS["cifar10"], n_train=80, n_test=20)
    monkeypatch.setitem(specs.SPECS, "cifar10", small)
    write_batches(tmp_path, "cifar10", miniature("cifar10"))
    with pytest.raises(DataError, match="40 \\+ 20 examples.*80 \\+ 20: a part of it is missing"):
        load("cifar10", root=tmp_path)


def test_a_miniature_is_used_with_a_note(mnist, caplog):
    with caplog.at_level(logging.WARNING):
        load("mnist", root=mnist)
    assert "miniature" in caplog.text
