"""Where a result comes from: versions, device, code, data, time."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import topdown

PACKAGES = ("torch", "numpy", "scipy", "pandas", "pyarrow", "scikit-learn")
SOURCE_ROOT = Path(topdown.__file__).resolve().parents[2]


def collect(device, data=None) -> dict:
    """Everything about the present run but its numbers, JSON-ready."""
    return {
        "topdown": topdown.__version__,
        "python": platform.python_version(),
        "packages": package_versions(),
        "device": device_name(device),
        "threads": _threads(),
        **commit(),
        "data_checksum": getattr(data, "checksum", None),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@lru_cache(maxsize=1)
def package_versions() -> dict[str, str]:
    """Versions of the packages that can change a number."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def device_name(device) -> str:
    """The name of the GPU, or "CPU" with the kind of processor."""
    import torch

    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU ({processor()})"


@lru_cache(maxsize=1)
def processor() -> str:
    """The kind of processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(x.split(":", 1)[1].strip() for x in lines if x.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor()
    return name or platform.machine()


def _threads() -> int:
    import torch

    return torch.get_num_threads()


@lru_cache(maxsize=1)
def commit() -> dict:
    """The commit of the source tree and whether the library's files differ from it."""
    head = _git("rev-parse", "HEAD")
    if head is None:
        return {"commit": None, "clean": None}
    return {"commit": head, "clean": _git("status", "--porcelain", "--", "lib") == ""}


def _git(*arguments) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(SOURCE_ROOT), *arguments], check=True, timeout=20,
                              capture_output=True, text=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
