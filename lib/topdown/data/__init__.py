"""Data sets: the embedded digits, and MNIST, Fashion-MNIST, CIFAR-10, CIFAR-100 from local files.

    dataset = topdown.data.load("mnist")

Nothing is downloaded but by `fetch`.
"""

from .checking import Row, check, is_here
from .errors import DataError, DataNotFoundError
from .folders import data_folder
from .getting import fetch, import_
from .loading import Dataset, load
from .specs import SPECS

NAMES = tuple(SPECS)
"""The data sets that `load` knows by name."""

__all__ = [
    "NAMES",
    "DataError",
    "DataNotFoundError",
    "Dataset",
    "Row",
    "check",
    "data_folder",
    "fetch",
    "import_",
    "is_here",
    "load",
]
