"""Sums of source files: those of a SHA256SUMS file in the data folder, and published ones."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from .errors import DataError
from .sources import Source

_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")


def read_sums(root: Path) -> dict[str, str]:
    """The sums in `root`/SHA256SUMS by normalised relative path; empty if there is no such file."""
    try:
        text = (root / "SHA256SUMS").read_text(errors="replace")
    except OSError:
        return {}
    matches = filter(None, map(_LINE.fullmatch, text.splitlines()))
    return {str(PurePosixPath(match[2].strip())): match[1].lower() for match in matches}


def verify_listed(source: Source) -> int:
    """Compare the source's files with SHA256SUMS: how many agree; `DataError` if one does not.

    A listed file of the source's folder that is missing is an error as well.
    """
    listed = read_sums(source.root)
    found = {path.relative_to(source.root).as_posix(): path for path in source.files.values()}
    for name in listed:
        if name.startswith(f"{source.layout.folder}/") and not (source.root / name).is_file():
            raise DataError(f"{source.root / name} is missing, though SHA256SUMS lists it")
    agreeing = [name for name in found if name in listed]
    for name in agreeing:
        if file_digest(found[name], "sha256") != listed[name]:
            raise DataError(f"{found[name]} differs from its SHA256SUMS entry; get it again")
    return len(agreeing)


def verify_published(source: Source) -> int:
    """Like `verify_listed`, with the published MD5 sums of the unpacked files, where known."""
    known = [(path, source.spec.md5.get(name)) for name, path in source.files.items()]
    known = [(path, md5) for path, md5 in known if md5]
    for path, md5 in known:
        if file_digest(path, "md5", gzip.open if path.suffix == ".gz" else open) != md5:
            raise DataError(f"{path} differs from the published file (MD5); get it again")
    return len(known)


def file_digest(path: Path, algorithm: str, opener: Callable = open) -> str:
    """Hexadecimal digest of what `opener` reads from a file; `DataError` if it cannot be read."""
    # the sums are there to find damage, not to keep out an attacker: MD5 is what was published
    digest = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with opener(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
