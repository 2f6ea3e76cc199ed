"""Answers about trends: other data, width, pre-mirroring, and the properties of the rules."""

from __future__ import annotations

import pandas as pd

from topdown_book.answers._words import Estimate, estimate, joined, paired, runs
from topdown_book.experiments import Results
from topdown_book.experiments.fig3 import NAMES
from topdown_book.experiments.tabs1 import DEPTHS

PLAIN, DECAY = "none", "weight decay"
NORMAL, HEBBIAN = NAMES["normal"], NAMES["hebbian"]
_RIGHT_ANGLE = 90


def other_data(results: Results) -> str:
    """A trend is alike if the sign of its paired difference is, or nowhere can be told from zero.

    The trends of Figure 3: what depth costs PEPITA, what weight decay and the Hebbian form give.
    """
    final = results.final()
    datasets = list(dict.fromkeys(final.dataset))
    each = {name: {d: trend(final[final.dataset == d]) for d in datasets}
            for name, trend in _TRENDS.items() if all(v in set(final.variant) for v in _of(name))}
    if not each:
        return f"Not asked here: {NORMAL} is not among the rules. {runs(results)}"
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


def width(results: Results) -> str:
    """PEPITA comes closer to BP if BP minus PEPITA clearly falls from the least width to the most.

    By the intervals of differences paired by seed.
    """
    final = results.final()
    narrow, wide = final.width.min(), final.width.max()
    gains = {name: paired(rows, "width", wide, narrow)
             for name, rows in final.groupby("variant", sort=False)}
    gaps = {w: paired(final[final.width == w], "variant", "BP", "PEPITA") for w in (narrow, wide)}
    wider = final.set_index(["variant", "seed", "width"]).value.unstack("width")
    gain = (wider[wide] - wider[narrow]).unstack("variant")
    closing = estimate(gain["PEPITA"] - gain["BP"])
    lead = ("PEPITA needs width more than backpropagation does" if closing.above else
            "Width helps PEPITA less than backpropagation" if closing.below else
            "Width does as much for PEPITA as for backpropagation, as far as these runs can tell")
    listed = joined(f"{name} {own.words()}" for name, own in gains.items())
    return (f"{lead}: from {narrow} to {wide} units the gains are {listed}. BP minus PEPITA is "
            f"{gaps[narrow].words()} at {narrow} units and {gaps[wide].words()} at {wide}. "
            f"{_runs_of_widths(results)}")


def _runs_of_widths(results: Results) -> str:
    """The widths differ, so no single one is said."""
    settings = {k: v for k, v in results.settings.items() if k != "width"}
    return runs(Results(settings, results.frame, results.records))


def premirroring(results: Results) -> str:
    """It does if, at epoch 0, the angle with one epoch of it is clearly below that without."""
    rows = results.frame[results.frame.metric == "angle_total"]
    start = rows[rows.epoch == 0]
    drop = paired(start, "premirrored", 1, 0)
    lead = ("Yes, before the first training step already" if drop.below else
            "No" if drop.above else "Nothing that these runs can tell from zero")
    angles = joined(f"{_angle(start, count)} after {count}" for count in
                    sorted(set(start.premirrored)) if count)
    end = rows[rows.epoch == rows.epoch.max()]
    gain = paired(results.final(), "premirrored", 1, 0)
    return (f"{lead}: the angle of F at epoch 0 is {_angle(start, 0)} without pre-mirroring, and "
            f"with it, counted in epochs, {angles}. At the end of training it is {_angle(end, 0)} "
            f"without and {_angle(end, 1)} after one. In test accuracy one epoch of it changes "
            f"{gain.words()} at the end. {runs(results)}")


def _angle(rows: pd.DataFrame, count: int) -> str:
    return estimate(rows[rows.premirrored == count].value).words("°", ".1f")


def properties(measured: pd.DataFrame) -> str:
    """Which rules have which property, by the measurements of Table 1 (a row a rule)."""
    local, forgets = measured.foreign_part < 1e-9, measured.kept_for_products == 0
    transported = measured.transported_weights > 0
    return ("Measured on the code of each rule. Weights are transported by "
            f"{_who(transported, measured)}. Local in space, so that a layer's update is made of "
            f"its own activities: {_who(local, measured)}. Local in time, so that nothing waits "
            f"for a later pass: {_who(forgets, measured)}. Activity is frozen in "
            f"{_who(measured.frozen, measured)}, and kept but not frozen in "
            f"{_who(~measured.frozen & ~forgets, measured)}.")


def _who(mask: pd.Series, measured: pd.DataFrame) -> str:
    names = list(measured.variant[mask.astype(bool)])
    return joined(names) if names else "no rule"
