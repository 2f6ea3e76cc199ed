"""Where a data set's files are: the layouts looked for in the data folder, and what is missing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import cifar, idx, parquet
from .decoded import Decoded, validate
from .errors import DataError, DataNotFoundError
from .specs import Spec

_SHARD = re.compile(r"(train|test)-(\d{1,4})\.parquet")


@dataclass(frozen=True)
class Layout:
    """A way to lay out files: `files(spec, folder)` finds them, `decode(spec, files)` reads them.

    `files` maps the name of every file that is needed to its path, or to None where it is missing.
    """

    title: str
    folder: str
    files: Callable[[Spec, Path], dict[str, Path | None]]
    decode: Callable[[Spec, dict[str, Path]], Decoded]


@dataclass(frozen=True)
class Source:
    """A data set found complete below `root`."""

    spec: Spec
    layout: Layout
    root: Path
    files: dict[str, Path]

    @property
    def folder(self) -> Path:
        """The folder that holds the files."""
        return self.root / self.layout.folder

    def decode(self) -> Decoded:
        """All images and labels; `DataError` naming the file if one is damaged."""
        try:
            return validate(self.spec, self.layout.decode(self.spec, self.files))
        except DataError as error:
            if str(self.folder) in str(error):
                raise
            raise DataError(f"{self.folder}: {error}") from error

    def describe(self) -> str:
        """Layout and files, without the part of the path that differs between machines."""
        return f"{self.layout.title}: {self.layout.folder}"


def _idx_files(spec: Spec, folder: Path) -> dict[str, Path | None]:
    """The four files, unpacked or gzipped."""
    names = [name for split in ("train", "test") for name in idx.filenames(split)]
    return {name: _first_file(folder / name, folder / f"{name}.gz") for name in names}


def _batch_files(spec: Spec, folder: Path) -> dict[str, Path | None]:
    """The batches and the file of class names of CIFAR's python version."""
    names = [*spec.batches[0], *spec.batches[1], spec.meta[0]]
    return {name: _first_file(folder / name) for name in names}


def _shard_files(spec: Spec, folder: Path) -> dict[str, Path | None]:
    """The shards train-0, train-1, ... and test-0, ... up to the highest number there is."""
    last = {"train": 0, "test": 0}
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := _SHARD.fullmatch(path.name):
            last[match[1]] = max(last[match[1]], int(match[2]))
    names = [f"{split}-{i}" for split in last for i in range(last[split] + 1)]
    return {name: _first_file(folder / f"{name}.parquet") for name in names}


def _first_file(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def wanted(spec: Spec, name: str) -> bool:
    """Whether a file called `name` belongs to the data set in any of its layouts."""
    if spec.batches[0]:
        return name in _batch_files(spec, Path()) or bool(_SHARD.fullmatch(name))
    return name.removesuffix(".gz") in _idx_files(spec, Path())


def layouts(spec: Spec) -> tuple[Layout, ...]:
    """The layouts `spec` may be in, in the order they are looked for."""
    if spec.batches[0]:
        return (
            Layout("torchvision batches", spec.folder, _batch_files, cifar.decode),
            Layout("Parquet shards", spec.name, _shard_files, parquet.decode),
        )
    return (
        Layout("torchvision idx files", spec.folder, _idx_files, idx.decode),
        Layout("idx files", spec.name, _idx_files, idx.decode),
    )


def find(spec: Spec, root: Path) -> Source:
    """The first complete source below `root`.

    `DataError` if there is only an incomplete one, `DataNotFoundError` if there is none.
    """
    partial = ""
    for layout in layouts(spec):
        try:
            files = layout.files(spec, root / layout.folder)
        except OSError as error:
            raise DataError(f"{root / layout.folder} cannot be read: {error}") from error
        missing = [name for name, path in files.items() if path is None]
        if not missing:
            return Source(spec, layout, root, files)
        if len(missing) < len(files):
            partial = partial or f"{root / layout.folder}: missing {', '.join(missing)}"
    if partial:
        raise DataError(f"{partial}; get {spec.name} again (topdown data fetch {spec.name})")
    raise DataNotFoundError(_how_to_get(spec, root))


def _how_to_get(spec: Spec, root: Path) -> str:
    looked = " or ".join(f"{layout.folder}/" for layout in layouts(spec))
    absent = "" if root.is_dir() else " (which does not exist)"
    return (
        f"data set '{spec.name}' is not in the folder {root}{absent}, looked for {looked}; get it "
        f"with `topdown data fetch {spec.name}` (needs a network), or, if you have it, set "
        f"TOPDOWN_DATA to its folder or run `topdown data import {spec.name} PATH`"
    )
