"""Parquet shards of encoded images: columns `image` (bytes), `label`, class names in the schema."""

import io
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from .decoded import Decoded
from .errors import DataError
from .specs import Spec

_FORMATS = ("WEBP", "PNG")  # lossless; Pillow's other parsers stay out of a hostile file's reach
_REMEDY = "it is damaged or not the right file; get it again"


def decode(spec: Spec, files: dict[str, Path]) -> Decoded:
    """The data set in shards given as {"train-0": path, ..., "test-0": path}, in that order."""
    arrays, classes = {}, set()
    for split in ("train", "test"):
        shards = [path for key, path in files.items() if key.startswith(split)]
        images, labels, names = zip(*(_read_shard(spec, path) for path in shards), strict=True)
        arrays[f"{split}_images"] = np.concatenate(images)
        arrays[f"{split}_labels"] = np.concatenate(labels)
        classes.update(names)
    if len(classes) != 1:
        raise DataError(f"{shards[0].parent}: the shards disagree on the class names; {_REMEDY}")
    return Decoded(**arrays, classes=classes.pop())


def _read_shard(spec: Spec, path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Images (N, D) uint8, labels (N,) int64 and class names of one shard."""
    try:
        encoded, labels, metadata = _read_columns(path, limit=spec.n_train)
        return _decode_images(encoded, spec.shape), labels, _class_names(metadata, spec.classes)
    except Exception as error:  # whatever a decoder raises on damaged bytes
        raise DataError(f"{path}: {error}; {_REMEDY}") from error


def _read_columns(path: Path, limit: int) -> tuple[pa.Array, np.ndarray, dict[bytes, bytes]]:
    """The encoded images, the labels and the schema's metadata."""
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        missing = {"image", "label"} - set(file.schema_arrow.names)
        if missing:
            raise DataError(f"no column {' and '.join(map(repr, sorted(missing)))}")
        if file.metadata.num_rows > limit:
            raise DataError(f"{file.metadata.num_rows} rows, the published set has {limit}")
        table = file.read(["image", "label"])
    if table["image"].null_count or table["label"].null_count:
        raise DataError("rows without an image or a label")
    images = table["image"].cast(pa.large_binary()).combine_chunks()
    labels = table["label"].cast(pa.int64()).to_numpy()
    return images, labels.copy(), table.schema.metadata or {}


def _class_names(metadata: dict[bytes, bytes], default: tuple[str, ...]) -> tuple[str, ...]:
    """The comma-separated names under `classes`, or those of the published set."""
    text = metadata.get(b"classes", b"").decode()
    return tuple(text.split(",")) if text else default


def _decode_images(encoded: pa.Array, shape: tuple[int, int, int]) -> np.ndarray:
    """The images (N, D), channel first. Threads do not help: the images are too small."""
    images = np.empty((len(encoded), *shape), np.uint8)
    for row, item in enumerate(encoded):
        try:
            images[row] = _decode_image(item.as_py(), shape)
        except Exception as error:
            raise DataError(f"image {row}: {error}") from error
    return images.reshape(len(encoded), math.prod(shape))


def _decode_image(encoded: bytes, shape: tuple[int, int, int]) -> np.ndarray:
    """One image (C, H, W); its size is compared before a pixel is decoded."""
    _, height, width = shape
    with Image.open(io.BytesIO(encoded), formats=_FORMATS) as image:
        if image.size != (width, height) or image.mode != "RGB":
            raise DataError(f"{image.size} {image.mode}, expected {(width, height)} RGB")
        return np.asarray(image).transpose(2, 0, 1)
