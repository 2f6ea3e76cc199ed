"""`load`: a data set by its name, as tensors."""

import logging
import operator
import os
from dataclasses import dataclass, field

import numpy as np
import torch

from . import cache, digits, sources, sums
from .decoded import Decoded, is_complete, validate
from .errors import DataError
from .folders import data_folder
from .specs import Spec, spec_of

_log = logging.getLogger("topdown.data")


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in memory.

    Images are (N, D) uint8, 0..255, flattened channel first (C, H, W) as torchvision's `ToTensor`
    orders them; labels (N,) int64 in 0..len(classes)-1. `checksum` is the SHA-256 of the whole
    decoded data set, before `n_train` or `held_out` take a part of it; `source` says what it was
    decoded from.
    """

    name: str
    train_images: torch.Tensor = field(repr=False)
    train_labels: torch.Tensor = field(repr=False)
    test_images: torch.Tensor = field(repr=False)
    test_labels: torch.Tensor = field(repr=False)
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    checksum: str
    source: str


def load(
    name: str,
    *,
    device: str | torch.device = "cpu",
    root: str | os.PathLike | None = None,
    n_train: int | None = None,
    held_out: int = 0,
    split_seed: int = 0,
) -> Dataset:
    """The data set `name`: digits, mnist, fashion-mnist, cifar10 or cifar100.

    Looked for below `root` (default: the environment's TOPDOWN_DATA, else the user's cache
    folder); never downloaded. `held_out=k` is for tuning: k examples split off the training set
    take the place of the test set, whose own examples are then not returned at all. `n_train`
    keeps that many of the remaining training examples. Both draws keep the proportions of the
    classes and the order of the file, and depend on `split_seed` alone.

    Raises `DataNotFoundError` if it is not there, `DataError` if a file is damaged or the request
    is wrong.
    """
    spec = spec_of(name)
    decoded, checksum, source = obtain(spec, root)
    arrays = _part(decoded, n_train, held_out, split_seed)
    tensors = [torch.from_numpy(array).to(device) for array in arrays]
    return Dataset(name, *tensors, decoded.classes, spec.shape, checksum, source)


def obtain(spec: Spec, root: str | os.PathLike | None) -> tuple[Decoded, str, str]:
    """The whole data set, its checksum and its source: from the decoded copy if there is one."""
    if spec.name == "digits":
        decoded = validate(spec, digits.decode(spec))
        return decoded, decoded.checksum(), "scikit-learn load_digits"
    source = sources.find(spec, data_folder(root))
    path = cache.path_of(source)
    found = cache.read(source, path) if path else None
    if not found:
        found = _decode(source)
        if path:
            cache.write(path, *found)
    if not is_complete(spec, found[0]):
        _log.warning("%s in %s is a miniature, not the published set", spec.name, source.folder)
    return *found, source.describe()


def _decode(source: sources.Source) -> tuple[Decoded, str]:
    """Decode `source`, after comparing its files with the sums there are."""
    sums.verify_listed(source)
    decoded = source.decode()
    if is_complete(source.spec, decoded):
        sums.verify_published(source)
    return decoded, decoded.checksum()


def _part(decoded: Decoded, n_train: int | None, held_out: int, seed: int) -> tuple:
    """Training images and labels, test images and labels that are asked for."""
    images, labels = decoded.train_images, decoded.train_labels
    test = decoded.test_images, decoded.test_labels
    held_out = _count("held_out", held_out, 0, len(labels) - 1)
    if held_out:
        chosen = stratified(labels, held_out, seed)
        test = images[chosen], labels[chosen]
        images, labels = images[~chosen], labels[~chosen]
    if n_train is not None and _count("n_train", n_train, 1, len(labels)) < len(labels):
        chosen = stratified(labels, n_train, seed)
        images, labels = images[chosen], labels[chosen]
    return images, labels, *test


def _count(name: str, value: int, low: int, high: int) -> int:
    try:
        value = operator.index(value)
    except TypeError:
        raise DataError(f"{name} must be a whole number, not {value!r}") from None
    if not low <= value <= high:
        raise DataError(f"{name} must be between {low} and {high}, not {value}")
    return value


def stratified(labels: np.ndarray, k: int, seed: int) -> np.ndarray:
    """A mask (N,) of k examples, drawn at random with the proportions of the classes.

    Shuffled examples are sorted by class and taken at even distances. The random stream is that of
    NumPy's `RandomState`, which NumPy keeps the same in all versions (NEP 19).
    """
    n = len(labels)
    seed = _count("split_seed", seed, 0, 2**32 - 1)
    shuffled = np.random.RandomState(seed).permutation(n)
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    mask = np.zeros(n, bool)
    mask[by_class[np.arange(k) * n // k]] = True
    return mask
