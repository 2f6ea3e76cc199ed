"""File formats: what is written is what is read, and damage ends in `DataError`, nothing else."""

import gzip
import io
import os
import pickle
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from topdown.data import DataError, load, sources
from topdown.data.decoded import ARRAYS, Decoded
from topdown.data.specs import SPECS

# --- miniature data sets and their files ---------------------------------------------------------


def miniature(name: str, n_train: int = 40, n_test: int = 20, seed: int = 0) -> Decoded:
    """A random data set with the shape and the classes of `name`."""
    spec, rng = SPECS[name], np.random.default_rng(seed)
    arrays = []
    for n in (n_train, n_test):
        arrays.append(rng.integers(0, 256, (n, spec.features), dtype=np.uint8))
        arrays.append(np.arange(n) % len(spec.classes))
    return Decoded(*arrays, spec.classes)


def idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(root, name, data: Decoded, folder=None, gz=True):
    folder = root / (folder or name)
    folder.mkdir(parents=True, exist_ok=True)
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images = getattr(data, f"{split}_images").reshape(-1, *SPECS[name].shape[1:])
        labels = getattr(data, f"{split}_labels").astype(np.uint8)
        for kind, array in ((f"{prefix}-images-idx3", images), (f"{prefix}-labels-idx1", labels)):
            content = idx_bytes(array)
            path = folder / f"{kind}-ubyte{'.gz' if gz else ''}"
            path.write_bytes(gzip.compress(content, 1) if gz else content)


def encode(image: np.ndarray, format="WEBP", size=(32, 32), mode="RGB") -> bytes:
    """An image (D,), channel first, as the bytes of a lossless file."""
    picture = Image.fromarray(image.reshape(3, 32, 32).transpose(1, 2, 0)).resize(size)
    buffer = io.BytesIO()
    picture.convert(mode).save(buffer, format, lossless=True, exact=True)
    return buffer.getvalue()


def write_shard(path, images: list[bytes], labels, classes, drop=()):
    columns = {
        "image": pa.array(images, pa.binary()),
        "label": pa.array(labels, pa.int16()),
        "name": pa.array(["x"] * len(images)),
    }
    table = pa.table({key: column for key, column in columns.items() if key not in drop})
    metadata = {"classes": ",".join(classes), "format": "webp-lossless"} if classes else None
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(metadata), path)


def write_parquet(root, name, data: Decoded, shards=2):
    splits = {"train": shards, "test": 1}
    for split, n in splits.items():
        images = [encode(image) for image in getattr(data, f"{split}_images")]
        labels = getattr(data, f"{split}_labels")
        for i, rows in enumerate(np.array_split(np.arange(len(labels)), n)):
            path = root / name / f"{split}-{i}.parquet"
            write_shard(path, [images[row] for row in rows], labels[rows], data.classes)


def write_batches(root, name, data: Decoded, protocol=2):
    """The layout of CIFAR's python version, pickled as its authors did."""
    spec = SPECS[name]
    folder = root / spec.folder
    folder.mkdir(parents=True, exist_ok=True)
    for split, batches in zip(("train", "test"), spec.batches, strict=True):
        images, labels = getattr(data, f"{split}_images"), getattr(data, f"{split}_labels")
        for file, rows in zip(
            batches, np.array_split(np.arange(len(labels)), len(batches)), strict=True
        ):
            batch = {"data": images[rows].copy(), spec.labels_key: labels[rows].tolist()}
            batch["filenames"] = ["x.png"] * len(rows)
            (folder / file).write_bytes(pickle.dumps(batch, protocol))
    (folder / spec.meta[0]).write_bytes(pickle.dumps({spec.meta[1]: list(data.classes)}, protocol))


WRITERS = {
    "mnist-gz": ("mnist", write_idx, {}),
    "mnist-torchvision": ("mnist", write_idx, {"folder": "MNIST/raw", "gz": False}),
    "fashion-gz": ("fashion-mnist", write_idx, {}),
    "fashion-torchvision": ("fashion-mnist", write_idx, {"folder": "FashionMNIST/raw"}),
    "cifar10-parquet": ("cifar10", write_parquet, {}),
    "cifar10-torchvision": ("cifar10", write_batches, {}),
    "cifar10-protocol-5": ("cifar10", write_batches, {"protocol": 5}),
    "cifar100-parquet": ("cifar100", write_parquet, {"shards": 3}),
    "cifar100-torchvision": ("cifar100", write_batches, {}),
}


