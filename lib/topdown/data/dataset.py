"""A data set in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from topdown.data.specs import Spec

if TYPE_CHECKING:
    import torch

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set as tensors.

    Images are (N, D), flattened channel first (C, H, W) as torchvision's `ToTensor` orders them:
    uint8, 0..255, or float32 in [0, 1]; labels (N,) int64 in 0..len(classes)-1. `checksum` is that
    of the whole data set, before a part of it is taken; `source` says what it comes from.
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


def checksum(arrays) -> str:
    """SHA-256 (hex) of the four arrays, each preceded by its name, type and shape."""
    digest = hashlib.sha256()
    for name, array in zip(ARRAYS, arrays):
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def validate(spec: Spec, arrays, classes) -> None:
    """ValueError if the set is neither that of `spec` nor a miniature, below a tenth of it."""
    if len(classes) != len(spec.classes):
        raise ValueError(f"{len(classes)} class names, expected {len(spec.classes)}")
    for images, labels in (arrays[:2], arrays[2:]):
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images but {len(labels)} labels")
        for place in np.flatnonzero((labels < 0) | (labels >= len(classes)))[:1]:
            raise ValueError(f"example {place} has label {labels[place]}, outside "
                             f"0..{len(classes) - 1}")
    train, test = map(len, arrays[::2])
    if (train, test) == (spec.n_train, spec.n_test):
        if spec.checksum not in ("", checksum(arrays)):
            raise ValueError("the images differ from the published ones")
    elif not (0 < train < spec.n_train / 10 and 0 < test <= spec.n_test):
        raise ValueError(f"{train} + {test} examples, the published set has {spec.n_train} + "
                         f"{spec.n_test}: a part is missing or there twice")
