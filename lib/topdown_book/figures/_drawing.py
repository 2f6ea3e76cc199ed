"""A drawn figure or a table with everything its page needs: alternative text, caption, data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class Drawing:
    """`figure` to show; `alt` says in words what it shows; `caption`; `data` is offered as CSV.

    missing: why numbers of `data` may be NaN or infinite; without a reason that is an error.
    source: where it comes from, as far as it is not made from the records of an experiment;
    records: those it reads all the same. interactive: numbers of the widget
    above the figure, of book/_static/explore, and its name as "widget".
    """

    figure: Figure
    alt: str
    caption: str
    data: pd.DataFrame
    missing: str = ""
    source: str = ""
    records: tuple[str, ...] = ()
    interactive: dict | None = None


@dataclass
class Table:
    """A table of text cells (`cells`), with its caption; everything else as in `Drawing`."""

    cells: pd.DataFrame
    caption: str
    data: pd.DataFrame
    missing: str = ""
    source: str = ""
    records: tuple[str, ...] = ()
