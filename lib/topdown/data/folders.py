"""Which folders data and decoded copies of it live in."""

import os
import sys
from pathlib import Path

from .errors import DataError


def user_cache() -> Path:
    """The user's cache folder on this platform."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "topdown"


def data_folder(root: str | os.PathLike | None = None) -> Path:
    """Where data sets are: `root`, else TOPDOWN_DATA, else `data` in the user's cache folder.

    It need not exist; `DataError` if it is something else than a folder.
    """
    named = "the data folder" if root else "TOPDOWN_DATA"
    folder = Path(root or os.environ.get("TOPDOWN_DATA") or user_cache() / "data").expanduser()
    try:
        wrong = folder.exists() and not folder.is_dir()
    except (OSError, ValueError) as error:  # no permission, name too long, null byte
        raise DataError(
            f"{named} is {str(folder)!r}, which cannot be looked at: {error}"
        ) from error
    if wrong:
        raise DataError(f"{named} is '{folder}', which is not a folder; set it to a folder")
    return folder


def is_writable(folder: Path) -> bool:
    """Whether a file may be made in `folder`, making it if missing; finds out by trying.

    A folder without any write permission is left alone even by a superuser.
    """
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not folder.stat().st_mode & 0o222:
            return False
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
