"""Decoded data sets in the user's cache folder, so that images are decoded once.

One file a data set, <cache>/decoded/<name>-<place>-<state>.npy, read by memory map; <state> is a
hash of names, sizes and times of the source files. It only ever saves time: whatever is wrong with
it, the caller decodes again.
"""

import hashlib
import logging
import os
from pathlib import Path
from uuid import uuid4

import numpy as np

from topdown.data.dataset import ARRAYS, checksum
from topdown.data.sources import Source, cache_folder
from topdown.errors import DataError

_VERSION = 2  # of readers and of this file: raise it when either changes what is stored
_log = logging.getLogger("topdown.data")


def path_of(source: Source) -> Path:
    """Where the decoded form of `source` belongs."""
    stats = [(name, path.stat()) for name, path in source.files.items()]
    state = [_VERSION, *((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)]
    place, state = (hashlib.sha256(str(x).encode()).hexdigest()[:12]
                    for x in (source.folder.resolve(), state))
    return cache_folder() / "decoded" / f"{source.spec.name}-{place}-{state}.npy"


def read(source: Source):
    """Arrays, class names and checksum; None if there is no copy, or a damaged one (noted)."""
    path = path_of(source)
    try:
        # copy on write: tensors made of it can be written to, the file stays as it is
        record = np.load(path, mmap_mode="c")[0]
        arrays = [record[name] for name in ARRAYS]
        if checksum(arrays) != record["checksum"]:
            raise DataError("its checksum does not agree")
        return arrays, tuple(record["classes"].tolist()), str(record["checksum"])
    except FileNotFoundError:
        return None
    except Exception as error:  # damage can raise anything
        _log.warning("decoded copy %s is damaged (%s): decoding again", path, error)
        return None


def write(source: Source, arrays, classes, known: str) -> None:
    """Keep a copy in the place of earlier ones, whole or not at all; a failure is noted."""
    path, fields = path_of(source), [*zip(ARRAYS, arrays), ("classes", np.array(classes))]
    fields.append(("checksum", np.array(known)))
    kinds = np.dtype([(name, field.dtype, field.shape) for name, field in fields], align=True)
    part = path.with_name(f"{path.name.rpartition('-')[0]}-{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            np.save(file, np.array([tuple(field for _, field in fields)], kinds))
        for other in path.parent.glob(f"{path.name.rpartition('-')[0]}-*"):
            if other != part:  # of an earlier state, or left by a writer that was killed
                other.unlink(missing_ok=True)
        os.replace(part, path)
    except OSError as error:
        if not path.exists():  # else another process was faster
            _log.warning("no decoded copy kept in %s (%s); TOPDOWN_CACHE can name another folder",
                         path.parent, error)
    finally:
        if part.exists():
            part.unlink()
