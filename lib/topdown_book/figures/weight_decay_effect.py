"""What weight decay does together with normalisation and mirroring: Table 2's runs in pairs."""

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._paired import differences, in_words, intervals
from topdown_book.figures._panels import FAILED, forest
from topdown_book.figures._parameters import SEVERAL
from topdown_book.figures._recipes import MIRRORED, TABLE_2, table_2
from topdown_book.figures._theme import panels, theme
from topdown_book.figures._words import estimate, runs

DECAYED = {"none": ("plain", False), "weight decay": ("plain", True),
           "normalisation": ("normalisation", False), "both": ("normalisation", True)}
"""Technique of Table 2 -> the technique beside weight decay, and whether there is any."""


def cases(settings: dict) -> list[Case]:
    """The rows of PEPITA of Table 2, without and with weight decay."""
    found = []
    for case in (case for dataset in settings["datasets"] for case in table_2(settings, dataset)):
        rule, (technique, decay) = case.labels["variant"], DECAYED[case.labels["technique"]]
        labels = dict(dataset=case.labels["dataset"], decay=decay,
                      technique=f"{rule}, {technique}")
        found += [Case(case.recipe, labels, case.optional)] if rule in MIRRORED else []
    return found


FIGURE = Experiment(title="What weight decay adds to normalisation and mirroring",
                    parameters=SEVERAL, profiles=TABLE_2, cases=cases)


def _effects(results: Results):
    return differences(results.final(), ["dataset", "technique"], "decay", True, False)


def draw(results: Results) -> Drawing:
    """A panel for every data set: accuracy with weight decay minus without, for each technique."""
    found, order = _effects(results), list(dict.fromkeys(results.frame.technique))
    datasets = list(dict.fromkeys(found.dataset))
    with theme():
        figure, axes = panels(len(datasets), height=2.4, sharey=True)
        for axis, dataset, letter in zip(axes, datasets, "abc"):
            forest(axis, found[found.dataset == dataset], "technique", order)
            axis.set(title=f"{letter}  {dataset}", xlabel="effect of weight decay (points)")
    shown = intervals(found, ["dataset", "technique"])
    parts = [f"{dataset}: {in_words(rows, 'technique', 'points')}"
             for dataset, rows in shown.groupby("dataset", sort=False)]
    return Drawing(figure, f"Effect of weight decay on test accuracy. {'; '.join(parts)}.",
                   _CAPTION, shown, FAILED)


_CAPTION = (
    "Test accuracy with weight decay (0.0001) minus without, for PEPITA and PEPITA with weight "
    "mirroring, plain or with activities normalised per sample. Grey dots are seeds, squares their "
    "mean with the 95 % t interval, orange where it excludes zero."
)


def answer(results: Results) -> str:
    """Weight decay does something where the interval of the paired difference excludes zero."""
    each = {f"{technique} on {dataset}": estimate(own) for (dataset, technique), own in
            _effects(results).groupby(["dataset", "technique"], sort=False)}
    clear = [name for name, own in each.items() if own.clear]
    known = {name: own for name, own in each.items() if own.n}
    if clear:
        listed = "; ".join(f"{name} {each[name].words()}" for name in clear)
        return (f"In {len(clear)} of {len(each)} pairs weight decay changes test accuracy beyond "
                f"the interval: {listed}. Of intervals around nothing, one in twenty does so by "
                f"chance. {runs(results)}")
    if not known:
        return f"No pair has an accuracy on both sides, since seeds diverged. {runs(results)}"
    name = max(known, key=lambda n: abs(known[n].mean))
    return (f"These runs show no effect of weight decay: of {len(each)} pairs with and without "
            f"it none differs beyond its interval. The largest difference is {name}, "
            f"{known[name].words()}. {runs(results)}")
