"""The decoded form of a data set: four arrays and the class names, with one checksum over all."""

import hashlib
from dataclasses import dataclass

import numpy as np

from .errors import DataError
from .specs import Spec

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True, eq=False)
class Decoded:
    """Images (N, D) uint8, 0..255, channel first; labels (N,) int64; names of the classes."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    classes: tuple[str, ...]

    def checksum(self) -> str:
        """SHA-256 (hex) of the four arrays, each preceded by its name, type and shape."""
        digest = hashlib.sha256()
        for name in ARRAYS:
            array = getattr(self, name)
            digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def validate(spec: Spec, decoded: Decoded) -> Decoded:
    """`decoded`, if types, shapes, labels and the number of examples agree with `spec`."""
    if len(decoded.classes) != len(spec.classes):
        raise DataError(
            f"{spec.name}: {len(decoded.classes)} class names, expected {len(spec.classes)}"
        )
    for split in ("train", "test"):
        images = getattr(decoded, f"{split}_images")
        labels = getattr(decoded, f"{split}_labels")
        _validate_arrays(spec, split, images, labels)
    _validate_sizes(spec, len(decoded.train_images), len(decoded.test_images))
    return decoded


def _validate_arrays(spec: Spec, split: str, images: np.ndarray, labels: np.ndarray) -> None:
    where = f"{spec.name}, {split}"
    if images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != spec.features:
        raise DataError(
            f"{where}: images are {images.dtype} {images.shape}, "
            f"expected uint8 (N, {spec.features}) for images of {spec.shape}"
        )
    if labels.dtype != np.int64 or labels.shape != images.shape[:1]:
        raise DataError(f"{where}: {len(images)} images but labels {labels.dtype} {labels.shape}")
    if len(labels) and (labels.min() < 0 or labels.max() >= len(spec.classes)):
        bad = int(np.flatnonzero((labels < 0) | (labels >= len(spec.classes)))[0])
        raise DataError(
            f"{where}: example {bad} has label {labels[bad]}, outside 0..{len(spec.classes) - 1}"
        )


def _validate_sizes(spec: Spec, n_train: int, n_test: int) -> None:
    """Refuse empty, partial and oversized sets; one of less than a tenth is a wanted miniature."""
    whole = (n_train, n_test) == (spec.n_train, spec.n_test)
    miniature = 0 < n_train < spec.n_train / 10 and 0 < n_test <= spec.n_test
    if not (whole or miniature):
        raise DataError(
            f"{spec.name}: {n_train} + {n_test} examples, the published set has "
            f"{spec.n_train} + {spec.n_test}: a part of it is missing or there twice; get it again "
            f"(topdown data fetch {spec.name})"
        )


def is_complete(spec: Spec, decoded: Decoded) -> bool:
    """Whether `decoded` has the published number of examples (else it is a miniature)."""
    sizes = len(decoded.train_images), len(decoded.test_images)
    return sizes == (spec.n_train, spec.n_test)
