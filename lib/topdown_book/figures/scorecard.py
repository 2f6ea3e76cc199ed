"""The scorecard: the paper's numbers and claims against ours, drawn and as a table."""

import textwrap

import numpy as np
import pandas as pd

from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._parameters import Parameter
from topdown_book.figures._study import Page
from topdown_book.figures._theme import PALETTE, grid, theme
from topdown_book.store.facts import paper

FIGURE = Page("Paper against reproduction", (
    Parameter("about", str, "which figure or table (all: every one)", choices=(
        "all", *dict.fromkeys(fact.figure for fact in paper().facts))),),
    {"about": "all"}, judges=True)

LOOKS = {
    "reproduced": dict(color=PALETTE["green"], marker="o"),
    "not reproduced": dict(color=PALETTE["orange"], marker="X"),
    "not comparable": dict(color=PALETTE["blue"], marker="s", mfc="white"),
}
_ROW = 0.37


def answer(settings: dict, claims) -> str:
    """The verdicts, counted."""
    about = settings["about"]
    return f"{claims.count_in_words(claims.score(figure=None if about == 'all' else about))}."


def draw(settings: dict, claims) -> dict[str, Drawing | Table]:
    """The table of `verdicts`, their `chart`, and how much of the paper's tables is `unknown`.

    claims: the package of verdicts, which lies above this one.
    """
    about = settings["about"]
    found = claims.score(figure=None if about == "all" else about)
    records = tuple(name for scored in found for name in scored.records)
    made = "compared with the records in results/", records
    rows, cells = claims.table(found), claims.unknown_cells()
    return {
        "verdicts": Table(_verdicts(rows, claims.VERDICTS), _TABLE_CAPTION, rows, "", *made),
        "chart": Drawing(chart(found), _alt(found, claims), _CAPTION, rows, "", *made),
        "unknown": Table(cells, "Cells of the paper's tables at the published sizes. An unknown "
                         "cell is compared with nothing.", cells,
                         source="counted from the tables' definitions")}


def chart(found: list):
    """Above: numbers of the paper and ours; below: claims, as differences that should be there."""
    groups = [[s for s in found if (s.fact.relation == "equals") == numbers]
              for numbers in (True, False)]
    drawn = [(group, draw_one) for group, draw_one in zip(groups, (_number, _claim)) if group]
    heights = [len(group) + 1 for group, _ in drawn]
    with theme():
        figure, axes = grid(len(drawn), 1, 0.7 + _ROW * sum(heights), height_ratios=heights)
        for axis, (group, draw_one) in zip(axes[:, 0], drawn):
            _panel(axis, group, draw_one)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=3)
    return figure


def _panel(axis, group, draw_one) -> None:
    for row, scored in enumerate(group):
        draw_one(axis, row, scored)
    names = [textwrap.fill(f"{s.fact.where}: {s.fact.what}", 62) for s in group]
    axis.set_yticks(range(len(group)), names, fontsize=7.5)
    axis.set_ylim(len(group) - 0.4, -0.6)
    if draw_one is _claim:
        axis.set_xscale("symlog", linthresh=1)
        axis.axvline(0, color=PALETTE["grey"], lw=0.8)
        axis.set(title="Claims", xlabel="difference, or distance from the bound (%, or degrees)")
    else:
        axis.set(title="Numbers", xlabel="test accuracy (%)", xlim=(-2, 102))


def _number(axis, row: int, scored) -> None:
    """The paper's value as a diamond; ours, where there is one on the same data."""
    axis.plot(scored.fact.bound, row, marker="D", mfc="none", mec="black", ms=7, ls="")
    for part in _drawn(scored):
        _interval(axis, row, part.ours, scored.verdict)


def _claim(axis, row: int, scored) -> None:
    """Where the difference should lie (grey), and where it does."""
    fact, far = scored.fact, 200
    low, high = {"within": (-(fact.margin or 0), fact.margin or 0), "above": (0, far),
                 "below": (-far, 0)}[fact.relation]
    axis.barh(row, high - low, left=low, height=0.8, color=PALETTE["grey"], alpha=0.18, lw=0)
    axis.set_xlim(-far, far)
    parts = _drawn(scored)
    for place, part in zip(np.linspace(-0.22, 0.22, len(parts)) if len(parts) > 1 else [0], parts):
        _interval(axis, row + place, part.difference, scored.verdict)


def _drawn(scored) -> list:
    return [] if scored.other_data else [c for c in scored.comparisons if c.ours.n]


def _interval(axis, height: float, estimate, verdict: str) -> None:
    low, high = estimate.interval(paper().level)
    axis.errorbar(estimate.mean, height, capsize=2, ms=5, ls="", **LOOKS[verdict],
                  xerr=[[estimate.mean - low], [high - estimate.mean]])


def _legend() -> list:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    ours = [Line2D([], [], ls="", label=f"ours: {verdict}", **look)
            for verdict, look in LOOKS.items()]
    return [Line2D([], [], ls="", marker="D", mfc="none", mec="black", label="the paper's number"),
            *ours, Patch(color=PALETTE["grey"], alpha=0.18, label="where the claim holds")]


def _verdicts(rows: pd.DataFrame, order) -> pd.DataFrame:
    """Every fact in words, sorted by verdict: the paper's side, ours, the difference, and why."""
    rows = rows.sort_values("verdict", key=lambda v: v.map(list(order).index), kind="stable")
    more = rows["to decide it"]
    return pd.DataFrame({
        "number or claim": rows["where"] + ": " + rows["what"], "verdict": rows["verdict"],
        "paper": rows["paper"], "ours": rows["ours"], "n": rows["n"],
        "difference": rows["difference"],
        "why": rows["why"] + more.where(more == "", "; " + more)})


def _alt(found: list, claims) -> str:
    words = "; ".join(claims.in_words(s) for s in found)
    return f"Numbers and claims of the paper against ours. {claims.count_in_words(found)}. {words}."


_CAPTION = (
    "What is known of the paper's results, and ours, with 95 % t intervals over seeds. "
    "Numbers: the paper's (diamond), our test accuracy. Claims: the difference claimed, or the "
    "distance from a bound, a mark for every part; it should lie in the grey region. Open squares "
    "decide nothing. No coloured mark: not yet run on that data."
)
_TABLE_CAPTION = (
    "Verdicts by the rules below. Δ: the difference that is claimed; under difference stands Δ, or "
    "the distance of ours from the paper's number or bound. Of a claim with several parts the "
    "weakest one is shown; n counts seeds."
)
