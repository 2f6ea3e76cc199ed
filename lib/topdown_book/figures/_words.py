"""Estimates with their intervals, in words, and what the runs behind an answer were."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from topdown_book.figures._experiment import Results
from topdown_book.figures._paired import differences, half_width, values_and_lost
from topdown_book.figures._panels import NOT_YET
from topdown_book.figures._theme import spread


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` values with half its 95 % t interval.

    lost: how many of `seeds` diverged; their accuracy is chance level and counted, or, where there
    is no such level, they have no value.
    """

    n: int
    lost: int
    mean: float
    half: float
    seeds: int

    @property
    def above(self) -> bool:
        """Whether the whole interval is above zero. False without an interval."""
        return self.mean - self.half > 0

    @property
    def below(self) -> bool:
        """Whether the whole interval is below zero. False without an interval."""
        return self.mean + self.half < 0

    @property
    def clear(self) -> bool:
        """Whether the interval excludes zero."""
        return self.above or self.below

    def trains(self, chance: float) -> bool:
        """Whether, as an accuracy, it is above chance with its whole interval, no seed lost."""
        return not self.lost and self.mean - self.half > chance

    def within(self, margin: float) -> bool:
        """Whether the whole interval is nearer to zero than `margin`."""
        return abs(self.mean) + self.half < margin

    def words(self, unit: str = "points", form: str = "+.2f") -> str:
        """"+0.32 points [0.10, 0.54]"; says how many seeds have diverged, and what is missing."""
        if not self.seeds:
            return NOT_YET
        if not self.n:
            return f"no value, as {self.lost} of {self.seeds} seeds diverged"
        text = f"{_number(self.mean, form)}{_unit(unit)}"
        if math.isnan(self.half):
            text += " (one seed, no interval)"
        elif not self.half:
            text += " in every seed"
        else:
            plain = form.lstrip("+")
            low, high = (_number(self.mean + sign * self.half, plain) for sign in (-1, 1))
            text += f" [{low}, {high}]"
        return text + _diverged(self.lost, self.seeds)


def _number(value: float, form: str) -> str:
    """`value` by `form`; what rounds to zero has no sign."""
    text = format(value, form)
    return format(0.0, form.lstrip("+")) if float(text) == 0 else text


def _unit(unit: str) -> str:
    return f" {unit}" if unit not in ("", "°") else unit


def _diverged(lost: int, total: int) -> str:
    return f" ({lost} of {total} seeds diverged)" if lost else ""


def estimate(rows) -> Estimate:
    """Mean and interval of the values that are there: a list, or rows as of `Results.final`."""
    values, lost = values_and_lost(rows)
    kept = values.dropna()
    mean = float(kept.mean()) if len(kept) else math.nan
    return Estimate(len(kept), lost, mean, half_width(kept), len(values))


def paired(rows: pd.DataFrame, side: str, minuend, subtrahend) -> Estimate:
    """The difference of two sides of column `side`, seed by seed; of no seed if one is absent."""
    if not {minuend, subtrahend} <= set(rows[side]):
        return estimate([])
    found = differences(rows.assign(all=0), ["all"], side, minuend, subtrahend)
    return estimate(found)


def average(rows) -> str:
    """"93.9 ± 0.1 %": mean and standard deviation; says how many seeds have diverged."""
    values, lost = values_and_lost(rows)
    kept = values.dropna()
    if kept.empty:
        return f"no value, as {lost} of {len(values)} seeds diverged"
    return f"{spread(kept)} %{_diverged(lost, len(values))}"


def accuracies(final: pd.DataFrame) -> str:
    """"a 93.9 ± 0.1 %; b 92.0 ± 0.2 %" for every variant."""
    return "; ".join(f"{name} {average(rows)}"
                     for name, rows in final.groupby("variant", sort=False))


def mirrored(angles: pd.DataFrame) -> str:
    """"88° apart without mirroring and 42° with it": means of rows, by the names of MIRRORING."""
    return joined(f"{angles[angles.variant == name].value.mean():.0f}° {words}" for name, words
                  in (("no mirroring", "apart without mirroring"), ("WM", "with it"))
                  if name in set(angles.variant))


def layers(count: int) -> str:
    """"1 layer", "2 layers"."""
    return f"{count} layer" if count == 1 else f"{count} layers"


def joined(parts) -> str:
    """"a, b and c"."""
    parts = list(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def runs(results: Results) -> str:
    """In parentheses, what the answer is made from, and what the signs in it mean."""
    s, frame = results.settings, results.frame
    parts = [joined(dict.fromkeys(frame.dataset)) if "dataset" in frame else s["dataset"]]
    parts += [f"{s['kernels']} kernels"] if "kernels" in s else []
    parts += [f"{_network(s, frame)} of {s['width']} units"] if "width" in s else []
    parts += [f"{s['epochs']} epochs", results.seeds_in_words() if results.records else
              f"{s['seeds']} seeds" if s["seeds"] > 1 else "one seed"]
    return (f"({', '.join(parts)}; profile {s['profile']}. Brackets are 95 % intervals, ± is the "
            "standard deviation over seeds.)")


def _network(settings: dict, frame: pd.DataFrame) -> str:
    fixed = "depth" in settings and "depth" not in frame
    return layers(settings["depth"]) if fixed else "layers"
