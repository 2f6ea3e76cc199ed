"""Table 2."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.experiments.tab2 import BASELINES, MIRRORED, TECHNIQUES, cases
from topdown_book.figures._known import known_value
from topdown_book.figures._page import Table
from topdown_book.figures._tables import BEST, NO_DATA, cell, known_cell, mark_best, means
from topdown_book.figures._training import summary

_LABELS = ["dataset", "variant", "technique"]


def tab2(results: Results) -> Table:
    """A row per rule and technique; per data set a column of ours and one of the paper's."""
    final = results.final()
    pepita = final.variant.isin(MIRRORED)
    found = pd.concat([mark_best(means(rows, _LABELS), ["dataset"])
                       for rows in (final[~pepita], final[pepita]) if len(rows)])
    paper = {tuple(case.labels.values()): known_value("tab2", case.labels, results.settings)
             for case in cases(results.settings)}
    rows = [_row(found, paper, results.settings["datasets"], variant, technique)
            for variant, technique in _lines()]
    return Table(pd.DataFrame(rows), _CAPTION, summary(final, _LABELS))


def _lines() -> list[tuple[str, str]]:
    baselines = [(name, "none") for name in BASELINES]
    return baselines + [(name, technique) for name in MIRRORED for technique in TECHNIQUES]


def _row(found, paper: dict, datasets, variant: str, technique: str) -> dict:
    row = {"rule": variant, "technique": technique}
    for dataset in datasets:
        labels = dict(dataset=dataset, variant=variant, technique=technique)
        row[dataset] = cell(found, NO_DATA, **labels)
        row[f"{dataset}, paper"] = known_cell(paper[tuple(labels.values())])
    return row


_CAPTION = (
    "Test accuracy in percent at the end of training, one hidden layer, mean ± standard deviation "
    "over seeds. Techniques: weight decay of 0.0001, normalisation of the hidden activity of "
    "every sample, both; without and with weight mirroring at every batch (WM). All rules share "
    "the learning rate 0.01, momentum, dropout and He-normal weights; nothing is tuned per row. "
    "With one hidden layer FA and DFA are the same rule, and a seed draws the same feedback. "
    f"{BEST}: the largest mean of a column, among the baselines and among the rows of PEPITA. "
    "The paper's cells are unknown to us where it says so."
)
