"""`fetch` and `import_`: the two ways a data set gets into the data folder, both asked for.

Each prepares the files in a folder of its own, decodes them there, and only then moves them to
their place: an interrupted or a damaged delivery leaves the data folder as it was.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import deliveries, sources, sums
from ._torchvision import torchvision_datasets
from .checking import Row, check_one
from .decoded import is_complete
from .errors import DataError
from .folders import data_folder, is_writable
from .sources import Source
from .specs import Spec, spec_of


def fetch(name: str, root: str | os.PathLike | None = None) -> Row:
    """Download `name` through torchvision into the data folder, unless it is there and sound.

    `DataError` if torchvision is not installed, there is no network, or what came is damaged.
    """
    spec, folder = spec_of(name), data_folder(root)
    row = check_one(spec, folder)
    if row.found and row.ok:
        return row
    with _staging(folder) as stage:
        _download(spec, stage)
        return _install(sources.find(spec, stage), folder)


def import_(
    name: str,
    path: str | os.PathLike | Sequence[str | os.PathLike],
    root: str | os.PathLike | None = None,
) -> Row:
    """Copy data set `name` from `path` into the data folder.

    `path` is a folder in one of the layouts (or the folder with the files themselves), an archive
    such as cifar-10-python.tar.gz, or a list of files. `DataError` if files are missing or damaged,
    or if a sound copy is there already.
    """
    spec, folder = spec_of(name), data_folder(root)
    if name == "digits":
        raise DataError("digits comes with scikit-learn: there is nothing to import")
    row = check_one(spec, folder)
    if row.found and row.ok:
        raise DataError(f"{name} is there already, in {row.where}; remove it to import another")
    with _staging(folder) as stage:
        given = deliveries.locate(spec, deliveries.as_folder(spec, path, stage / "given"))
        return _install(deliveries.copy(given, stage / "copy"), folder)


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A temporary folder on the data folder's own disk, so that moving from it is atomic."""
    if not is_writable(folder):
        raise DataError(f"cannot write in the data folder {folder}; set TOPDOWN_DATA to another")
    stage = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder))
    try:
        yield stage
    except OSError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"cannot store the files in {folder}: {error}") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _download(spec: Spec, stage: Path) -> None:
    """Let torchvision download the data set into `stage`."""
    elsewhere = f"or bring the files and run `topdown data import {spec.name} PATH`"
    try:
        dataset_class = getattr(torchvision_datasets(), spec.torchvision)
    except Exception as error:  # not installed, or does not fit the torch that is
        raise DataError(
            f"fetching {spec.name} needs torchvision, which cannot be imported ({error}); "
            f"install it (pip install torchvision), {elsewhere}"
        ) from error
    try:
        dataset_class(root=str(stage), train=True, download=True)
    except Exception as error:  # URLError, RuntimeError, OSError, ...: whatever a network does
        raise DataError(
            f"cannot download {spec.name}: {error}; check the network and run "
            f"`topdown data fetch {spec.name}` again, {elsewhere}"
        ) from error


def _install(source: Source, root: Path) -> Row:
    """Move the folder of `source` to its place below `root`, once it proves sound."""
    sums.verify_listed(source)
    if is_complete(source.spec, source.decode()):
        sums.verify_published(source)
    _move(source.folder, root / source.layout.folder, aside=source.root / "replaced")
    row = check_one(source.spec, root)
    if not (row.found and row.ok):
        raise DataError(f"stored, but another copy stands in its way: {row.message}")
    return row


def _move(new: Path, target: Path, aside: Path) -> None:
    """Move `new` to `target`; what was there goes `aside`, and back if the move fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        os.rename(new, target)
        return
    os.rename(target, aside)
    try:
        os.rename(new, target)
    except OSError:
        os.rename(aside, target)
        raise
