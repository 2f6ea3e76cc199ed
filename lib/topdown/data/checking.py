"""`check`: which data sets are there, where, and whether their sums agree."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from . import loading, sources, sums
from .decoded import is_complete
from .errors import DataError, DataNotFoundError
from .folders import data_folder
from .specs import SPECS, Spec, spec_of


@dataclass(frozen=True)
class Row:
    """What is known about one data set; `ok` is False only where something is wrong with it."""

    dataset: str
    found: bool = False
    ok: bool = True
    where: str = ""
    layout: str = ""
    n_train: int = 0
    n_test: int = 0
    sums: str = ""
    checksum: str = ""
    message: str = ""


def check(root: str | os.PathLike | None = None) -> list[Row]:
    """One row a data set below `root` (default as in `load`).

    Source files are compared with SHA256SUMS in the data folder and with published sums; images
    are decoded unless a decoded copy with an agreeing checksum is there. What is wrong with a data
    set is told in its row; `DataError` is raised only if the data folder itself is wrong.
    """
    folder = data_folder(root)
    return [check_one(spec, folder) for spec in SPECS.values()]


def is_here(name: str, root: str | os.PathLike | None = None) -> bool:
    """Whether the data set `name` is embedded or has a folder below `root` (default as in `load`).

    Nothing is decoded. `DataError` for a name that is no data set, or a broken data folder.
    """
    spec = spec_of(name)
    if spec.name == "digits":
        return True
    try:
        sources.find(spec, data_folder(root))
    except DataNotFoundError:
        return False
    return True


def check_one(spec: Spec, root: Path) -> Row:
    """The row of one data set."""
    row = Row(spec.name)
    try:
        if spec.name == "digits":
            row = replace(row, found=True, where="scikit-learn", layout="embedded")
            return replace(row, **_contents(spec, root), sums="not needed")
        source = sources.find(spec, root)
        row = replace(row, found=True, where=str(source.folder), layout=source.layout.title)
        row = replace(row, **_contents(spec, root))
        return replace(row, sums=_compare_sums(source, complete=not row.message))
    except DataNotFoundError as error:
        return replace(row, message=str(error))
    except DataError as error:
        return replace(row, ok=False, message=str(error))


def _contents(spec: Spec, root: Path) -> dict:
    """The fields of a row that come from the decoded data set."""
    decoded, checksum, _ = loading.obtain(spec, root)
    return {
        "n_train": len(decoded.train_images),
        "n_test": len(decoded.test_images),
        "checksum": checksum,
        "message": "" if is_complete(spec, decoded) else "a miniature, not the published set",
    }


def _compare_sums(source: sources.Source, complete: bool) -> str:
    """How many files agree with which sums; `DataError` if one does not."""
    listed = sums.verify_listed(source)
    published = sums.verify_published(source) if complete else 0
    parts = [(listed, "SHA256SUMS"), (published, "published MD5")]
    text = ", ".join(f"{n}/{len(source.files)} agree with {what}" for n, what in parts if n)
    return text or "no sums to compare with"
