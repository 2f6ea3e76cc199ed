"""The scorecard: the paper's numbers and claims against ours, drawn and as a table."""

from __future__ import annotations

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from topdown_book import claims as paper
from topdown_book.figures._page import Drawing, Table
from topdown_book.figures._theme import PAGE, PALETTE, theme
from topdown_book.parameters import Parameter

PARAMETERS = (Parameter("about", str, "which figure or table (all: every one)", choices=(
    "all", *dict.fromkeys(fact.figure for fact in paper.paper().facts))),)
DEFAULTS = {"about": "all"}

LOOKS = {
    "reproduced": dict(color=PALETTE["green"], marker="o"),
    "not reproduced": dict(color=PALETTE["orange"], marker="X"),
    "not comparable": dict(color=PALETTE["blue"], marker="s", mfc="white"),
}
_ROW = 0.37


def scores(about: str = "all") -> list[paper.Score]:
    """The verdicts on every fact, or on those of one figure or table."""
    return paper.score(figure=None if about == "all" else about)


def scorecard(found: list[paper.Score]) -> Drawing:
    """Above: numbers of the paper and ours; below: claims, as differences that should be there."""
    groups = [[s for s in found if (s.fact.relation == "equals") == numbers]
              for numbers in (True, False)]
    panels = [(group, draw) for group, draw in zip(groups, (_number, _claim)) if group]
    heights = [len(group) + 1 for group, _ in panels]
    with theme():
        figure, axes = plt.subplots(len(panels), 1, squeeze=False, height_ratios=heights,
                                    figsize=(PAGE, 0.7 + _ROW * sum(heights)))
        for axis, (group, draw) in zip(axes[:, 0], panels):
            _panel(axis, group, draw)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=3)
    return Drawing(figure, _alt(found), _CAPTION, paper.table(found))


def _panel(axis, group, draw) -> None:
    for row, scored in enumerate(group):
        draw(axis, row, scored)
    names = [textwrap.fill(f"{s.fact.where}: {s.fact.what}", 62) for s in group]
    axis.set_yticks(range(len(group)), names, fontsize=7.5)
    axis.set_ylim(len(group) - 0.4, -0.6)
    if draw is _claim:
        axis.set_xscale("symlog", linthresh=1)
        axis.axvline(0, color=PALETTE["grey"], lw=0.8)
        axis.set(title="Claims", xlabel="difference, or distance from the bound (%, or degrees)")
    else:
        axis.set(title="Numbers", xlabel="test accuracy (%)", xlim=(-2, 102))


def _number(axis, row: int, scored: paper.Score) -> None:
    """The paper's value as a diamond; ours, where there is one on the same data."""
    axis.plot(scored.fact.bound, row, marker="D", mfc="none", mec="black", ms=7, ls="")
    for part in _drawn(scored):
        _interval(axis, row, part.ours, scored.verdict)


def _claim(axis, row: int, scored: paper.Score) -> None:
    """Where the difference should lie (grey), and where it does."""
    fact, far = scored.fact, 200
    low, high = {"within": (-(fact.margin or 0), fact.margin or 0), "above": (0, far),
                 "below": (-far, 0)}[fact.relation]
    axis.barh(row, high - low, left=low, height=0.8, color=PALETTE["grey"], alpha=0.18, lw=0)
    axis.set_xlim(-far, far)
    parts = _drawn(scored)
    for place, part in zip(np.linspace(-0.22, 0.22, len(parts)) if len(parts) > 1 else [0], parts):
        _interval(axis, row + place, part.difference, scored.verdict)


def _drawn(scored: paper.Score) -> list:
    return [] if scored.other_data else [c for c in scored.comparisons if c.ours.n]


def _interval(axis, height: float, estimate, verdict: str) -> None:
    low, high = estimate.interval(paper.paper().level)
    axis.errorbar(estimate.mean, height, capsize=2, ms=5, ls="", **LOOKS[verdict],
                  xerr=[[estimate.mean - low], [high - estimate.mean]])


def _legend() -> list:
    ours = [Line2D([], [], ls="", label=f"ours: {verdict}", **look)
            for verdict, look in LOOKS.items()]
    return [Line2D([], [], ls="", marker="D", mfc="none", mec="black", label="the paper's number"),
            *ours, Patch(color=PALETTE["grey"], alpha=0.18, label="where the claim holds")]


def verdict_table(found: list[paper.Score]) -> Table:
    """Every fact in words: the paper's side, ours with its interval, the verdict and why."""
    rows = paper.table(found)
    ours = rows["ours"].where(rows["n"] == 0, rows["ours"] + " n = " + rows["n"].astype(str))
    cells = pd.DataFrame({
        "number or claim": rows["where"] + ": " + rows["what"], "paper": rows["paper"],
        "ours": ours, "difference": rows["difference"],
        "verdict": rows["verdict"] + "; " + rows["why"]})
    return Table(cells, _TABLE_CAPTION, rows)


def unknown_table() -> Table:
    """How many cells of the paper's tables are known to us."""
    cells = paper.unknown_cells()
    return Table(cells, "Cells of the paper's tables at the published sizes. An unknown cell is "
                 "compared with nothing.", cells)


def _alt(found: list[paper.Score]) -> str:
    counts = ", ".join(f"{n} {verdict}" for verdict, n in paper.to_counts(found).items())
    words = "; ".join(paper.in_words(s) for s in found)
    return f"{len(found)} numbers and claims of the paper against ours: {counts}. {words}."


_CAPTION = (
    "What is known of the paper's results, and ours, with 95 % intervals over seeds (Student's t). "
    "Numbers: the paper's (diamond) and our test accuracy. Claims: the difference of which the "
    "claim speaks, or the distance from its bound, one mark for every part of the claim; the claim "
    "says that it lies in the grey region. Open squares decide nothing: smaller runs than "
    "published, or too few. A row without a coloured mark is not yet run on that data."
)
_TABLE_CAPTION = (
    "Verdicts. Reproduced: every part of the claim passes a one-sided t test at the 5 % level, for "
    "a number two such tests (TOST): equal up to the stated margin. Not reproduced: the opposite "
    "of some part passes its test. Not comparable: only smaller runs, or undecided. Δ: the "
    "difference that is claimed; under difference stands Δ, or the distance of ours from the "
    "paper's number or bound. Of a claim with several parts the weakest one is shown; n counts "
    "seeds."
)
