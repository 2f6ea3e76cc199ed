"""The data file of the paper's numbers and claims, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from topdown.errors import UsageError, unknown

RELATIONS = ("equals", "within", "above", "below")
_KEYS = ("id", "figure", "where", "what", "source", "value", "sd", "runs", "approximate", "margin",
         "unit", "metric", "epoch", "of", "minus", "incomparable", *RELATIONS)
_CELL_KEYS = ("value", "sd", "runs", "source", "approximate", "margin", "epoch", "metric", "unit")
_SECTIONS = ("alpha", "level", "margins", "published", "facts", "cells")


@dataclass(frozen=True)
class Fact:
    """A number or claim of the paper: `of` (`minus`) stand in `relation` to `bound`.

    value: the paper's number, if it is one. margin: of equivalence, for "equals" and "within".
    incomparable: why nothing of ours can stand beside it; `of` is empty then.
    """

    id: str
    figure: str
    where: str
    what: str
    source: str
    relation: str
    bound: float
    of: dict = field(default_factory=dict)
    incomparable: str = ""
    minus: dict | None = None
    metric: str = "test_accuracy"
    epoch: object = "last"
    value: float | None = None
    sd: float | None = None
    runs: int | None = None
    margin: float | None = None
    unit: str = "%"


@dataclass(frozen=True)
class Paper:
    """The whole file."""

    alpha: float
    level: float
    published: dict
    facts: tuple[Fact, ...] = field(repr=False)


@lru_cache(maxsize=4)
def paper(path: str | Path | None = None) -> Paper:
    """The facts in `path`, the project's own file by default. UsageError names what is wrong."""
    import yaml  # not on every machine that trains

    source = Path(path) if path else files("topdown_book.store") / "numbers.yml"
    content = yaml.safe_load(source.read_text())
    for name in content:
        if name not in _SECTIONS:
            raise UsageError(unknown("section of the paper's numbers", name, _SECTIONS))
    margins = content["margins"]
    facts = [_fact(entry, margins) for entry in content["facts"]]
    facts += [_cell(entry, margins) for entry in content.get("cells") or []]
    for name in {f.id for f in facts if [g.id for g in facts].count(f.id) > 1}:
        raise UsageError(f"the paper's numbers hold two entries {name!r}; keep one")
    return Paper(content["alpha"], content["level"], content["published"], tuple(facts))


def _fact(entry: dict, margins: dict) -> Fact:
    """One entry of `facts`; `value: x` alone means `equals: x`."""
    entry, name = dict(entry), entry.get("id", entry)
    for key in entry:
        if key not in _KEYS:
            raise UsageError(unknown(f"key in the paper's number {name!r}:", key, _KEYS))
    approximate = entry.pop("approximate", False)
    if "value" in entry:
        entry.setdefault("equals", _number(entry["value"], name))
        entry.setdefault("margin", margins["approximate" if approximate else "value"])
    given = [relation for relation in RELATIONS if relation in entry]
    if len(given) != 1:
        raise UsageError(f"the paper's number {name!r} needs a value or one of "
                         f"{', '.join(RELATIONS)}; it has {', '.join(given) or 'none'}")
    bound = entry.pop(given[0])
    if given[0] == "within":
        entry["margin"] = bound
    return Fact(relation=given[0], bound=bound, **entry)


def _cell(entry: dict, margins: dict) -> Fact:
    """One line of `cells`: a table, labels of one of its cases, and the value."""
    if "table" not in entry or "value" not in entry:
        raise UsageError(f"the cell {entry} needs `table` and `value`")
    labels = {k: v for k, v in entry.items() if k not in (*_CELL_KEYS, "table")}
    words = ", ".join(f"{k} {v}" for k, v in labels.items())
    rest = {k: v for k, v in entry.items() if k in _CELL_KEYS}
    return _fact({"id": f"{entry['table']}: {words}", "figure": entry["table"],
                  "where": entry["table"], "what": words, "source": "read in the paper",
                  "of": {"table": entry["table"], **labels}, **rest}, margins)


def _number(value, name) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"the paper's number {name!r}: value={value!r} is not a number; an "
                         "unknown value is simply left out")
    return float(value)
