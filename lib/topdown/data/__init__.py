"""Data sets: the embedded digits; MNIST, Fashion-MNIST, CIFAR-10, CIFAR-100 in files; own."""

from topdown.data.dataset import Dataset
from topdown.data.loading import is_here, load, own
from topdown.data.sources import cache_folder, data_folder
from topdown.data.specs import SPECS
from topdown.errors import DataError, DataNotFoundError

__all__ = ["SPECS", "DataError", "DataNotFoundError", "Dataset", "cache_folder",
           "data_folder", "is_here", "load", "own"]
