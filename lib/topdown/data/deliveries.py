"""What a user hands to `import_`: a folder, an archive or a list of files."""

import os
import shutil
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from . import sums
from .errors import DataError
from .sources import Layout, Source, layouts, wanted
from .specs import Spec

_MAX_FILE = 400 << 20  # bytes; the largest published file is CIFAR-100's `train` with 155 MB


def as_folder(
    spec: Spec, given: str | os.PathLike | Sequence[str | os.PathLike], scratch: Path
) -> Path:
    """The folder with the given files: itself if it is one, else `scratch` filled with them."""
    if isinstance(given, str | os.PathLike):
        path = Path(given).expanduser()
        if path.is_dir():
            return path
        given = [path]
    scratch.mkdir()
    for path in map(Path, given):
        if not path.is_file():
            raise DataError(f"there is no file or folder {path} to import {spec.name} from")
        if ".tar" in path.suffixes or path.suffix == ".tgz":
            _extract(spec, path, scratch)
        else:
            shutil.copyfile(path, scratch / path.name)
    return scratch


def _extract(spec: Spec, archive: Path, folder: Path) -> None:
    """Write the plain files of `archive` that the data set needs; their paths are ignored."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                if member.isfile() and member.size <= _MAX_FILE and wanted(spec, name):
                    with tar.extractfile(member) as source, (folder / name).open("wb") as file:
                        shutil.copyfileobj(source, file)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        reason = str(error).partition(":\n")[0]
        raise DataError(f"{archive}: {reason}; it is damaged or not an archive") from error


def locate(spec: Spec, folder: Path) -> Source:
    """The source in `folder`: in one of the layouts, or its files directly in there."""
    for layout in layouts(spec):
        if files := _complete(spec, layout, folder / layout.folder):
            source = Source(spec, layout, folder, files)
            sums.verify_listed(source)
            return source
    for layout in reversed(layouts(spec)):
        for place in (folder, folder / "raw"):
            if files := _complete(spec, layout, place):
                return Source(spec, layout, folder, files)
    raise DataError(f"{spec.name} is not complete in {folder}; {_expected(spec, folder)}")


def _complete(spec: Spec, layout: Layout, folder: Path) -> dict[str, Path] | None:
    files = layout.files(spec, folder)
    return files if all(files.values()) else None


def _expected(spec: Spec, folder: Path) -> str:
    """Which files are missing there, for each layout that differs in them."""
    found = [layout.files(spec, folder) for layout in layouts(spec)]
    lacking = [", ".join(name for name, path in files.items() if not path) for files in found]
    return "it lacks " + "; or else ".join(dict.fromkeys(lacking))


def copy(source: Source, root: Path) -> Source:
    """A copy of the files of `source` below `root`, in the same layout."""
    folder = root / source.layout.folder
    folder.mkdir(parents=True)
    files = {name: folder / path.name for name, path in source.files.items()}
    for name, path in source.files.items():
        shutil.copyfile(path, files[name])
    return replace(source, root=root, files=files)
