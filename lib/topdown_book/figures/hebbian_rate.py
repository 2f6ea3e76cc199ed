"""PEPITA-Hebbian at the published learning rate and at its own best one, beside PEPITA."""

from __future__ import annotations

import pandas as pd

from topdown.recipes import Recipe
from topdown_book.figures._drawing import Table
from topdown_book.figures._experiment import Case, Results
from topdown_book.figures._panels import NOT_YET, summary
from topdown_book.figures._parameters import COMMON, DEPTH
from topdown_book.figures._rates import ChosenRates, accuracies, around, best_rate
from topdown_book.figures._recipes import HEBBIAN, NORMAL, VARIANTS, make, usual
from topdown_book.figures._tables import cell, means
from topdown_book.store.records import Store

PUBLISHED, OWN = "published", "its own, best on held-out data"
LABELS = ["variant", "rate", "depth"]


def candidates(settings: dict) -> list[Recipe]:
    """The Hebbian rule at every rate tried, in the deepest network, on held-out examples."""
    return around(make(settings, settings["depth"], **VARIANTS["hebbian"]))


def cases(settings: dict) -> list[Case]:
    """Both rules at the published rate; the Hebbian one at its own, once that is known."""
    rows = [(NORMAL, PUBLISHED, VARIANTS["normal"]), (HEBBIAN, PUBLISHED, VARIANTS["hebbian"])]
    if (best := best_rate(candidates(settings), Store())) is not None:
        rows.append((HEBBIAN, OWN, {**VARIANTS["hebbian"], "lr": best}))
    return [Case(make(settings, depth, **options), dict(variant=variant, rate=rate, depth=depth))
            for variant, rate, options in rows for depth in range(1, settings["depth"] + 1)]


FIGURE = ChosenRates(
    title="PEPITA-Hebbian at its own learning rate",
    parameters=(*COMMON, DEPTH),
    profiles=usual("cifar10", "cifar10", depth=3),
    cases=cases,
    units=tuple(LABELS),
    candidates=candidates,
)


def draw(results: Results) -> Table:
    """A row for every rule and rate, a column for every depth."""
    final, depths = results.final(), range(1, results.settings["depth"] + 1)
    found, rate = means(final, LABELS), Recipe().lr
    best = best_rate(candidates(results.settings), Store())
    rows = [{"rule": variant, "learning rate": f"{lr:g}" if lr else "–", "which": which,
             **{f"{n} hidden": cell(found, NOT_YET, variant=variant, rate=which, depth=n)
                for n in depths}}
            for variant, which, lr in ((NORMAL, PUBLISHED, rate), (HEBBIAN, PUBLISHED, rate),
                                       (HEBBIAN, OWN, best))]
    return Table(pd.DataFrame(rows), _caption(results), summary(final, LABELS))


def _caption(results: Results) -> str:
    s = results.settings
    return (f"Test accuracy in percent on {s['dataset']} after {s['epochs']} epochs, hidden layers "
            f"of {s['width']} units, mean ± standard deviation over seeds. The rule's own rate is "
            f"the best of those tried with {s['depth']} hidden layers on examples held out of the "
            "training set; the test set had no say in it.")


def answer(results: Results) -> str:
    """What the deepest network reaches with each rule and rate, and how the rate was found."""
    final, depth = results.final(), results.settings["depth"]
    deep = final[final.depth == depth]
    said = [f"{variant} at {'the published rate' if rate == PUBLISHED else 'its own rate'} "
            f"{_reached(rows)}"
            for (variant, rate), rows in deep.groupby(["variant", "rate"], sort=False)]
    return f"With {depth} hidden layers, {'; '.join([*said, _search(results.settings)])}."


def _reached(rows: pd.DataFrame) -> str:
    """ "reaches 52.2 % (1 seed)", or that it diverged. """
    seeds, lost = f"{len(rows)} seed{'s' * (len(rows) != 1)}", rows.diverged.sum()
    return f"diverges ({lost} of {seeds})" if lost else (
        f"reaches {rows.value.mean():.1f} % ({seeds})")


def _search(settings: dict) -> str:
    """What was tried on held-out examples, with what result."""
    tried = candidates(settings)
    found = accuracies(tried, Store())
    listed = ", ".join(f"{value:.1f} % at {lr:g}" for lr, value in found.items())
    if len(found) < len(tried):
        return (f"the search for a rate of its own on held-out examples is {NOT_YET} "
                f"({len(found)} of {len(tried)} rates tried{': ' * bool(listed)}{listed})")
    return f"on held-out examples it reaches {listed}"


def finding(store: Store) -> str:
    """The finding on the landing page, from the records of the published size; "" without any."""
    from topdown_book.figures import gather, get

    figure = get("hebbian_rate")
    settings = figure.settings({}, store)
    if settings["profile"] != "paper":
        return ""
    return ("The name on one curve does not hold. The paper's Figure 3a has more than 50 % on "
            "CIFAR-10 for PEPITA-Hebbian with one to three hidden layers; what the released code "
            "runs under that name is PEPITA. "
            + answer(gather(figure, settings, store)))
