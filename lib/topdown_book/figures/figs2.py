"""Drawing of Figure S2."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topdown.training.probes import PERCENTS
from topdown_book.experiments import Results
from topdown_book.experiments.figs2 import PROBE
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import CYCLE, DASHES, PALETTE, panels, theme
from topdown_book.figures._training import summary


def figs2(results: Results) -> Drawing:
    """Distribution of the difference before, in the middle and at the end; its spread over time."""
    quantiles, spread = _quantiles(results), results.curves(f"{PROBE}_sd")
    times = _times(results.settings["epochs"])
    with theme():
        figure, axes = panels(4, height=2.5)
        for axis, (name, epoch), letter in zip(axes, times.items(), "abc"):
            _distribution(axis, quantiles[quantiles.epoch == epoch])
            axis.set(title=f"{letter}  {name}", xlabel=r"$|h_1|^2 - |h'_1|^2$")
        _same_scale(axes[:3])
        axes[0].set_ylabel("density")
        _over_time(axes[3], spread)
    return Drawing(figure, _alt(spread, quantiles, times), _caption(times),
                   summary(spread, ["epoch"]))


def _times(epochs: int) -> dict[str, int]:
    """Before training, at the middle, at the end: the epochs of the three panels."""
    middle = round(epochs / 2)
    return {"before training": 0, f"after epoch {middle}": middle, f"after epoch {epochs}": epochs}


def _quantiles(results: Results) -> pd.DataFrame:
    """Columns seed, epoch, percent, value: what the probe recorded."""
    frames = [results.curves(f"{PROBE}_q{p:02d}").assign(percent=p) for p in PERCENTS]
    return pd.concat(frames, ignore_index=True)


def _distribution(axis, rows: pd.DataFrame) -> None:
    """Steps whose areas are the recorded shares between neighbouring quantiles, one line a seed."""
    for k, (seed, one) in enumerate(rows.groupby("seed")):
        edges = one.sort_values("percent").value.to_numpy()
        density = np.diff(PERCENTS) / 100 / np.maximum(np.diff(edges), 1e-12)
        axis.stairs(density, edges, color=CYCLE[k % 8], lw=1, label=f"seed {seed}",
                    ls=(0, DASHES[k % 8]) if DASHES[k % 8] else "-")
    axis.axvline(0, color=PALETTE["grey"], lw=0.8, ls=":")


def _same_scale(axes) -> None:
    """Widths of the distributions can only be compared on one axis."""
    left, right = zip(*(axis.get_xlim() for axis in axes))
    for axis in axes:
        axis.set_xlim(min(left), max(right))


def _over_time(axis, spread: pd.DataFrame) -> None:
    means = summary(spread, ["epoch"])
    axis.errorbar(means.epoch, means["mean"], yerr=means.sd, fmt="o-", ms=3, capsize=2)
    axis.set(title="d  spread", xlabel="epoch", ylabel="standard deviation")
    axis.set_ylim(bottom=0)
    axis.xaxis.get_major_locator().set_params(integer=True)


def _alt(spread, quantiles, times) -> str:
    parts = []
    for name, epoch in times.items():
        sd = spread[spread.epoch == epoch].value
        middle = quantiles[(quantiles.epoch == epoch) & (quantiles.percent == 50)].value
        parts.append(f"{name} median {middle.mean():.3g}, standard deviation {sd.mean():.3g}")
    return ("Three distributions of the difference of squared activity between clean and modulated "
            f"pass, and their spread against epochs. {'; '.join(parts)} (means over seeds).")


def _caption(times) -> str:
    middle = list(times)[1]
    return (
        "Difference of the squared norm of the first hidden layer's activity between the clean and "
        "the modulated pass, over the samples of the test set: (a) before training, (b) "
        f"{middle}, (c) {list(times)[2]}. Each line is a seed; steps between recorded quantiles "
        f"({PERCENTS[0]} to {PERCENTS[-1]} %), so the outermost samples are not drawn. (d) "
        "Standard deviation over samples after every epoch, mean and standard deviation over "
        "seeds. PEPITA normal with weight decay, without dropout when measured.")
