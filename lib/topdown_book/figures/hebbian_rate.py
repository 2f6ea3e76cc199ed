"""PEPITA-Hebbian at the published learning rate and at its own best one, beside PEPITA."""

from __future__ import annotations

import pandas as pd

from topdown_book.figures._drawing import Table
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import summary
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._rates import best_rate
from topdown_book.figures._recipes import HEBBIAN, NORMAL, VARIANTS, candidates, make, usual
from topdown_book.figures._tables import cell, means
from topdown_book.store.records import Store

PAPER, OWN, TRIED = "published", "own, best on held-out data", "tried on held-out data"
LABELS = ["variant", "rate", "lr", "depth"]
NOT_YET = "not yet run"


def cases(settings: dict) -> list[Case]:
    """Both rules at the published rate, the rates tried, and the best of these once all are."""
    depths = range(1, settings["depth"] + 1)
    normal, hebbian = (lambda depth, kind=kind: make(settings, depth, **VARIANTS[kind])
                       for kind in ("normal", "hebbian"))
    tried = candidates(hebbian(settings["depth"]), settings["held_out"])
    runs = [(NORMAL, PAPER, normal(depth)) for depth in depths]
    runs += [(HEBBIAN, PAPER, hebbian(depth)) for depth in depths]
    runs += [(HEBBIAN, TRIED, recipe) for recipe in tried]
    best = best_rate(tried, Store())
    if best is not None and best != hebbian(1).lr:
        runs += [(HEBBIAN, OWN, make(settings, depth, **{**VARIANTS["hebbian"], "lr": best}))
                 for depth in depths]
    return [Case(recipe, dict(variant=variant, rate=rate, lr=recipe.lr, depth=len(recipe.hidden)))
            for variant, rate, recipe in runs]


FIGURE = Experiment(
    title="PEPITA-Hebbian at its own learning rate",
    parameters=(*COMMON, Parameter("depth", int, "largest number of hidden layers", low=1, high=10),
                Parameter("held_out", int, "training examples that judge the rates", low=10,
                          high=20_000)),
    profiles=usual("cifar10", "cifar10", smoke=dict(held_out=300), depth=3, held_out=10_000),
    cases=cases,
    units=("variant", "rate", "lr", "depth"),
)


def draw(results: Results) -> Table:
    """A row for every rule and rate, a column for every depth; the rates that were tried below."""
    final, depths = results.final(), range(1, results.settings["depth"] + 1)
    found = means(final, LABELS)
    rows = [{"rule": variant, "learning rate": f"{lr:g}", "which": rate,
             **{f"{depth} hidden": cell(found, NOT_YET, variant=variant, rate=rate, lr=lr,
                                        depth=depth) for depth in depths}}
            for variant, rate, lr in _rows(results.settings)]
    if "not yet" in _own_rate(results) and OWN not in {row["which"] for row in rows}:
        rows.append({"rule": HEBBIAN, "learning rate": "?", "which": OWN,
                     **{f"{depth} hidden": NOT_YET for depth in depths}})
    return Table(pd.DataFrame(rows), _caption(results), summary(final, LABELS))


def _rows(settings: dict) -> list[tuple]:
    """(variant, which rate, rate) of every row, those of the table before those that were tried."""
    keys = [tuple(case.labels[name] for name in ("variant", "rate", "lr"))
            for case in cases(settings)]
    return sorted(dict.fromkeys(keys), key=lambda key: (key[1] == TRIED, key[0] != NORMAL))


def _caption(results: Results) -> str:
    s = results.settings
    return (f"Test accuracy in percent on {s['dataset']} after {s['epochs']} epochs, mean ± "
            "standard deviation over seeds. The rule's own rate is the best of those tried with "
            f"{s['depth']} hidden layers on {s['held_out']} examples held out of the training set, "
            "whose accuracy the last rows give; the test set had no say in it.")


def answer(results: Results) -> str:
    """What the deepest network reaches with each rule and rate."""
    final, depth = results.final(), results.settings["depth"]
    deep = final[(final.depth == depth) & (final.rate != TRIED)]
    said = [f"{variant} at the rate {lr:g} ({rate}) {_reached(rows)}"
            for (variant, rate, lr), rows in deep.groupby(["variant", "rate", "lr"], sort=False)]
    if OWN not in set(deep.rate):
        said.append(_own_rate(results))
    return f"With {depth} hidden layers, {'; '.join(said)}."


def _own_rate(results: Results) -> str:
    """Why no runs at a rate of the rule's own are shown."""
    tried = [case.recipe for case in cases(results.settings) if case.labels["rate"] == TRIED]
    best = best_rate(tried, Store())
    if best is None:
        done = len({r.recipe for r in results.records} & set(tried))
        return (f"the search for a rate of its own, on held-out data, is not yet run ({done} of "
                f"{len(tried)} rates tried)")
    if best == max(recipe.lr for recipe in tried):
        return f"no smaller rate was better on held-out data than {best:g}"
    return f"its own best rate, {best:g}, is not yet run"


def _reached(rows: pd.DataFrame) -> str:
    """ "reaches 52.2 % (1 seed)", or that it diverged. """
    lost = rows.diverged.sum() if "diverged" in rows else rows.value.isna().sum()
    seeds = f"{len(rows)} seed{'s' * (len(rows) != 1)}"
    if lost:
        return f"diverges ({lost} of {seeds})"
    return f"reaches {rows.value.mean():.1f} % ({seeds})"


def finding(store: Store) -> str:
    """The finding on the landing page, from the records of the published size; "" without any."""
    from topdown_book.figures import gather, get

    figure = get("hebbian_rate")
    settings = figure.settings({}, store)
    if settings["profile"] != "paper":
        return ""
    return ("The paper's numbers reproduce, and the name on one curve does not: its figure shows "
            "more than 50 % on CIFAR-10 for PEPITA-Hebbian with one to three hidden layers. What "
            "the released code runs under that name is PEPITA. "
            + answer(gather(figure, settings, store)))
