"""Table 2: weight decay, normalisation, both, without and with weight mirroring; baselines."""

import pandas as pd

from topdown_book.figures._drawing import Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._known import known_value
from topdown_book.figures._panels import absent, summary
from topdown_book.figures._parameters import SEVERAL
from topdown_book.figures._recipes import MIRRORED, TABLE_2, table_2
from topdown_book.figures._tables import BEST, cell, known_cell, mark_best, means
from topdown_book.figures._words import joined, paired, runs

LABELS = ["dataset", "variant", "technique"]


def cases(settings: dict) -> list[Case]:
    """Per data set: four baselines, then PEPITA without and with mirroring x four techniques."""
    return [case for dataset in settings["datasets"] for case in table_2(settings, dataset)]


FIGURE = Experiment(
    title="Weight decay, normalisation and mirroring; BP, FA, DFA and DRTP",
    parameters=SEVERAL, profiles=TABLE_2, cases=cases,
    units=("dataset",))


def answer(results: Results) -> str:
    """What mirroring, decay and normalisation change in PEPITA, on every data set."""
    final = results.final()
    own, plain = final[final.variant == "PEPITA"], final[final.technique == "none"]
    sides = {"weight mirroring": (plain, "variant", "PEPITA + WM", "PEPITA")}
    sides |= {name: (own, "technique", name, "none") for name in ("weight decay", "normalisation")}
    said = "; ".join(_effect(name, *of) for name, of in sides.items())
    return f"{said[:1].upper()}{said[1:]}. {runs(results)}"


def _effect(name: str, rows: pd.DataFrame, *sides: str) -> str:
    gains = {dataset: paired(found, *sides)
             for dataset, found in rows.groupby("dataset", sort=False)}
    verb = ("helps PEPITA" if all(gain.above for gain in gains.values()) else
            "hurts it at this learning rate" if all(gain.below for gain in gains.values()) else
            "has no clear effect on it")
    listed = joined(f"{gain.words()} on {dataset}" for dataset, gain in gains.items())
    return f"{name} {verb} ({listed})"


def draw(results: Results) -> Table:
    """A row per rule and technique; per data set a column of ours and one of the paper's."""
    final, datasets = results.final(), results.settings["datasets"]
    pepita = final.variant.isin(MIRRORED)
    found = pd.concat([mark_best(means(rows, LABELS), ["dataset"])
                       for rows in (final[~pepita], final[pepita]) if len(rows)])
    rows: dict = {}
    for labels in (case.labels for case in cases(results.settings)):
        row = rows.setdefault((labels["variant"], labels["technique"]),
                              {"rule": labels["variant"], "technique": labels["technique"]})
        row[labels["dataset"]] = cell(found, absent(results.settings), **labels)
        row[f"{labels['dataset']}, paper"] = known_cell(
            known_value("tab2", labels, results.settings))
    columns = ["rule", "technique", *(f"{d}{of}" for d in datasets for of in ("", ", paper"))]
    return Table(pd.DataFrame(rows.values())[columns], _CAPTION, summary(final, LABELS))


_CAPTION = (
    "Test accuracy in percent at the end of training, one hidden layer, mean ± standard deviation "
    "over seeds; weight decay 0.0001, activity normalised per sample, or both, without and with "
    f"weight mirroring at every batch (WM). {BEST}: the largest mean of a column, among the "
    "baselines and among the rows of PEPITA."
)
