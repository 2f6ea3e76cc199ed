"""Table S1: depth, without and with weight decay, and with normalisation up to five layers."""

import pandas as pd

from topdown_book.figures._drawing import Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._known import UNKNOWN, known_value
from topdown_book.figures._panels import absent, summary
from topdown_book.figures._parameters import SEVERAL, Parameter
from topdown_book.figures._recipes import (
    HEBBIAN,
    MAY_BE_ABSENT,
    NAMES,
    NORMAL,
    SEVERAL_DATA,
    VARIANTS,
    WEIGHT_DECAY,
    make,
    usual,
)
from topdown_book.figures._tables import BEST, NOT_RUN, cell, mark_best, means
from topdown_book.figures._words import Estimate, joined, paired, runs

DEPTHS, NORMALIZED_DEPTHS = (1, 2, 3), (1, 2, 3, 4, 5)
PLAIN, DECAY, NORMALIZED = "none", "weight decay", "normalisation"
LABELS = ["dataset", "variant", "technique", "depth"]


def cases(settings: dict) -> list[Case]:
    """Variants x {none, weight decay} x depth, as in Figure 3; then normalised networks."""
    return [case for dataset in settings["datasets"]
            for case in (*_plain(settings, dataset), *_normalized(settings, dataset))]


def _plain(settings: dict, dataset: str) -> list[Case]:
    return [
        _case(settings, dataset, variant, technique, depth, weight_decay=decay)
        for variant in settings["rules"] for technique, decay in ((PLAIN, 0.0),
                                                                  (DECAY, WEIGHT_DECAY))
        for depth in DEPTHS
    ]


def _normalized(settings: dict, dataset: str) -> list[Case]:
    return [_case(settings, dataset, "normal", NORMALIZED, depth, normalization="sample")
            for depth in NORMALIZED_DEPTHS if depth <= settings["depth"]]


def _case(settings, dataset, variant, technique, depth, **options) -> Case:
    recipe = make(settings, depth, dataset=dataset, **VARIANTS[variant], **options)
    labels = dict(dataset=dataset, variant=NAMES[variant], technique=technique, depth=depth)
    return Case(recipe, labels, optional=dataset in MAY_BE_ABSENT)


FIGURE = Experiment(
    title="Depth, weight decay and normalisation",
    parameters=(
        *SEVERAL,
        Parameter("depth", int, "largest number of normalised hidden layers", low=1, high=5),
        Parameter("rules", "list", "which variants to train", choices=tuple(VARIANTS)),
    ),
    profiles=usual(*SEVERAL_DATA, depth=5, rules=tuple(VARIANTS)),
    cases=cases,
    units=("dataset", "technique", "variant"),
)


def draw(results: Results) -> Table:
    """A row per data set, technique and variant, a column per depth, one for the paper's cells."""
    final = results.final()
    found = mark_best(means(final, LABELS), ["dataset", "depth"])
    all_cases = pd.DataFrame([{**case.labels, "paper": _known(case.labels, results.settings)}
                              for case in cases(results.settings)])
    rows = [_row(found, names, group, absent(results.settings)) for names, group
            in all_cases.groupby(["dataset", "technique", "variant"], sort=False)]
    return Table(pd.DataFrame(rows), _CAPTION, summary(final, LABELS))


def _known(labels: dict, settings: dict) -> str | None:
    value = known_value("tabs1", labels, settings)
    return None if value is None else f"{value:g} at depth {labels['depth']}"


def _row(found, names, group, gone: str) -> dict:
    labels = dict(zip(("dataset", "technique", "variant"), names))
    row = dict(labels)
    for depth in NORMALIZED_DEPTHS:
        row[f"{depth} hidden"] = cell(found, gone if depth in set(group.depth) else NOT_RUN,
                                      **labels, depth=depth)
    known = "; ".join(group.paper.dropna())
    return {**row, "paper": f"{known}; rest {UNKNOWN}" if known else UNKNOWN}


_CAPTION = (
    "Test accuracy in percent at the end of training against the number of hidden layers, mean ± "
    "standard deviation over seeds: the recipes of Figure 3, and with the hidden activity of every "
    f"sample normalised. {BEST}: the largest mean of a data set at that depth. {NOT_RUN}: not part "
    "of the table. Last column: the paper's verified cells."
)


def answer(results: Results) -> str:
    """A trend is alike if the sign of its paired difference is, or nowhere can be told from zero.

    The trends of Figure 3: what depth costs PEPITA, what weight decay and the Hebbian form give.
    """
    final = results.final()
    datasets = list(dict.fromkeys(final.dataset))
    each = {name: {d: one for d in datasets if (one := trend(final[final.dataset == d])).seeds}
            for name, trend in _TRENDS.items() if all(v in set(final.variant) for v in _of(name))}
    each = {name: own for name, own in each.items() if own}
    if not each:
        return f"Not asked here: the rows of {NORMAL} are not there. {runs(results)}"
    alike = [name for name, own in each.items() if len({_sign(e) for e in own.values()}) == 1]
    lead = ("One data set only, so there is nothing to compare" if len(datasets) < 2 else
            f"{len(alike)} of {len(each)} trends are the same on {joined(datasets)}")
    listed = "; ".join(f"{name}: " + ", ".join(f"{d} {e.words()}" for d, e in own.items())
                       for name, own in each.items())
    return f"{lead}. {listed[0].upper()}{listed[1:]}. {runs(results)}"


def _by_depth(rows: pd.DataFrame) -> Estimate:
    own = rows[(rows.variant == NORMAL) & (rows.technique == PLAIN)]
    return paired(own, "depth", max(DEPTHS), min(DEPTHS))


def _by_decay(rows: pd.DataFrame) -> Estimate:
    own = rows[(rows.variant == NORMAL) & (rows.depth == max(DEPTHS))]
    return paired(own, "technique", DECAY, PLAIN)


def _by_form(rows: pd.DataFrame) -> Estimate:
    return paired(rows[(rows.depth == 1) & (rows.technique == PLAIN)], "variant", HEBBIAN, NORMAL)


_TRENDS = {
    f"{NORMAL}, {max(DEPTHS)} layers minus 1": _by_depth,
    f"{NORMAL}, {max(DEPTHS)} layers, weight decay minus none": _by_decay,
    f"{HEBBIAN} minus {NORMAL}, 1 layer": _by_form,
}


def _of(trend: str) -> list[str]:
    """The variants that a trend compares."""
    return [name for name in (NORMAL, HEBBIAN) if name in trend]


def _sign(own: Estimate) -> str:
    if not own.n:
        return "diverged"
    return "up" if own.above else "down" if own.below else "open"
