"""Table S1."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.experiments.tabs1 import DEPTHS, NORMALIZED, NORMALIZED_DEPTHS, cases
from topdown_book.figures._known import UNKNOWN, known_value
from topdown_book.figures._page import Table
from topdown_book.figures._tables import BEST, NO_DATA, NOT_RUN, cell, mark_best, means
from topdown_book.figures._training import summary

_LABELS = ["dataset", "variant", "technique", "depth"]


def tabs1(results: Results) -> Table:
    """A row per data set, technique and variant, a column per depth, one for the paper's cells."""
    final = results.final()
    found = mark_best(means(final, _LABELS), ["dataset", "depth"])
    all_cases = pd.DataFrame([{**case.labels, "paper": _known(case.labels, results.settings)}
                              for case in cases(results.settings)])
    rows = [_row(found, names, group) for names, group
            in all_cases.groupby(["dataset", "technique", "variant"], sort=False)]
    return Table(pd.DataFrame(rows), _CAPTION, summary(final, _LABELS))


def _known(labels: dict, settings: dict) -> str | None:
    value = known_value("tabs1", labels, settings)
    return None if value is None else f"{value:g} at depth {labels['depth']}"


def _row(found, names, group) -> dict:
    labels = dict(zip(("dataset", "technique", "variant"), names))
    here = (found.dataset == labels["dataset"]).any()
    row = dict(labels)
    for depth in NORMALIZED_DEPTHS:
        absent = NO_DATA if not here and depth in set(group.depth) else NOT_RUN
        row[f"{depth} hidden"] = cell(found, absent, **labels, depth=depth)
    known = "; ".join(group.paper.dropna())
    return {**row, "paper": f"{known}; rest {UNKNOWN}" if known else UNKNOWN}


_CAPTION = (
    "Test accuracy in percent at the end of training against the number of hidden layers, mean ± "
    f"standard deviation over seeds. Depths {DEPTHS[0]} to {DEPTHS[-1]} without technique and with "
    "weight decay of 0.0001, the recipes of Figure 3; with "
    f"{NORMALIZED} of the hidden activity of every sample up to {NORMALIZED_DEPTHS[-1]}. Learning "
    "rate 0.01 on every data set, the released default (the ancestor used 0.1 on MNIST). "
    f"{BEST}: the largest mean of a data set at that depth. {NOT_RUN}: not part of the table. The "
    "paper's cells that could be verified stand in the last column, by the variant they are "
    "compared with; the sources do not say which of the two initialisations they used."
)
