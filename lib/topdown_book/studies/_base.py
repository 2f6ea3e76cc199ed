"""A study: parameters, their defaults, and a function from settings to a result."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from topdown_book.parameters import Parameter, check_all
from topdown_book.store import stored as _stored

PACKAGES = {"NumPy": "numpy", "SciPy": "scipy", "numba": "numba"}


@dataclass(frozen=True)
class Study:
    """`compute(settings)` returns whatever the study's figure takes.

    stored: the version of a calculation that takes minutes and returns a DataFrame; its result is
    kept in the store. 0: computed on the spot.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    defaults: dict
    compute: Callable[[dict], object]
    stored: int = 0

    def settings(self, given: dict) -> dict:
        """All parameter values, checked: those given, else the defaults."""
        checked = check_all(self.parameters, given, self.name)
        return {**self.defaults, **{k: v for k, v in checked.items() if v is not None}}

    def run(self, settings: dict) -> tuple[object, str]:
        """The result, and a sentence on how it was made: settings, seconds, versions."""
        own = {p.name: settings[p.name] for p in self.parameters}
        if self.stored:
            return self._run_stored(own)
        result, seconds = _timed(self.compute, own)
        return result, how(own, seconds)

    def file(self, settings: dict):
        """Where a stored result of these settings is kept."""
        return _stored.path(self.name, self.stored, settings)

    def _run_stored(self, settings: dict) -> tuple[pd.DataFrame, str]:
        file = self.file(settings)
        found = _stored.read(file)
        if found is None:
            rows, seconds = _timed(self.compute, settings)
            about = _stored.write(file, rows, {"how": how(settings, seconds)})
        else:
            rows, about = found
        state = (about["commit"] or "unknown")[:9] + ("" if about["clean"] else " (changed)")
        return rows, (f"{about['how'].rstrip('; ')}; {about['date']}, by commit {state}, kept in "
                      f"results/theory/{self.name}/{file.name}; drawn anew")


def _timed(compute: Callable, settings: dict) -> tuple[object, float]:
    started = time.perf_counter()
    result = compute(settings)
    return result, time.perf_counter() - started


def how(settings: dict, seconds: float) -> str:
    """Settings, seconds and versions behind a computed result, in words."""
    chosen = ", ".join(f"{name} {in_words(value)}" for name, value in settings.items())
    return f"Computed in {seconds:.0f} s by {versions()}; {chosen}".rstrip("; ")


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
