"""What is known of each data set before a file is opened."""

from dataclasses import dataclass
from math import prod

from topdown.errors import DataNotFoundError, UnknownDataError, unknown


@dataclass(frozen=True)
class Spec:
    """Facts about one data set.

    `shape` is (channels, height, width); `classes` numbers, where the files hold no names;
    `torchvision` the class that reads it, `folder` where that class keeps its `files`; `checksum`
    of the decoded set, of CIFAR as Parquet shards (torchvision has sums for its own files).
    """

    name: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    n_train: int
    n_test: int
    torchvision: str = ""
    folder: str = ""
    files: tuple[str, ...] = ()
    checksum: str = ""

    @property
    def features(self) -> int:
        """Number of input units D of one flattened image."""
        return prod(self.shape)


_TEN, _HUNDRED = tuple("0123456789"), tuple(map(str, range(100)))
_IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta")
_MNIST = "0ee7cebfcea1eaa9681e75fd3c19b398b8f733268b1cb40436e6459a7a56545f"
_CIFAR10 = "af4fbb7ab6b93e20c3a6b207fd474aadaef0fe58d0839b166d55202e7e9b089d"
_CIFAR100 = "e110543cbb09e5df121c099774b542062705bee0bd36df156349933036e8c610"

SPECS = {spec.name: spec for spec in (
    Spec("digits", (1, 8, 8), _TEN, 1437, 360),
    Spec("mnist", (1, 28, 28), _TEN, 60_000, 10_000, "MNIST", "MNIST/raw", _IDX, _MNIST),
    Spec("fashion-mnist", (1, 28, 28), _TEN, 60_000, 10_000, "FashionMNIST", "FashionMNIST/raw",
         _IDX),
    Spec("cifar10", (3, 32, 32), _TEN, 50_000, 10_000, "CIFAR10", "cifar-10-batches-py", _BATCHES,
         _CIFAR10),
    Spec("cifar100", (3, 32, 32), _HUNDRED, 50_000, 10_000, "CIFAR100", "cifar-100-python",
         ("train", "test", "meta"), _CIFAR100),
)}
"""Every data set by its name: its shape, its size, where it lies."""


def spec_of(name: str) -> Spec:
    """The facts about `name`; `UnknownDataError` with the nearest known name if there is none."""
    if isinstance(name, str) and name in SPECS:
        return SPECS[name]
    if str(name).startswith("own"):
        raise DataNotFoundError("own arrays have no files; give data=(x_train, y_train, ...)")
    raise UnknownDataError(unknown("data set", name, SPECS))
