"""File formats: what is written is what is read, and damage ends in `DataError`, nothing else."""

import gzip
import hashlib
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

from topdown.data import SPECS, DataError, Dataset, load, readers, sources
from topdown.data.dataset import ARRAYS, checksum

pytestmark = pytest.mark.usefixtures("own_cache")

# --- miniature data sets and their files ---------------------------------------------------------


def miniature(name: str, n_train: int = 40, n_test: int = 20, seed: int = 0) -> Dataset:
    """A random data set with the shape of `name`, in arrays."""
    spec, rng = SPECS[name], np.random.default_rng(seed)
    arrays = []
    for n in (n_train, n_test):
        arrays.append(rng.integers(0, 256, (n, spec.features), dtype=np.uint8))
        arrays.append(np.arange(n) % len(spec.classes))
    return Dataset(name, *arrays, names_of(name), spec.shape, checksum(arrays), "")


def names_of(name: str) -> tuple[str, ...]:
    """The names of the classes that the files of `name` hold, or that torchvision has."""
    if name == "mnist":
        return SPECS[name].classes
    if name == "fashion-mnist":
        return tuple(readers.torchvision_datasets().FashionMNIST.classes)
    return tuple(f"class {i}" for i in range(len(SPECS[name].classes)))


def idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(root, name, data: Dataset, folder=None, gz=True):
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


def write_parquet(root, name, data: Dataset, shards=2):
    splits = {"train": shards, "test": 1}
    for split, n in splits.items():
        images = [encode(image) for image in getattr(data, f"{split}_images")]
        labels = getattr(data, f"{split}_labels")
        for i, rows in enumerate(np.array_split(np.arange(len(labels)), n)):
            path = root / name / f"{split}-{i}.parquet"
            write_shard(path, [images[row] for row in rows], labels[rows], data.classes)


def write_batches(root, name, data: Dataset, protocol=2):
    """The layout of CIFAR's python version, pickled as its authors did."""
    spec, published = SPECS[name], published_class(name)
    folder = root / spec.folder
    folder.mkdir(parents=True, exist_ok=True)
    for split, listed in (("train", published.train_list), ("test", published.test_list)):
        images, labels = getattr(data, f"{split}_images"), getattr(data, f"{split}_labels")
        key = "labels" if name == "cifar10" else "fine_labels"
        for (file, _), rows in zip(listed, np.array_split(np.arange(len(labels)), len(listed))):
            batch = {"data": images[rows].copy(), key: labels[rows].tolist()}
            (folder / file).write_bytes(pickle.dumps(batch, protocol))
    meta = {published.meta["key"]: list(data.classes)}
    (folder / published.meta["filename"]).write_bytes(pickle.dumps(meta, protocol))


def published_class(name):
    return getattr(readers.torchvision_datasets(), SPECS[name].torchvision)


def publish(monkeypatch, root, name):
    """Let torchvision take the batches below `root` for the published ones, by their sums."""
    def md5(file):
        return hashlib.md5((root / SPECS[name].folder / file).read_bytes()).hexdigest()

    published = published_class(name)
    for listed in ("train_list", "test_list"):
        files = [file for file, _ in getattr(published, listed)]
        monkeypatch.setattr(published, listed, [[file, md5(file)] for file in files])
    meta = published.meta
    monkeypatch.setattr(published, "meta", {**meta, "md5": md5(meta["filename"])})


WRITERS = {
    "mnist-gz": ("mnist", write_idx, {}),
    "mnist-torchvision": ("mnist", write_idx, {"folder": "MNIST/raw", "gz": False}),
    "fashion-gz": ("fashion-mnist", write_idx, {}),
    "fashion-torchvision": ("fashion-mnist", write_idx, {"folder": "FashionMNIST/raw"}),
    "cifar10-parquet": ("cifar10", write_parquet, {}),
    "cifar10-torchvision": ("cifar10", write_batches, {}),
    "cifar100-parquet": ("cifar100", write_parquet, {"shards": 3}),
    "cifar100-torchvision": ("cifar100", write_batches, {}),
}


# --- round trips ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name, write, options", WRITERS.values(), ids=WRITERS)
def test_every_layout_returns_what_was_written(tmp_path, monkeypatch, name, write, options):
    data = miniature(name)
    write(tmp_path, name, data, **options)
    if write is write_batches:
        publish(monkeypatch, tmp_path, name)
    before = sorted(tmp_path.rglob("*"))
    for _ in ("decoded", "from the decoded copy"):
        dataset = load(name, root=tmp_path)
        for array in ARRAYS:
            np.testing.assert_array_equal(getattr(dataset, array).numpy(), getattr(data, array))
        assert dataset.classes == data.classes
        assert dataset.checksum == data.checksum
        assert str(tmp_path) not in dataset.source
    assert sorted(tmp_path.rglob("*")) == before


def test_channels_come_first_as_in_torchvision(tmp_path):
    red = np.zeros((3, 32, 32), np.uint8)
    red[0] = 200
    for split in ("train", "test"):
        path = tmp_path / "cifar10" / f"{split}-0.parquet"
        write_shard(path, [encode(red.ravel())], [0], SPECS["cifar10"].classes)
    image = load("cifar10", root=tmp_path).train_images[0]
    assert (image[:1024] == 200).all() and (image[1024:] == 0).all()


# --- damage with a name --------------------------------------------------------------------------


def _change_gz(path, change):
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


