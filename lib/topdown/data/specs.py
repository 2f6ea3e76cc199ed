"""What is known of each data set before a file is opened: shape, size, names, folders, sums."""

import difflib
from dataclasses import dataclass, field

from .errors import UnknownDataError

_CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
_CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck"
_CIFAR100 = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile
cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp
lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree
orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum
rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider
squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train
trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""


@dataclass(frozen=True)
class Spec:
    """Facts about one data set.

    `shape` is (channels, height, width); `n_train`, `n_test` the published numbers of examples;
    `torchvision` the class that downloads it; `folder` where that class keeps its files;
    `md5` the published sums of those files once unpacked, as far as they are known.
    """

    name: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    n_train: int
    n_test: int
    torchvision: str = ""
    folder: str = ""
    batches: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    labels_key: str = ""
    meta: tuple[str, str] = ("", "")
    md5: dict[str, str] = field(default_factory=dict)

    @property
    def features(self) -> int:
        """Number of input units D of one flattened image."""
        channels, height, width = self.shape
        return channels * height * width

    def published(self, split: str) -> int:
        """Published number of examples of `split`, "train" or "test"."""
        return self.n_train if split == "train" else self.n_test


# Sums of the CIFAR batches: torchvision's CIFAR10 and CIFAR100 (`train_list`, `test_list`, `meta`).
# Sums of MNIST: its four files unpacked (torchvision publishes those of the archives only).
SPECS = {
    spec.name: spec
    for spec in (
        Spec("digits", (1, 8, 8), tuple("0123456789"), 1437, 360),
        Spec(
            "mnist", (1, 28, 28), tuple("0123456789"), 60_000, 10_000, "MNIST", "MNIST/raw",
            md5={
                "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
                "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
                "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
                "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
            },
        ),
        Spec(
            "fashion-mnist", (1, 28, 28), _CLOTHES, 60_000, 10_000,
            "FashionMNIST", "FashionMNIST/raw",
        ),
        Spec(
            "cifar10", (3, 32, 32), tuple(_CIFAR10.split()), 50_000, 10_000,
            "CIFAR10", "cifar-10-batches-py",
            (tuple(f"data_batch_{i}" for i in range(1, 6)), ("test_batch",)),
            "labels", ("batches.meta", "label_names"),
            md5={
                "data_batch_1": "c99cafc152244af753f735de768cd75f",
                "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
                "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
                "data_batch_4": "634d18415352ddfa80567beed471001a",
                "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
                "test_batch": "40351d587109b95175f43aff81a1287e",
                "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
            },
        ),
        Spec(
            "cifar100", (3, 32, 32), tuple(_CIFAR100.split()), 50_000, 10_000,
            "CIFAR100", "cifar-100-python",
            (("train",), ("test",)), "fine_labels", ("meta", "fine_label_names"),
            md5={
                "train": "16019d7e3df5f24257cddd939b257f8d",
                "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
                "meta": "7973b15100ade9c7d40fb424638fde48",
            },
        ),
    )
}  # fmt: skip


def spec_of(name: str) -> Spec:
    """The facts about `name`; `UnknownDataError` with the nearest known name if there is none."""
    if isinstance(name, str) and name in SPECS:
        return SPECS[name]
    near = difflib.get_close_matches(str(name).lower(), SPECS, n=1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise UnknownDataError(f"unknown data set {name!r}{hint} (known: {', '.join(SPECS)})")
