"""A drawn figure with everything its page needs: alternative text, caption, data."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure


@dataclass
class Drawing:
    """`figure` to show; `alt` says in words what it shows; `caption`; `data` is offered as CSV.

    missing: why numbers of `data` may be NaN or infinite; without a reason that is an error.
    interactive: a whole HTML document, shown above the figure.
    """

    figure: Figure
    alt: str
    caption: str
    data: pd.DataFrame
    missing: str = ""
    interactive: str = ""


@dataclass
class Table:
    """A table of text cells (`cells`), with its caption; `data` and `missing` as in `Drawing`."""

    cells: pd.DataFrame
    caption: str
    data: pd.DataFrame
    missing: str = ""
