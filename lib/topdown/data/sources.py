"""Which folders data sets are in, and which of their files."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from topdown.data import readers
from topdown.data.dataset import validate
from topdown.data.specs import Spec
from topdown.errors import DataError, DataNotFoundError

_SHARD = re.compile(r"(train|test)-\d{1,4}\.parquet")
_READERS = {"idx files": readers.idx, "python batches": readers.batches,
            "Parquet shards": readers.shards}


def cache_folder() -> Path:
    """TOPDOWN_CACHE, else `topdown` in the user's cache folder of this platform."""
    if named := os.environ.get("TOPDOWN_CACHE"):
        return Path(os.path.expanduser(named))
    usual = {"win32": "~/AppData/Local", "darwin": "~/Library/Caches"}.get(sys.platform, "~/.cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser(usual)) / "topdown"


def data_folder(root: str | os.PathLike | None = None) -> Path:
    """`root`, else TOPDOWN_DATA, else `data` in the cache folder; it need not exist yet."""
    given = root or os.environ.get("TOPDOWN_DATA") or cache_folder() / "data"
    folder = Path(os.path.expanduser(given))
    if folder.exists() and not folder.is_dir():
        named = "the data folder" if root else "TOPDOWN_DATA"
        raise DataError(f"{named} is '{folder}', which is not a folder; set it to a folder")
    return folder


@dataclass(frozen=True)
class Source:
    """A data set whose files, {name: path}, were found in one folder."""

    spec: Spec
    layout: str
    files: dict[str, Path]

    @property
    def folder(self) -> Path:
        return next(iter(self.files.values())).parent

    def decode(self):
        """Arrays and class names (see `readers`); `DataError` names what is damaged."""
        with readers.naming(self.folder):
            arrays, classes = _READERS[self.layout](self.spec, self.files)
            if self.layout != "python batches":  # those were compared before they were read
                validate(self.spec, arrays, classes)
        return arrays, tuple(classes)


def _in(spec: Spec, folder: Path) -> tuple[str, dict[str, Path | None]]:
    """The layout in `folder` and the path of every file that it needs, None where missing."""
    present = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    shards = [match[1] for match in map(_SHARD.fullmatch, present) if match]
    if shards and "mnist" not in spec.name:
        names = [f"{split}-{i}" for split in ("train", "test")
                 for i in range(max(1, shards.count(split)))]
        return "Parquet shards", {name: present.get(f"{name}.parquet") for name in names}
    layout = "idx files" if "mnist" in spec.name else "python batches"
    return layout, {name: present.get(name) or present.get(f"{name}.gz") for name in spec.files}


def find(spec: Spec, root: Path, *more: Path) -> Source:
    """The first complete source: in torchvision's folder, in `spec.name`, or in one of `more`."""
    partial = ""
    for folder in (root / spec.folder, root / spec.name, *more):
        layout, files = _in(spec, folder)
        missing = [name for name, path in files.items() if path is None]
        if files and not missing:
            return Source(spec, layout, files)
        if len(missing) < len(files):
            partial = partial or f"{folder}: missing {', '.join(missing)}"
    if partial:
        raise DataError(f"{partial}; get {spec.name} again (topdown data fetch {spec.name})")
    absent = "" if root.is_dir() else " (which does not exist)"
    raise DataNotFoundError(
        f"no {spec.folder}/ or {spec.name}/ in the data folder {root}{absent}; set TOPDOWN_DATA to "
        f"another, or run `topdown data fetch {spec.name}` or `... import {spec.name} PATH`")
