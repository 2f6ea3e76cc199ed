"""Files to arrays: idx files and CIFAR's batches by torchvision; Parquet shards; the digits.

Each reader returns training images (N, D) uint8 and labels (N,) int64, the same for testing, and
the names of the classes.
"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from topdown.data._torchvision import torchvision_datasets
from topdown.data.specs import Spec
from topdown.errors import DataError


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Whatever a decoder raises on damaged bytes becomes a `DataError` that names `path`."""
    try:
        yield
    except (DataError, MemoryError):
        raise
    except Exception as error:
        raise DataError(f"{path}: {error or repr(error)}; it is damaged or not the right file, get "
                        "it again") from error


def idx(spec: Spec, files: dict[str, Path]):
    """MNIST and Fashion-MNIST in their four files, each unpacked or gzipped."""
    datasets, arrays = torchvision_datasets(), []
    for name, path in files.items():
        with naming(path), tempfile.TemporaryDirectory() as scratch:
            plain = datasets.utils.extract_archive(path, scratch) if path.suffix == ".gz" else path
            if "labels" in name:
                arrays.append(datasets.mnist.read_label_file(str(plain)).numpy())
            else:
                images = datasets.mnist.read_image_file(str(plain)).numpy()
                arrays.append(images.reshape(-1, spec.features))
    names = getattr(datasets, spec.torchvision).classes
    return arrays, [name.partition(" - ")[0] for name in names]


def batches(spec: Spec, files: dict[str, Path]):
    """CIFAR's "python version". It is pickled: nothing is unpickled that is not as published."""
    datasets, arrays = torchvision_datasets(), []
    published = getattr(datasets, spec.torchvision)
    meta = published.meta["filename"], published.meta["md5"]
    for name, md5 in (*published.train_list, *published.test_list, meta):
        with naming(files[name]):
            if not datasets.utils.check_integrity(files[name], md5):
                raise ValueError("it differs from the published file (MD5)")
    folder = files[name].parent
    here = type(published.__name__, (published,), {"base_folder": folder.name})
    for split in (here(folder.parent, train=True), here(folder.parent, train=False)):
        images = split.data.transpose(0, 3, 1, 2)
        arrays += [images.reshape(-1, spec.features), np.array(split.targets, np.int64)]
    return arrays, split.classes


def shards(spec: Spec, files: dict[str, Path]):
    """Parquet shards: columns `image` (lossless WebP), `label`; class names in the schema."""
    parts = {"train": [], "test": []}
    for name, path in files.items():
        with naming(path):
            table = pq.read_table(path, columns=["image", "label"], partitioning=None,
                                  page_checksum_verification=True, use_threads=False,
                                  pre_buffer=False)  # threads wait forever once memory runs out
            images = np.stack([_image(item.as_py(), spec) for item in table["image"]])
            labels = table["label"].to_numpy().astype(np.int64, casting="safe")
            parts[name.partition("-")[0]].append((images, labels))
            names = (table.schema.metadata or {}).get(b"classes", b"").decode()
    arrays = [np.concatenate(column) for split in parts.values() for column in zip(*split)]
    return arrays, names.split(",") if names else spec.classes


def _image(encoded: bytes, spec: Spec) -> np.ndarray:
    """One image (D,), channel first; its size is compared before a pixel is decoded.

    Lossless formats alone: Pillow's other parsers stay out of a hostile file's reach.
    """
    with Image.open(io.BytesIO(encoded), formats=("WEBP", "PNG")) as image:
        if (found := (len(image.getbands()), image.height, image.width)) != spec.shape:
            raise ValueError(f"an image of {found}, expected {spec.shape}")
        return np.asarray(image).transpose(2, 0, 1).reshape(-1)


def digits(spec: Spec):
    """The 1797 digits as 1437 training and 360 test images, without any random number.

    Pixel values v in 0..16 become round(v * 255 / 16) in integer arithmetic. Every fifth of the
    examples sorted by class (file order within a class) is a test example. Source: UCI "Optical
    Recognition of Handwritten Digits", as shipped with scikit-learn.
    """
    from sklearn.datasets import load_digits  # takes a second to import: only where it is needed

    bunch = load_digits()
    images = ((bunch.data.astype(np.int64) * 255 + 8) // 16).astype(np.uint8)
    labels = bunch.target.astype(np.int64)
    test = np.zeros(len(labels), bool)
    test[np.argsort(labels, kind="stable")[::5]] = True
    return [images[~test], labels[~test], images[test], labels[test]], spec.classes
