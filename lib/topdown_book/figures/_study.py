"""A figure computed on the spot: parameters, their defaults, a function from settings to a result.

A study is a calculation of the theory; a page is drawn from its settings alone.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version

import pandas as pd

from topdown_book.figures._parameters import Parameter, Settings, check_all
from topdown_book.store import stored as _stored

_LAST: dict[tuple, tuple] = {}
"""The last calculation that is not stored: its function and settings, its result and how it was."""
PACKAGES = {"NumPy": "numpy", "SciPy": "scipy", "numba": "numba"}


@dataclass(frozen=True)
class Page:
    """A figure that needs neither records nor a calculation: `draw` gets its settings.

    judges: `draw` gets the package of verdicts as well, `topdown_book.claims`.
    """

    title: str
    parameters: tuple[Parameter, ...] = ()
    defaults: dict = field(default_factory=dict)
    judges: bool = False
    name: str = ""

    def settings(self, given: dict, store=None) -> dict:
        """All parameter values, checked: those given, else the defaults."""
        checked = check_all(self.parameters, given, self.name)
        return Settings({**self.defaults, **{k: v for k, v in checked.items() if v is not None}})

    def obtain(self, settings: dict, store=None, device="auto") -> tuple[tuple, str]:
        """What `draw` takes, and how it was made."""
        return (settings,), "drawn by code"


@dataclass(frozen=True, kw_only=True)
class Study(Page):
    """`compute(settings)` returns whatever `draw` takes.

    stored: the version of a calculation that takes minutes and returns a DataFrame; its result is
    kept in the store. 0: computed on the spot. shown(rows, settings): what `draw` takes, if not
    these rows. beside: a second calculation for the same figure.
    """

    compute: Callable[[dict], object]
    stored: int = 0
    shown: Callable[[pd.DataFrame, dict], object] = lambda rows, settings: rows
    beside: Study | None = None

    def obtain(self, settings: dict, store=None, device="auto") -> tuple[tuple, str]:
        """The results of this study and of the one beside it, and how they were made."""
        made = [study.run(settings) for study in (self, self.beside) if study]
        return tuple(result for result, _ in made), ". ".join(how for _, how in made)

    def run(self, settings: dict) -> tuple[object, str]:
        """The result, and a sentence on how it was made: settings, seconds, versions."""
        own = {name: settings[name] for name in self.defaults}
        if self.stored:
            rows, made = self._run_stored(own)
            return self.shown(rows, own), made
        called = (self.compute, repr(own))
        if called not in _LAST:  # a page shows the same calculation beside two profiles
            result, seconds = _timed(self.compute, own)
            _LAST.clear()
            _LAST[called] = result, how(own, seconds)
        return _LAST[called]

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
                      f"results/theory/{self.name}/{file.name}; drawn from there")


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