# --- round trips ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name, write, options", WRITERS.values(), ids=WRITERS)
def test_every_layout_returns_what_was_written(tmp_path, name, write, options):
    data = miniature(name)
    write(tmp_path, name, data, **options)
    for _ in ("decoded", "from the decoded copy"):
        dataset = load(name, root=tmp_path)
        for array in ARRAYS:
            np.testing.assert_array_equal(getattr(dataset, array).numpy(), getattr(data, array))
        assert dataset.classes == data.classes
        assert dataset.checksum == data.checksum()
        assert str(tmp_path) not in dataset.source


def test_channels_come_first_as_in_torchvision(tmp_path):
    red = np.zeros((3, 32, 32), np.uint8)
    red[0] = 200
    for split in ("train", "test"):
        path = tmp_path / "cifar10" / f"{split}-0.parquet"
        write_shard(path, [encode(red.ravel())], [0], SPECS["cifar10"].classes)
    image = load("cifar10", root=tmp_path).train_images[0]
    assert (image[:1024] == 200).all() and (image[1024:] == 0).all()


def test_class_names_of_cifar100_are_100_in_alphabetical_order():
    classes = SPECS["cifar100"].classes
    assert len(set(classes)) == 100 and list(classes) == sorted(classes)


# --- damage with a name --------------------------------------------------------------------------


def _change_gz(path, change):
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


@pytest.mark.parametrize(
    "file, change, words",
    [
        (IMAGES, lambda b: b"\x00\x00\x0d\x03" + b[4:], "not an idx file"),
        (IMAGES, lambda b: b[:10], "header"),
        (IMAGES, lambda b: b[:-1], "only"),
        (IMAGES, lambda b: b + b"x", "after the end"),
        (IMAGES, lambda b: b[:8] + struct.pack(">II", 14, 56) + b[16:], "expected (28, 28)"),
        (IMAGES, lambda b: b[:4] + b"\xff" * 4 + b[8:], "published set has 60000"),
        (IMAGES, lambda b: idx_bytes(np.zeros((3, 28, 28), np.uint8)), "3 images but labels"),
        (LABELS, lambda b: b[:-1] + b"\x0a", "label 10, outside 0..9"),
        (LABELS, lambda b: b"", "not an idx file"),
    ],
)
def test_damaged_idx_is_named(tmp_path, file, change, words):
    write_idx(tmp_path, "mnist", miniature("mnist"))
    _change_gz(tmp_path / "mnist" / file, change)
    with pytest.raises(DataError) as caught:
        load("mnist", root=tmp_path)
    assert words in str(caught.value) and str(tmp_path / "mnist") in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08"])
def test_bad_gzip_is_named(tmp_path, content):
    write_idx(tmp_path, "mnist", miniature("mnist"))
    (tmp_path / "mnist" / LABELS).write_bytes(content)
    with pytest.raises(DataError, match=LABELS):
        load("mnist", root=tmp_path)


def test_a_flipped_bit_in_a_gzipped_image_is_found(tmp_path):
    write_idx(tmp_path, "mnist", miniature("mnist"))
    path = tmp_path / "mnist" / IMAGES
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=IMAGES):
        load("mnist", root=tmp_path)


CLASSES10 = SPECS["cifar10"].classes
GREY = encode(np.full(3072, 128, np.uint8))


