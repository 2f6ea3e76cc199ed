"""The paper's verified values, for marks in figures and cells of tables; unknown ones say so."""

from __future__ import annotations

from topdown import paper
from topdown.recipes import Recipe

UNKNOWN = "unknown"


def known_value(table: str, recipe: Recipe, labels: dict) -> float | None:
    """The paper's value for a case of `table` at the end of training, whatever its sizes."""
    return paper.known_value(recipe)


def known_curve(recipe: Recipe) -> dict[int, float]:
    """Epoch -> value, for every known point of the curve of `recipe` at the published size."""
    return paper.known_curve(recipe)
