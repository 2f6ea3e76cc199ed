"""Drawing of the difference between the two passes, Forward-Forward beside PEPITA."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.experiments.ff_goodness import PROBE
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, legend_below, panels, theme

_BANDS = ((1, 99, 0.15), (5, 95, 0.25), (25, 75, 0.45))


def ff_goodness(results: Results) -> Drawing:
    """One panel a rule: bands of quantiles over the test set against epochs."""
    quantiles = _quantiles(results)
    names = list(dict.fromkeys(quantiles.variant))
    with theme():
        figure, axes = panels(len(names), height=3.0)
        for axis, name, letter in zip(axes, names, "abcdef"):
            _fan(axis, quantiles[quantiles.variant == name])
            axis.set(title=f"{letter}  {name}", xlabel="epoch")
        axes[0].set_ylabel("$|h_1|^2$, first minus second pass")
        legend_below(figure, axes[0], columns=4)
    return Drawing(figure, _alt(quantiles, names), _caption(results),
                   quantiles.rename(columns={"value": "mean over seeds"}))


def _quantiles(results: Results) -> pd.DataFrame:
    """variant, epoch, percent, value: quantiles of the test set, averaged over seeds."""
    rows = results.frame[results.frame.metric.str.fullmatch(rf"{PROBE}_q\d+")]
    rows = rows.assign(percent=rows.metric.str[-2:].astype(int))
    return rows.groupby(["variant", "epoch", "percent"], sort=False).value.mean().reset_index()


def _fan(axis, rows: pd.DataFrame) -> None:
    table = rows.pivot(index="epoch", columns="percent", values="value")
    for low, high, opacity in _BANDS:
        axis.fill_between(table.index, table[low], table[high], color=PALETTE["blue"],
                          alpha=opacity, lw=0, label=f"{high - low} % of samples")
    axis.plot(table.index, table[50], color=PALETTE["black"], label="median")
    axis.axhline(0, color=PALETTE["grey"], lw=0.8, ls=":")
    axis.xaxis.get_major_locator().set_params(integer=True)


def _alt(quantiles: pd.DataFrame, names: list[str]) -> str:
    parts = []
    for name in names:
        table = quantiles[quantiles.variant == name].pivot(index="epoch", columns="percent",
                                                           values="value")
        first, middle, last = (table.iloc[k] for k in (0, len(table) // 2, -1))
        parts.append(f"{name}: {_in_words(first)} before training, {_in_words(middle)} half way, "
                     f"{_in_words(last)} at the end")
    return ("Bands of quantiles of the difference in squared activity of the first hidden layer "
            f"against epochs; median and the middle 90 % of samples. {'; '.join(parts)}.")


def _in_words(row) -> str:
    return f"{row[50]:.3g} ({row[5]:.3g} to {row[95]:.3g})"


def _caption(results: Results) -> str:
    recipe = results.records[0].recipe
    return (
        f"Difference in the squared length of the first hidden layer's activity between the first "
        f"and the second pass, for every sample of the test set ({recipe.dataset}): positive minus "
        "negative sample for Forward-Forward (one wrong label a sample, always the same), clean "
        "minus modulated sample for PEPITA. Bands hold the stated share of samples, quantiles "
        "averaged over seeds; epoch 0 is before training. The vertical scales differ.")