@pytest.mark.parametrize(
    "shard, words",
    [
        (dict(images=[GREY], labels=[0], drop=["label"]), "no column 'label'"),
        (dict(images=[GREY], labels=[0], drop=["image"]), "no column 'image'"),
        (dict(images=[GREY], labels=[10]), "outside 0..9"),
        (dict(images=[GREY], labels=[-1]), "label -1"),
        (dict(images=[GREY], labels=[None]), "without an image or a label"),
        (dict(images=[None], labels=[0]), "without an image or a label"),
        (dict(images=[GREY, b"no image"], labels=[0, 1]), "image 1"),
        (dict(images=[GREY[:-9]], labels=[0]), "image 0"),
        (dict(images=[encode(np.zeros(3072, np.uint8), size=(16, 32))], labels=[0]), "(16, 32)"),
        (dict(images=[encode(np.zeros(3072, np.uint8), "PNG", mode="L")], labels=[0]), " L, "),
        (dict(images=[encode(np.zeros(3072, np.uint8), "BMP")], labels=[0]), "image 0"),
        (dict(images=[], labels=[]), "0 + 1 examples"),
        (dict(images=[GREY], labels=[0], classes=("a", "b")), "class names"),
    ],
)
def test_damaged_parquet_is_named(tmp_path, shard, words):
    write_shard(tmp_path / "cifar10" / "test-0.parquet", [GREY], [0], CLASSES10)
    write_shard(tmp_path / "cifar10" / "train-0.parquet", **{"classes": CLASSES10, **shard})
    with pytest.raises(DataError) as caught:
        load("cifar10", root=tmp_path)
    assert words in str(caught.value) and str(tmp_path / "cifar10") in str(caught.value)


def test_a_missing_shard_is_named(tmp_path):
    write_parquet(tmp_path, "cifar10", miniature("cifar10"), shards=3)
    (tmp_path / "cifar10" / "train-1.parquet").unlink()
    with pytest.raises(DataError, match="missing train-1"):
        load("cifar10", root=tmp_path)


def test_a_missing_batch_is_named(tmp_path):
    write_batches(tmp_path, "cifar10", miniature("cifar10"))
    (tmp_path / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(DataError, match="missing data_batch_3"):
        load("cifar10", root=tmp_path)


# --- pickles -------------------------------------------------------------------------------------


class Payload:
    def __init__(self, call, *args):
        self.call, self.args = call, args

    def __reduce__(self):
        return self.call, self.args


@pytest.mark.tried("a data file of CIFAR with a payload in its pickle",
                   "refused by name; nothing of it is executed")
@pytest.mark.parametrize("file", ["data_batch_1", "test_batch", "batches.meta"])
@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize("wrap", [lambda p: p, lambda p: {"data": p}, lambda p: {p: [p]}])
def test_a_pickled_payload_is_not_executed(tmp_path, file, protocol, wrap):
    write_batches(tmp_path, "cifar10", miniature("cifar10"))
    payload = wrap(Payload(os.mkdir, str(tmp_path / "executed")))
    (tmp_path / "cifar-10-batches-py" / file).write_bytes(pickle.dumps(payload, protocol))
    with pytest.raises(DataError, match=f"{file}.*refused to unpickle .*mkdir"):
        load("cifar10", root=tmp_path)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "batch",
    [
        [],
        {},
        {"data": np.zeros((2, 3072), np.uint8)},
        {"data": [[0] * 3072], "labels": [0]},
        {"data": np.zeros((1, 3072), np.float32), "labels": [0]},
        {"data": np.zeros((2, 3072), np.uint8), "labels": [0]},
        {"data": np.zeros((1, 3071), np.uint8), "labels": [0]},
        {"data": np.zeros((1, 3072), np.uint8), "labels": [10]},
        {"data": np.zeros((1, 3072), np.uint8), "labels": ["cat"]},
        {"data": np.zeros((1, 3072), np.uint8, order="F").T, "labels": [0]},
    ],
    ids=repr,
)
def test_a_batch_with_wrong_content_is_named(tmp_path, batch):
    write_batches(tmp_path, "cifar10", miniature("cifar10"))
    (tmp_path / "cifar-10-batches-py" / "data_batch_1").write_bytes(pickle.dumps(batch, 2))
    with pytest.raises(DataError, match="data_batch_1"):
        load("cifar10", root=tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"})" + b"\x85" * 200_000 + b"K\x01s.",  # a tuple in a tuple in ..., as a key
        b"]" * 200_000 + b"a" * 199_999 + b".",
        b"\x80\x02}r\xff\xff\xff\xff.",  # a memo of 2**32 entries
        b"\x80\x05\x8e" + b"\xff" * 5 + b"\0\0\0.",  # a terabyte of bytes
        b"\x80\x02}X\x01\0\0\0ac_codecs\nencode\nX\x01\0\0\0aX\x03\0\0\0hex\x86Rs.",
    ],
    ids=["tuples", "lists", "memo", "bytes", "codec"],
)
def test_a_pickle_made_to_exhaust_python_is_named(tmp_path, content):
    write_batches(tmp_path, "cifar10", miniature("cifar10"))
    (tmp_path / "cifar-10-batches-py" / "data_batch_1").write_bytes(content)
    with pytest.raises(DataError, match="data_batch_1"):
        load("cifar10", root=tmp_path)


