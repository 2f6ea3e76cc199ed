"""A study: parameters, their defaults, and a function from settings to a result."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from topdown.parameters import Parameter

PACKAGES = {"NumPy": "numpy", "SciPy": "scipy", "numba": "numba"}


@dataclass(frozen=True)
class Study:
    """`compute(settings)` returns whatever the study's figure takes."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    defaults: dict
    compute: Callable[[dict], object]

    def run(self, settings: dict) -> tuple[object, str]:
        """The result, and a sentence on how it was made: settings, seconds, versions."""
        started = time.perf_counter()
        result = self.compute(settings)
        own = {p.name: settings[p.name] for p in self.parameters}
        return result, how(own, time.perf_counter() - started)


def how(settings: dict, seconds: float) -> str:
    """Settings, seconds and versions behind a computed result, in words."""
    chosen = ", ".join(f"{name} {in_words(value)}" for name, value in settings.items())
    return f"Computed in {seconds:.0f} s by {versions()}; {chosen}"


def in_words(value) -> str:
    """A setting as one types it: 0.05, "pepita,afa"."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else f"{value}"


def versions() -> str:
    """Python and the packages that can change a number, with their versions."""
    packages = (f"{name} {version(package)}" for name, package in PACKAGES.items())
    return ", ".join([f"Python {platform.python_version()}", *packages])


def cores() -> int:
    """Threads for simulations, at most 4."""
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
