"""A data set as tensors: `load` by its name, `own` from the user's arrays."""

import os
from numbers import Integral

import numpy as np

from topdown.data import cache, readers, sources
from topdown.data.dataset import Dataset, checksum
from topdown.data.specs import Spec, spec_of
from topdown.errors import DataError, DataNotFoundError


def load(name: str, *, device="cpu", root: str | os.PathLike | None = None,
         n_train: int | None = None, held_out: int = 0) -> Dataset:
    """The data set `name`: digits, mnist, fashion-mnist, cifar10 or cifar100.

    Looked for below `root` (see `data_folder`); never downloaded. `held_out=k` is for tuning: k
    training examples take the place of the test set, whose own are then not returned at all.
    `n_train` keeps that many of the remaining training examples. Both choices are always the same,
    and keep the proportions of the classes and the order of the file. `DataNotFoundError` if it is
    not there, `DataError` if a file is damaged or the request is wrong.
    """
    import torch

    spec = spec_of(name)
    arrays, classes, known, source = obtain(spec, root)
    tensors = [torch.from_numpy(a).to(device) for a in _part(arrays, n_train, held_out)]
    return Dataset(name, *tensors, classes, spec.shape, known, source)


def own(data, *, device="cpu", n_train: int | None = None, held_out: int = 0) -> Dataset:
    """(x_train, y_train, x_test, y_test), NumPy arrays, tensors or lists, as a `Dataset`.

    Inputs (N, D), (N, H, W) or (N, C, H, W): uint8, which stands for x / 255 as in an image, or
    floats in [0, 1], used as they are. Labels (N,): whole numbers from 0 on; the largest of y_train
    says how many classes there are. `n_train`, `held_out`: as in `load`. The name is "own-" and
    the beginning of the checksum. `DataError` says which array is wrong and what to do.
    """
    import torch

    if not isinstance(data, tuple | list) or len(data) != 4:
        raise DataError(f"data is a {type(data).__name__}, not four arrays; give the name of a "
                        "data set, or data=(x_train, y_train, x_test, y_test)")
    x_train, y_train, x_test, y_test = (
        np.asarray(a.detach().cpu() if isinstance(a, torch.Tensor) else a) for a in data)
    train, test = _inputs("x_train", x_train), _inputs("x_test", x_test)
    if x_train.shape[1:] != x_test.shape[1:] or train.dtype != test.dtype:
        raise DataError(f"x_train is {train.dtype} {x_train.shape}, x_test {test.dtype} "
                        f"{x_test.shape}; examples must be of one kind and shape")
    labels = _labels("y_train", y_train, len(train), 2**31)
    count = max(2, int(labels.max()) + 1)
    arrays = train, labels, test, _labels("y_test", y_test, len(test), count)
    tensors = [torch.from_numpy(array).to(device) for array in _part(arrays, n_train, held_out)]
    shape, known = (1, 1, *x_train.shape[1:])[-3:], checksum(arrays)
    return Dataset(f"own-{known[:12]}", *tensors, tuple(map(str, range(count))), shape, known,
                   "own arrays")


def _inputs(name: str, x: np.ndarray) -> np.ndarray:
    """Inputs (N, D), uint8 or float32 in [0, 1]."""
    if not 2 <= x.ndim <= 4 or not x.size:
        raise DataError(f"{name} has shape {x.shape}; give (N, D), (N, H, W) or (N, C, H, W)")
    if x.dtype != np.uint8 and x.dtype.kind != "f":
        raise DataError(f"{name} holds {x.dtype}; give uint8 (0 to 255) or floats in [0, 1]")
    if x.dtype != np.uint8 and not (x.min() >= 0 and x.max() <= 1):
        raise DataError(f"{name} holds values from {x.min():g} to {x.max():g}; scale floats to "
                        "[0, 1], or give images of 0 to 255 as uint8")
    kind = np.uint8 if x.dtype == np.uint8 else np.float32
    return np.ascontiguousarray(x.reshape(len(x), -1), kind)


def _labels(name: str, y: np.ndarray, examples: int, classes: int) -> np.ndarray:
    """Labels (N,) int64 in 0..classes-1."""
    if y.shape != (examples,) or y.dtype.kind not in "iu":
        raise DataError(f"{name} is {y.dtype} {y.shape}; give one whole number an example, "
                        f"({examples},), not rows of 0 and 1")
    if y.min() < 0 or y.max() >= classes:
        raise DataError(f"{name} holds labels from {y.min()} to {y.max()}; number the classes of "
                        "y_train from 0 on, and have no other in y_test")
    return y.astype(np.int64)


def is_here(name: str, root: str | os.PathLike | None = None) -> bool:
    """Whether `load` would find the files of `name`; `DataError` if it would find a part."""
    try:
        return name == "digits" or bool(sources.find(spec_of(name), sources.data_folder(root)))
    except DataNotFoundError:
        return False


def obtain(spec: Spec, root: str | os.PathLike | None = None):
    """Arrays, class names, checksum and source of the whole set, from the decoded copy if any."""
    if spec.name == "digits":
        arrays, classes = readers.digits(spec)
        return arrays, classes, checksum(arrays), "scikit-learn load_digits"
    folder = sources.data_folder(root)
    source = sources.find(spec, folder)
    if not (found := cache.read(source)):
        arrays, classes = source.decode()
        found = arrays, classes, checksum(arrays)
        cache.write(source, *found)
    return *found, f"{source.layout}: {source.folder.relative_to(folder)}"


def _part(arrays, n_train: int | None, held_out: int) -> tuple[np.ndarray, ...]:
    """Training images and labels, test images and labels that are asked for; see `load`."""
    images, labels, *test = arrays
    if _count("held_out", held_out, 0, len(labels) - 1):
        chosen = stratified(labels, held_out)
        test = images[chosen], labels[chosen]
        images, labels = images[~chosen], labels[~chosen]
    if n_train is not None and _count("n_train", n_train, 1, len(labels)) < len(labels):
        chosen = stratified(labels, n_train)
        images, labels = images[chosen], labels[chosen]
    return images, labels, *test


def _count(name: str, value: int, low: int, high: int) -> int:
    if not isinstance(value, Integral) or not low <= value <= high:
        raise DataError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
    return value


def stratified(labels: np.ndarray, k: int) -> np.ndarray:
    """A mask (N,) of k examples, drawn at random with the proportions of the classes.

    Shuffled examples are sorted by class and taken at even distances. The random stream is that of
    NumPy's `RandomState`, which NumPy keeps the same in all versions (NEP 19).
    """
    n = len(labels)
    shuffled = np.random.RandomState(0).permutation(n)
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    mask = np.zeros(n, bool)
    mask[by_class[np.arange(k) * n // k]] = True
    return mask
