"""Figure S2 with Forward-Forward beside PEPITA: how far the two passes are apart, per sample."""

import numpy as np
import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._quantiles import PROBE, quantiles
from topdown_book.figures._recipes import (
    FF_PARAMETERS,
    FF_PROFILES,
    HEBBIAN,
    NORMAL,
    VARIANTS,
    each,
    forward_forward,
)
from topdown_book.figures._theme import PALETTE, legend_below, panels, theme, whole_numbers
from topdown_book.figures._words import Estimate, estimate, runs

FF = "FF"
BANDS = ((1, 99, 0.15), (5, 95, 0.25), (25, 75, 0.45))


def cases(settings: dict) -> list[Case]:
    """Forward-Forward, the very run of the comparison of accuracies; PEPITA and PEPITA-Hebbian."""
    options = {FF: forward_forward(settings["epochs"]), NORMAL: VARIANTS["normal"],
               HEBBIAN: VARIANTS["hebbian"]}
    return each(settings, options, settings["depth"], probe=PROBE)


FIGURE = Experiment(
    title="The difference between the two passes, Forward-Forward beside PEPITA",
    parameters=FF_PARAMETERS, profiles=FF_PROFILES, cases=cases, metrics=(PROBE,))


def draw(results: Results) -> Drawing:
    """One panel a rule: bands of quantiles over the test set against epochs."""
    rows = quantiles(results).groupby(["variant", "epoch", "percent"], sort=False).value.mean()
    rows = rows.reset_index()
    tables = {name: one.pivot(index="epoch", columns="percent", values="value")
              for name, one in rows.groupby("variant", sort=False)}
    with theme():
        figure, axes = panels(len(tables), height=3.0)
        for axis, (name, table), letter in zip(axes, tables.items(), "abcdef"):
            _fan(axis, table)
            axis.set(title=f"{letter}  {name}", xlabel="epoch")
        axes[0].set_ylabel("$|h_1|^2$, first minus second pass")
        legend_below(figure, axes, columns=4)
    return Drawing(figure, _alt(tables), _CAPTION,
                   rows.rename(columns={"value": "mean over seeds"}))


def _fan(axis, table: pd.DataFrame) -> None:
    for low, high, opacity in BANDS:
        axis.fill_between(table.index, table[low], table[high], color=PALETTE["blue"],
                          alpha=opacity, lw=0, label=f"{high - low} % of samples")
    axis.plot(table.index, table[50], color=PALETTE["black"], label="median")
    axis.axhline(0, color=PALETTE["grey"], lw=0.8, ls=":")
    whole_numbers(axis)


def _alt(tables: dict[str, pd.DataFrame]) -> str:
    def words(row) -> str:
        return f"{row[50]:.3g} ({row[5]:.3g} to {row[95]:.3g})"

    parts = []
    for name, table in tables.items():
        first, middle, end = (table.iloc[k] for k in (0, len(table) // 2, -1))
        parts.append(f"{name}: {words(first)} before training, {words(middle)} half way, "
                     f"{words(end)} at the end")
    return ("Bands of quantiles of the difference in squared activity of the first hidden layer "
            f"against epochs; median and the middle 90 % of samples. {'; '.join(parts)}.")


_CAPTION = (
    "Squared length of the first hidden layer's activity, first minus second pass, over the test "
    "set: positive minus negative sample for Forward-Forward (one wrong label a sample), clean "
    "minus modulated for PEPITA. Bands hold the stated share of samples, quantiles averaged over "
    "seeds; epoch 0 is before training. The vertical scales differ."
)


def answer(results: Results) -> str:
    """A rule drives its passes apart (together) if the width of the middle 90 % grows (shrinks).

    That is, if the interval over seeds of the logarithm of end / start excludes zero. Yes: the
    rules move in opposite directions; no: in the same; else the runs do not decide.
    """
    grown = {"Forward-Forward": _growth(results, FF), "PEPITA": _growth(results, NORMAL)}
    one, other = grown.values()
    lead = ("The runs do not decide whether both do" if not (one.clear and other.clear) else
            "No, the same" if one.above == other.above else "Yes")
    table = _ends(results, FF, 50)
    median = estimate(table.iloc[:, 1] - table.iloc[:, 0])
    return (f"{lead}. {'; '.join(_change(name, own) for name, own in grown.items())}. "
            "That is the width of the middle 90 % of the samples, from before training to its end. "
            "The median of Forward-Forward's difference changes by "
            f"{median.words('', '+.3g')}. {runs(results)}")


def _change(name: str, ratio: Estimate) -> str:
    verb = ("drives its passes apart" if ratio.above else "brings its passes together"
            if ratio.below else "neither clearly widens nor clearly narrows")
    if ratio.n < 2:
        return f"{name} {verb}: {ratio.words('in logarithm')}"
    low, high = np.exp([ratio.mean - ratio.half, ratio.mean + ratio.half])
    return f"{name} {verb}: times {np.exp(ratio.mean):.3g} [{low:.3g}, {high:.3g}]"


def _ends(results: Results, variant: str, percent: int) -> pd.DataFrame:
    """A quantile, seed by epoch (first, last)."""
    rows = quantiles(results)
    rows = rows[(rows.variant == variant) & (rows.percent == percent)]
    table = rows.pivot(index="seed", columns="epoch", values="value")
    return table[[table.columns.min(), table.columns.max()]]


def _growth(results: Results, variant: str) -> Estimate:
    width = _ends(results, variant, 95) - _ends(results, variant, 5)
    return estimate(np.log(width.iloc[:, 1] / width.iloc[:, 0]))
