"""Decoded data sets kept on disk, so that images are decoded once and not at every start.

One file a data set, named after what it was decoded from (names, sizes and times of the source
files): a changed source has another name. Written next to its place and moved there, so two
processes at once and a killed one leave either a whole file or none. It only ever saves time:
whatever is wrong with it, the caller decodes again.
"""

import contextlib
import hashlib
import json
import logging
import os
import time
import uuid
from pathlib import Path

import numpy as np

from .decoded import ARRAYS, Decoded, validate
from .errors import DataError
from .folders import is_writable, user_cache
from .sources import Source

_VERSION = 1  # of decoders and of this file: raise it when either changes what is stored
_log = logging.getLogger("topdown.data")


def path_of(source: Source) -> Path | None:
    """Where the decoded form of `source` belongs; None if nowhere can be written."""
    folders = (source.root / ".topdown-cache", user_cache() / "decoded")
    name = f"{source.spec.name}-{_root_key(source)}-{_files_key(source)}.npz"
    existing = [folder / name for folder in folders if (folder / name).is_file()]
    if existing:
        return existing[0]
    if is_writable(source.root) and is_writable(folders[0]):
        return folders[0] / name
    return folders[1] / name if is_writable(folders[1]) else None


def _root_key(source: Source) -> str:
    return hashlib.sha256(str(source.folder.resolve()).encode()).hexdigest()[:8]


def _files_key(source: Source) -> str:
    """Changes when a source file is replaced, and when decoding changes."""
    try:
        stats = [(name, path.stat()) for name, path in sorted(source.files.items())]
    except OSError as error:
        raise DataError(f"{source.folder}: {error}") from error
    identity = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    text = json.dumps([_VERSION, source.layout.title, identity])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(source: Source, path: Path) -> tuple[Decoded, str] | None:
    """The decoded form in `path` and its checksum; None, with a note, if it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            meta = json.loads(str(file["meta"]))
            decoded = Decoded(*(file[name] for name in ARRAYS), tuple(meta["classes"]))
        validate(source.spec, decoded)
        checksum = decoded.checksum()
        if checksum != meta["checksum"]:
            raise DataError("its checksum does not agree")
    except FileNotFoundError:
        return None
    except Exception as error:  # a damaged archive can raise anything
        reason = str(error).split(". ")[0]
        _log.warning("decoded copy %s is damaged (%s): decoding again", path, reason)
        return None
    return decoded, checksum


def write(path: Path, decoded: Decoded, checksum: str) -> None:
    """Store `decoded` in `path`; on failure note it and leave nothing behind."""
    meta = json.dumps({"checksum": checksum, "classes": decoded.classes})
    arrays = {name: getattr(decoded, name) for name in ARRAYS}
    temporary = path.with_name(f"{path.stem}-{uuid.uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            np.savez(file, meta=np.array(meta), **arrays)
        os.replace(temporary, path)
        with contextlib.suppress(OSError):  # another process may be tidying up as well
            _remove_outdated(path)
    except OSError as error:
        _log.warning("cannot keep a decoded copy in %s (%s)", path.parent, error)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _remove_outdated(path: Path) -> None:
    """Remove copies of earlier states of the same source folder, and what killed writers left."""
    prefix = path.stem.rpartition("-")[0]
    outdated = [other for other in path.parent.glob(f"{prefix}-*.npz") if other != path]
    hour_ago = time.time() - 3600
    parts = [part for part in path.parent.glob("*.part") if part.stat().st_mtime < hour_ago]
    for other in outdated + parts:
        other.unlink(missing_ok=True)
