"""CIFAR's "python version": pickled batches, read without letting a pickle run anything."""

import io
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .decoded import Decoded
from .errors import DataError
from .specs import Spec

_REMEDY = "it is damaged or not the right file; get it again"


class _Array:
    """Stands in for a NumPy array while unpickling: keeps shape and bytes, runs no NumPy code."""

    def __init__(self, *args):
        self.shape, self.data = (), b""
        if len(args) == 4:  # numpy's _frombuffer(buffer, dtype, shape, order) of protocol 5
            self._keep(args[2], args[1], args[3] == "F", args[0])

    def __setstate__(self, state):
        _version, shape, dtype, is_fortran, data = state
        self._keep(shape, dtype, is_fortran, data)

    def _keep(self, shape, dtype, is_fortran, data):
        if not isinstance(dtype, _Dtype) or dtype.code not in ("u1", "|u1") or is_fortran:
            raise DataError("an array that is not of bytes in C order")
        if not all(type(n) is int and 0 <= n < 1 << 31 for n in shape):
            raise DataError("an array with an impossible shape")
        if not isinstance(data, bytes | bytearray | str):
            raise DataError("an array that is not made of bytes")
        self.shape = tuple(shape)
        self.data = data.encode("latin1") if isinstance(data, str) else bytes(data)


class _Dtype:
    """Stands in for a NumPy dtype: keeps its code."""

    def __init__(self, code="", *_):
        self.code = code

    def __setstate__(self, state):
        pass


def _encode(text: str, encoding: str) -> bytes:
    """What Python 3 writes for bytes under an old protocol; only "latin1" occurs there."""
    if encoding != "latin1":
        raise DataError(f"a text encoded as {encoding!r}")
    return text.encode("latin1")


_ALLOWED = {
    ("_codecs", "encode"): _encode,
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): _Array,
    **{(f"numpy.{c}.multiarray", "_reconstruct"): _Array for c in ("core", "_core")},
    **{(f"numpy.{c}.numeric", "_frombuffer"): _Array for c in ("core", "_core")},
}


class _Unpickler(pickle._Unpickler):
    """Knows the names above and nothing else.

    It is Python's unpickler in Python: the one in C can be made to claim all memory by a few bytes.
    A batch has a handful of tuples; a million nested ones as a key would overflow Python's stack.
    """

    dispatch = dict(pickle._Unpickler.dispatch)
    tuples_left = 100

    def find_class(self, module, name):
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise DataError(f"refused to unpickle {module}.{name}") from None


def _counted(load: Callable) -> Callable:
    """`load`, the reading of a tuple, as often as a tuple may be read."""

    def load_counted(unpickler: _Unpickler) -> None:
        unpickler.tuples_left -= 1
        if unpickler.tuples_left < 0:
            raise DataError("more tuples than a batch has")
        load(unpickler)

    return load_counted


for _code in (pickle.TUPLE[0], pickle.TUPLE1[0], pickle.TUPLE2[0], pickle.TUPLE3[0]):
    _Unpickler.dispatch[_code] = _counted(_Unpickler.dispatch[_code])


def _unpickle(path: Path) -> dict:
    """The dictionary in `path`, made of plain values and `_Array`."""
    try:
        content = _Unpickler(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except Exception as error:  # a damaged pickle can raise anything
        reason = error if isinstance(error, DataError) else repr(error)
        raise DataError(f"{path}: {reason}; {_REMEDY}") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: holds no dictionary; {_REMEDY}")
    return content


def _read_batch(spec: Spec, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, D) uint8 and labels (N,) int64 of one batch."""
    batch = _unpickle(path)
    data, labels = batch.get("data"), batch.get(spec.labels_key)
    if not isinstance(data, _Array) or not isinstance(labels, list):
        raise DataError(f"{path}: no 'data' array or no list '{spec.labels_key}'; {_REMEDY}")
    expected = (len(labels), spec.features)
    if data.shape != expected or len(data.data) != len(labels) * spec.features:
        raise DataError(
            f"{path}: images of {data.shape} in {len(data.data)} bytes, expected {expected}"
        )
    if not all(type(label) is int and 0 <= label < len(spec.classes) for label in labels):
        raise DataError(f"{path}: a label outside 0..{len(spec.classes) - 1}; {_REMEDY}")
    return np.frombuffer(data.data, np.uint8).reshape(expected), np.array(labels, np.int64)


def _class_names(spec: Spec, path: Path) -> tuple[str, ...]:
    names = _unpickle(path).get(spec.meta[1])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(f"{path}: no list of names '{spec.meta[1]}'; {_REMEDY}")
    return tuple(names)


def decode(spec: Spec, files: dict[str, Path]) -> Decoded:
    """The data set in its batches, given under their published names."""
    arrays = {}
    for split, batches in zip(("train", "test"), spec.batches, strict=True):
        images, labels = zip(*(_read_batch(spec, files[name]) for name in batches), strict=True)
        arrays[f"{split}_images"] = np.concatenate(images)
        arrays[f"{split}_labels"] = np.concatenate(labels)
    return Decoded(**arrays, classes=_class_names(spec, files[spec.meta[0]]))
