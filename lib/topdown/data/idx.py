"""The idx format of MNIST and Fashion-MNIST: a big-endian header, then bytes; possibly gzipped.

Format: http://yann.lecun.com/exdb/mnist/ (magic 0, 0, 8 = unsigned byte, number of dimensions).
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from .decoded import Decoded
from .errors import DataError
from .specs import Spec

_PREFIX = {"train": "train", "test": "t10k"}


def filenames(split: str) -> tuple[str, str]:
    """Names of the images' and the labels' file of "train" or "test", without ".gz"."""
    prefix = _PREFIX[split]
    return f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"


def read(path: Path, item_shape: tuple[int, ...], limit: int) -> np.ndarray:
    """The array (N, *item_shape) uint8 in the idx file `path` (gzipped if its name ends in .gz).

    Never reads more than `limit` items. `DataError` if the file is not exactly such an array.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            n = _read_header(file, item_shape, limit)
            size = n * math.prod(item_shape)
            data = file.read(size + 1)  # one more: reaches the end, where gzip compares its sum
    except (OSError, EOFError, zlib.error, DataError) as error:
        raise DataError(f"{path}: {error}; it is damaged or not the right file") from error
    if len(data) != size:
        what = "bytes after the end" if len(data) > size else f"only {len(data)} of them"
        raise DataError(f"{path}: the header promises {size} bytes, there are {what}; get it again")
    return np.frombuffer(data, np.uint8).reshape(n, *item_shape).copy()  # writable


def _read_header(file, item_shape: tuple[int, ...], limit: int) -> int:
    """Number of items, after comparing magic and dimensions with what is expected."""
    ndim = 1 + len(item_shape)
    header = file.read(4 + 4 * ndim)
    magic = bytes((0, 0, 8, ndim))
    if header[:4] != magic:
        raise DataError(f"not an idx file of {ndim}-dimensional bytes: starts with {header[:4]!r}")
    if len(header) < 4 + 4 * ndim:
        raise DataError("truncated within its header")
    n, *dims = struct.unpack(f">{ndim}I", header[4:])
    if tuple(dims) != item_shape:
        raise DataError(f"items of shape {tuple(dims)}, expected {item_shape}")
    if n > limit:
        raise DataError(f"{n} items, the published set has {limit}")
    return n


def decode(spec: Spec, files: dict[str, Path]) -> Decoded:
    """The data set in the four files, given under their names without ".gz"."""
    arrays = {}
    for split in ("train", "test"):
        images, labels = filenames(split)
        limit = spec.published(split)
        arrays[f"{split}_images"] = read(files[images], spec.shape[1:], limit).reshape(
            -1, spec.features
        )
        arrays[f"{split}_labels"] = read(files[labels], (), limit).astype(np.int64)
    return Decoded(**arrays, classes=spec.classes)
