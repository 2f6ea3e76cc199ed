"""`topdown data check`, and the two ways a data set gets into the data folder.

`fetch` and `import_` prepare the files in a folder of their own, decode them there, and only then
move them to their place: an interrupted or a damaged delivery leaves the data folder as it was.
"""

import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from topdown.data import SPECS, data_folder, loading, sources
from topdown.data._torchvision import torchvision_datasets
from topdown.data.specs import Spec, spec_of
from topdown.errors import DataError, DataNotFoundError


@dataclass(frozen=True)
class Row:
    """What is known about one data set, in words; `ok` is False only where something is wrong."""

    dataset: str
    found: bool
    ok: bool
    text: str
    checksum: str = ""

    def __str__(self) -> str:
        state = ("present" if self.found else "absent") if self.ok else "DAMAGED"
        checksum = f"; checksum {self.checksum[:12]}" if self.checksum else ""
        return f"{self.dataset:14s} {state:8s} {self.text}{checksum}"


def check(root: str | os.PathLike | None = None, anew: bool = True) -> list[Row]:
    """One row a data set below `root` (default as in `load`).

    `anew`: decode the files once more, even where a decoded copy of them is there; otherwise the
    digits are not decoded, only unpacked. `DataError` only if the folder itself is wrong.
    """
    folder = data_folder(root)
    return [_row(spec, folder, anew) if anew or spec.name != "digits" else _digits(spec)
            for spec in SPECS.values()]


def _digits(spec: Spec) -> Row:
    """Of scikit-learn's file alone: scikit-learn itself takes two seconds to import."""
    found = find_spec("sklearn")
    if found is None or not found.origin:
        return Row(spec.name, False, False, "scikit-learn is absent; pip install scikit-learn")
    file = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        with gzip.open(file) as lines:
            count = sum(1 for _ in lines)
    except (OSError, EOFError, zlib.error) as error:
        count = error
    whole = count == spec.n_train + spec.n_test
    return Row(spec.name, True, whole, f"{spec.n_train} + {spec.n_test} examples; scikit-learn's "
               "load_digits" if whole else f"{file}: {count}; install scikit-learn again")


def _row(spec: Spec, root: Path, anew: bool = False) -> Row:
    try:
        if anew and spec.name != "digits":
            sources.find(spec, root).decode()
        arrays, _, checksum, source = loading.obtain(spec, root)
    except DataNotFoundError as error:
        return Row(spec.name, False, True, str(error))
    except DataError as error:
        return Row(spec.name, True, False, str(error))
    train, test = map(len, arrays[::2])
    known = "; as published" if checksum == spec.checksum else ""
    miniature = "; a miniature, not the published set" if train < spec.n_train else ""
    return Row(spec.name, True, True, f"{train} + {test} examples; {source}{known}{miniature}",
               checksum)


def fetch(name: str, root: str | os.PathLike | None = None) -> Row:
    """Download `name` through torchvision into the data folder, unless it is there and sound.

    `DataError` if torchvision is not installed, there is no network, or what came is damaged.
    """
    spec, folder = spec_of(name), data_folder(root)
    row = _row(spec, folder)
    if row.found and row.ok:
        return row
    with _staging(folder) as stage:
        try:
            getattr(torchvision_datasets(), spec.torchvision)(stage, download=True)
        except Exception as error:  # ImportError, URLError, RuntimeError, ...
            raise DataError(f"cannot download {name}: {error}; check the network and try again, or "
                            f"bring the files and run `topdown data import {name} PATH`") from error
        return _install(sources.find(spec, stage), folder, stage)


def import_(name: str, path: str | os.PathLike, root: str | os.PathLike | None = None) -> Row:
    """Copy data set `name` from `path` into the data folder.

    `path` is a folder in one of the layouts (or the folder with the files themselves), or an
    archive such as cifar-10-python.tar.gz. `DataError` if files are missing or damaged, or if a
    sound copy is there already.
    """
    spec, folder, given = spec_of(name), data_folder(root), Path(path).expanduser()
    row = _row(spec, folder)
    if row.found and row.ok:
        raise DataError(f"{name} is there already ({row.text}); there is nothing to import")
    with _staging(folder) as stage:
        if given.is_file():
            with sources.readers.naming(given):
                shutil.unpack_archive(given, stage / "given", filter="data")
            given = stage / "given"
        return _install(sources.find(spec, given, given, given / "raw"), folder, stage)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A temporary folder on the data folder's own disk, so that moving from it is atomic."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=folder) as stage:
            yield Path(stage)
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"cannot store the files in {folder}: {error}; free some space, or set "
                        "TOPDOWN_DATA to another folder") from error


def _install(source: sources.Source, root: Path, stage: Path) -> Row:
    """Copy the files of `source` to their place below `root`, once they prove sound."""
    source.decode()
    new, spec = stage / "new", source.spec
    new.mkdir()
    for path in source.files.values():
        shutil.copyfile(path, new / path.name)
    target = root / (spec.folder if source.layout == "python batches" else spec.name)
    if target.exists():
        os.rename(target, stage / "replaced")
    os.rename(new, target)
    row = _row(spec, root)
    if not row.ok:
        raise DataError(f"stored, but another copy stands in its way: {row.text}")
    return row
