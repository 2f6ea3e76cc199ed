"""Drawing of the order of the rules: a panel per data set, the best rule on top."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.figures._page import Drawing
from topdown_book.figures._paired import half_width
from topdown_book.figures._tables import NO_DATA
from topdown_book.figures._theme import PALETTE, panels, theme
from topdown_book.figures._training import in_words


def order(results: Results) -> Drawing:
    """Per data set a row per rule, by mean: the seeds, their mean and its 95 % interval."""
    final, datasets = results.final(), results.settings["datasets"]
    ranks = {name: ranked(final[final.dataset == name]) for name in datasets}
    with theme():
        figure, axes = panels(len(datasets), height=3.0)
        for axis, letter, name in zip(axes, "abcde", datasets):
            _panel(axis, ranks[name], final[final.dataset == name])
            axis.set(title=f"{letter}  {name}", xlabel="test accuracy (%)")
    data = pd.concat([rows.assign(dataset=name) for name, rows in ranks.items()],
                     ignore_index=True)
    return Drawing(figure, _alt(final, ranks), _CAPTION, data, _MISSING)


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """variant, n, lost, mean, half_width of the 95 % interval; the largest mean first."""
    groups = rows.groupby("variant", sort=False).value
    table = groups.agg(n="count", lost=lambda v: int(v.isna().sum()), mean="mean",
                       half_width=lambda v: half_width(v.dropna())).reset_index()
    return table.sort_values("mean", ascending=False, ignore_index=True)


def _panel(axis, rank: pd.DataFrame, rows: pd.DataFrame) -> None:
    if rank.empty:
        axis.text(0.5, 0.5, NO_DATA, ha="center", transform=axis.transAxes)
        return
    for place, row in rank.iterrows():
        seeds = rows[rows.variant == row.variant].value
        axis.plot(seeds, [place] * len(seeds), ls="", marker="o", ms=3, color=PALETTE["grey"])
        axis.errorbar(row["mean"], place, xerr=row.half_width, marker="s", ms=4, capsize=3,
                      color=PALETTE["blue"])
    axis.set(yticks=range(len(rank)), yticklabels=rank.variant, ylim=(len(rank) - 0.5, -0.5))
    axis.grid(axis="y", visible=False)


def _alt(final: pd.DataFrame, ranks: dict[str, pd.DataFrame]) -> str:
    parts = []
    for name, rank in ranks.items():
        rows = final[final.dataset == name].set_index("variant").loc[list(rank.variant)]
        words = in_words(rows.reset_index(), "variant") if len(rank) else NO_DATA
        parts.append(f"{name}: {words}")
    return f"Test accuracy in percent, best rule first. {'; '.join(parts)}."


_MISSING = "a run that diverged has no accuracy; one seed has no interval"
_CAPTION = (
    "Test accuracy at the end of training, the rule with the largest mean on top: single seeds "
    "(dots), their mean and its 95 % t interval (squares). One hidden layer; learning rate 0.01 "
    "and He-normal weights for all but PEPITA uniform, whose weights and F are uniform, and "
    "PEPITA-TL, which has the recipe of Figure S1. Nothing is tuned. With one hidden layer FA and "
    "DFA are the same rule, and a seed draws the same feedback."
)
