"""The paper's verified values, for marks in figures and cells of tables; unknown ones say so."""

from __future__ import annotations

from topdown_book import figures
from topdown_book.store.facts import paper

UNKNOWN = "unknown"


def known_value(table: str, labels: dict, settings: dict) -> float | None:
    """The paper's value at the end of training for the case of `table` with `labels`, or None."""
    return known_curve(table, labels, settings).get(_last(table))


def known_curve(table: str, labels: dict, settings: dict) -> dict[int, float]:
    """Epoch -> value, for every known point of a case's curve at the published size.

    Empty if `settings` are of another data set than the published ones.
    """
    published = figures.get(table).profiles["paper"]
    if settings.get("dataset") != published.get("dataset"):
        return {}
    return {_last(table) if fact.epoch == "last" else fact.epoch: fact.value
            for fact in paper().facts
            if fact.value is not None and fact.minus is None and _is_of(fact.of, table, labels)}


def _last(table: str) -> int:
    return figures.get(table).profiles["paper"]["epochs"]


def _is_of(of: dict, table: str, labels: dict) -> bool:
    return of.get("table") == table and all(labels.get(name) == value
                                            for name, value in of.items() if name != "table")