@pytest.mark.parametrize(
    "file, change, words",
    [
        (IMAGES, lambda b: b"\x00\x00\x0d\x03" + b[4:], IMAGES),
        (IMAGES, lambda b: b[:10], IMAGES),
        (IMAGES, lambda b: b[:-1], IMAGES),
        (IMAGES, lambda b: b + b"x", IMAGES),
        (IMAGES, lambda b: b[:4] + b"\xff" * 4 + b[8:], IMAGES),
        (IMAGES, lambda b: idx_bytes(np.zeros((3, 28, 28), np.uint8)), "3 images but 40 labels"),
        (LABELS, lambda b: b[:-1] + b"\x0a", "label 10, outside 0..9"),
        (LABELS, lambda b: b"", LABELS),
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


CLASSES10 = names_of("cifar10")
GREY = encode(np.full(3072, 128, np.uint8))


@pytest.mark.parametrize(
    "shard, words",
    [
        (dict(images=[GREY], labels=[0], drop=["label"]), "label"),
        (dict(images=[GREY], labels=[0], drop=["image"]), "image"),
        (dict(images=[GREY], labels=[10]), "outside 0..9"),
        (dict(images=[GREY], labels=[-1]), "label -1"),
        (dict(images=[GREY], labels=[None]), "train-0"),
        (dict(images=[None], labels=[0]), "train-0"),
        (dict(images=[GREY, b"no image"], labels=[0, 1]), "train-0"),
        (dict(images=[GREY[:-9]], labels=[0]), "train-0"),
        (dict(images=[encode(np.zeros(3072, np.uint8), size=(16, 32))], labels=[0]), "(3, 32, 16)"),
        (dict(images=[encode(np.zeros(3072, np.uint8), "PNG", mode="L")], labels=[0]),
         "(1, 32, 32)"),
        (dict(images=[encode(np.zeros(3072, np.uint8), "BMP")], labels=[0]), "train-0"),
        (dict(images=[], labels=[]), "train-0"),
        (dict(images=[GREY], labels=[0], classes=("a", "b")), "class names"),
    ],
)
def test_damaged_parquet_is_named(tmp_path, shard, words):
    given = {"classes": CLASSES10, **shard}
    write_shard(tmp_path / "cifar10" / "train-0.parquet", **given)
    write_shard(tmp_path / "cifar10" / "test-0.parquet", [GREY], [0], given["classes"])
    with pytest.raises(DataError) as caught:
        load("cifar10", root=tmp_path)
    assert words in str(caught.value) and str(tmp_path / "cifar10") in str(caught.value)


def test_a_missing_shard_is_named(tmp_path):
    write_parquet(tmp_path, "cifar10", miniature("cifar10"), shards=3)
    (tmp_path / "cifar10" / "train-1.parquet").unlink()
    with pytest.raises(DataError, match="missing train-1"):
        load("cifar10", root=tmp_path)


# --- pickles -------------------------------------------------------------------------------------


class Payload:
    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


@pytest.mark.tried("a data file of CIFAR with a payload in its pickle",
                   "refused by name before it is unpickled; nothing of it is executed")
@pytest.mark.parametrize("name, file", [("cifar10", "data_batch_1"), ("cifar10", "test_batch"),
                                        ("cifar10", "batches.meta"), ("cifar100", "train"),
                                        ("cifar100", "meta")])
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickled_payload_is_not_executed(tmp_path, monkeypatch, name, file, protocol):
    write_batches(tmp_path, name, miniature(name))
    publish(monkeypatch, tmp_path, name)
    content = pickle.dumps({"data": Payload(tmp_path / "executed")}, protocol)
    (tmp_path / SPECS[name].folder / file).write_bytes(content)
    with pytest.raises(DataError, match=f"{file}: it differs from the published file"):
        load(name, root=tmp_path)
    assert not (tmp_path / "executed").exists()
    pickle.loads(content)  # it would have
    assert (tmp_path / "executed").exists()


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_nothing_is_unpickled_where_the_sums_are_torchvisions_own(tmp_path, monkeypatch, name):
    def never(*_, **__):
        raise AssertionError("unpickled")

    write_batches(tmp_path, name, miniature(name))
    monkeypatch.setattr(pickle, "load", never)
    with pytest.raises(DataError, match="differs from the published file"):
        load(name, root=tmp_path)


def test_the_names_of_the_batches_are_torchvisions():
    for name in ("cifar10", "cifar100"):
        published = published_class(name)
        listed = [file for file, _ in (*published.train_list, *published.test_list)]
        assert list(SPECS[name].files) == [*listed, published.meta["filename"]]
        assert SPECS[name].folder == published.base_folder


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
        arrays, _ = sources.find(SPECS[name], root).decode()
    except DataError as error:
        assert str(root) in str(error)
    else:
        assert arrays[0].dtype == np.uint8 and len(arrays[0])


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
@given(changes=edits, file=st.sampled_from(["train", "test", "meta"]))
def test_any_damage_to_a_pickle_is_named(tmp_path, changes, file):
    write_batches(tmp_path, "cifar100", miniature("cifar100", 2, 1))
    with pytest.MonkeyPatch.context() as patch:
        publish(patch, tmp_path, "cifar100")
        path = tmp_path / "cifar-100-python" / file
        path.write_bytes(damage(path.read_bytes(), changes))
        decodes_or_data_error("cifar100", tmp_path)
