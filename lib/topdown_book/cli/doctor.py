"""Is this machine ready? Versions, device, data, store, and what is wrong with them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from topdown.data import DataError, cache_folder, data_folder
from topdown.errors import RecordError
from topdown_book.cli.data_sets import check
from topdown_book.store.provenance import commit, device_name, processor
from topdown_book.store.records import Store, read

OLDEST_PYTHON = (3, 11)
DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")
"""One of them is there where Linux has a GPU that torch could use."""


@dataclass(frozen=True)
class Finding:
    """One line of the report; `wrong` holds what to do about it, empty where all is well."""

    subject: str
    text: str
    wrong: str = ""

    def __str__(self) -> str:
        mark = "WRONG" if self.wrong else "ok"
        return f"{mark:6s}{self.subject:15s}{self.text}{': ' * bool(self.wrong)}{self.wrong}"


def examine(store: Store | None = None) -> list[Finding]:
    """Everything that is looked at, in order."""
    store = store or Store()
    return [*python(), *packages(), *device(), *data(), *records(store)]


def python() -> Iterator[Finding]:
    old = sys.version_info[:2] < OLDEST_PYTHON
    remedy = f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer" if old else ""
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}", remedy)
    source = commit()
    state = {True: "", False: ", library changed since", None: ""}[source["clean"]]
    yield Finding("source", f"commit {(source['commit'] or 'unknown')[:9]}{state}")


def packages() -> Iterator[Finding]:
    """Every package that library and companion need, against the range that they state."""
    from packaging.requirements import Requirement

    for text in requires("topdown") or ():
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": "companion"}):
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield Finding(wanted.name, "absent", f"pip install '{wanted}'")
            continue
        fits = wanted.specifier.contains(found, prereleases=True)
        yield Finding(wanted.name, found, "" if fits else f"pip install '{wanted}'")


def device() -> Iterator[Finding]:
    if sys.platform == "linux" and not any(map(os.path.exists, DRIVERS)):
        yield Finding("device", f"CPU ({processor()}), {os.cpu_count()} cores; no GPU")
        return
    import torch  # takes seconds

    if not torch.cuda.is_available():
        yield Finding("device", f"{device_name('cpu')}, {torch.get_num_threads()} threads; no GPU "
                                "that torch can use")
        return
    free, total = (size / 2**30 for size in torch.cuda.mem_get_info())
    try:
        torch.ones(2, device="cuda").sum().item()
        wrong = ""
    except RuntimeError as error:
        wrong = f"the GPU is there but does not compute ({error}); check driver and torch's CUDA"
    yield Finding("device", f"{device_name('cuda')}, {free:.0f} of {total:.0f} GiB free", wrong)


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


def data() -> Iterator[Finding]:
    """Where data and decoded copies are, and what of them is here."""
    try:
        folder = data_folder()
        named = os.environ.get("TOPDOWN_DATA") and not folder.is_dir()
        yield Finding("data", f"looked for in {folder}",
                      "TOPDOWN_DATA names no folder; set it to the data folder" if named else "")
        yield cache()
        rows = check(anew=False)
    except DataError as error:
        yield Finding("data", "folder", str(error))
        return
    for row in rows:
        if not row.ok:
            yield Finding(row.dataset, "damaged", row.text)
        elif row.found:
            yield Finding(row.dataset, row.text)
        else:
            yield Finding(row.dataset, f"not here (topdown data fetch {row.dataset})")


def cache() -> Finding:
    """Where decoded copies are kept; without them all works, and starts half a minute later."""
    folder = cache_folder() / "decoded"
    size = sum(path.stat().st_size for path in folder.glob("*.npy")) / 2**20
    none = "" if is_writable(folder) else ", not writable: images are decoded at every start"
    return Finding("cache", f"{size:.0f} MiB of decoded images in {folder} (TOPDOWN_CACHE){none}")


def records(store: Store) -> Iterator[Finding]:
    """Whether the store can be written, and every record in it read."""
    remedy = "set TOPDOWN_RESULTS to a folder that can be written"
    remedy = "" if is_writable(store.root) else remedy
    yield Finding("store", f"{store.root}{', not writable' * bool(remedy)}", remedy)
    sound, runs = 0, 0
    for path in store.files():
        try:
            runs += len(read(path).seeds)
            sound += 1
        except (RecordError, OSError) as error:
            yield Finding("record", path.name, f"{error}; remove it, and it is computed again")
    yield Finding("records", f"{sound} records, {runs} runs")