# --- damage at random ----------------------------------------------------------------------------

edits = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "zero"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=4,
)
fuzz = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def damage(content: bytes, changes) -> bytes:
    for kind, where, new in changes:
        i = int(where * len(content))
        tail = {"flip": content[i + len(new) :], "cut": b"", "insert": content[i:]}
        middle = b"\0" * len(new) if kind == "zero" else b"" if kind == "cut" else new
        content = content[:i] + middle + tail.get(kind, content[i + len(new) :])
    return content


def decodes_or_data_error(name, root):
    """Whatever is in the files: a valid data set or a `DataError` that names the data folder."""
    try:
        found = sources.find(SPECS[name], root).decode()
    except DataError as error:
        assert str(root) in str(error)
    else:
        assert found.train_images.dtype == np.uint8 and len(found.train_images)


@pytest.mark.tried("an idx file (MNIST) damaged at random (fuzzed)",
                   "an error that names the file, or no harm")
@fuzz
@given(changes=edits, gz=st.booleans(), file=st.sampled_from([IMAGES, LABELS]))
def test_any_damage_to_idx_is_data_error_or_harmless(tmp_path, changes, gz, file):
    write_idx(tmp_path, "mnist", miniature("mnist", 10, 5))
    path = tmp_path / "mnist" / file
    if gz:
        path.write_bytes(damage(path.read_bytes(), changes))
    else:
        _change_gz(path, lambda content: damage(content, changes))
    decodes_or_data_error("mnist", tmp_path)


@fuzz
@given(content=st.binary(max_size=64))
def test_any_bytes_as_idx_are_data_error_or_harmless(tmp_path, content):
    write_idx(tmp_path, "mnist", miniature("mnist", 10, 5), gz=False)
    (tmp_path / "mnist" / LABELS.removesuffix(".gz")).write_bytes(content)
    decodes_or_data_error("mnist", tmp_path)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    root = tmp_path_factory.mktemp("shards")
    write_parquet(root, "cifar10", miniature("cifar10", 4, 2), shards=1)
    return root, (root / "cifar10" / "train-0.parquet").read_bytes()


@pytest.mark.tried("a Parquet file of data damaged at random (fuzzed)",
                   "an error that names the file, or no harm")
@fuzz
@given(changes=edits)
def test_any_damage_to_parquet_is_data_error_or_harmless(shards, changes):
    root, content = shards
    (root / "cifar10" / "train-0.parquet").write_bytes(damage(content, changes))
    decodes_or_data_error("cifar10", root)


@pytest.mark.tried("an image inside a data file damaged at random (fuzzed)",
                   "an error that names the file, or no harm")
@fuzz
@given(changes=edits, format=st.sampled_from(["WEBP", "PNG"]))
def test_any_damage_to_an_image_is_data_error_or_harmless(shards, changes, format):
    root, _ = shards
    image = encode(miniature("cifar10", 1, 1).train_images[0], format)
    path = root / "cifar10" / "train-0.parquet"
    write_shard(path, [damage(image, changes)], [0], CLASSES10)
    decodes_or_data_error("cifar10", root)


@pytest.mark.tried("a pickled batch of CIFAR damaged at random (fuzzed)",
                   "an error that names the file, or no harm")
@fuzz
@given(changes=edits, protocol=st.sampled_from([0, 2, 5]))
def test_any_damage_to_a_pickle_is_data_error_or_harmless(tmp_path, changes, protocol):
    write_batches(tmp_path, "cifar100", miniature("cifar100", 2, 1), protocol)
    path = tmp_path / "cifar-100-python" / "train"
    path.write_bytes(damage(path.read_bytes(), changes))
    decodes_or_data_error("cifar100", tmp_path)


@fuzz
@given(content=st.binary(max_size=200))
def test_any_bytes_as_a_pickle_are_data_error(tmp_path, content):
    write_batches(tmp_path, "cifar100", miniature("cifar100", 2, 1))
    (tmp_path / "cifar-100-python" / "meta").write_bytes(content)
    decodes_or_data_error("cifar100", tmp_path)
