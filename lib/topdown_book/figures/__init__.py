"""One file a figure or table, found by its name; what several share is in files with an underscore.

`figures/NAME.py` belongs to the notebook `book/NAME.ipynb` and holds

    FIGURE          an Experiment (made from training runs), a Study (of the theory) or a Page
    draw(...)       what the kind obtains -> a Drawing or Table, or several of them by name
    answer(...)     optional: the answer to the page's question, in words that follow the numbers

Packages for plotting are imported by the functions that draw: a machine without them can train.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from topdown.errors import UsageError, unknown
from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._experiment import Case, Experiment, Results, gather
from topdown_book.figures._parameters import PROFILES, Parameter, Settings, check_all
from topdown_book.figures._study import Page, Study

__all__ = ["PROFILES", "Case", "Drawing", "Experiment", "Page", "Parameter", "Results", "Settings",
           "Study", "Table", "check_all", "experiment", "experiments", "gather", "get", "module",
           "names", "studies"]


@cache
def names() -> list[str]:
    """Every figure: the files of this folder, those without an underscore."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))


def module(name: str) -> ModuleType:
    """The file of a figure. UsageError with the nearest known name if there is none."""
    if name not in names():
        raise UsageError(unknown("figure", name, names()))
    return import_module(f"{__name__}.{name}")


@cache
def get(name: str) -> Experiment | Study | Page:
    """What a figure is made from, with its name."""
    return replace(module(name).FIGURE, name=name)


@cache
def experiments() -> dict[str, Experiment]:
    """Every figure that is made from training runs."""
    return {name: figure for name in names() if not _is_other(name)
            and isinstance(figure := _if_here(name), Experiment)}


def _is_other(name: str) -> bool:
    """Whether the file says that it is none: it is not imported, with the theory and its SciPy."""
    text = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return bool(re.search(r"^FIGURE = (Study|Page)\(", text, re.MULTILINE))


def _if_here(name: str):
    """What `get` says; None where a package that the figure needs is not on this machine."""
    try:
        return get(name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("topdown"):
            raise
        return None


@cache
def studies() -> dict[str, Study]:
    """Every calculation of the theory, those beside other figures included."""
    found = [figure for name in names() for figure in (get(name), getattr(get(name), "beside", 0))]
    return {figure.name: figure for figure in found if isinstance(figure, Study)}


def experiment(name: str) -> Experiment:
    """The figure of that name, made from training runs; UsageError otherwise."""
    if name not in experiments():
        raise UsageError(unknown("figure", name, experiments()))
    return experiments()[name]
