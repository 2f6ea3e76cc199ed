"""Figure S2: how much the modulation changes the squared activity of the first hidden layer."""

import numpy as np
import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import summary
from topdown_book.figures._parameters import COMMON, DEPTH
from topdown_book.figures._quantiles import PROBE, quantiles
from topdown_book.figures._recipes import NORMAL, VARIANTS, WEIGHT_DECAY, make, usual
from topdown_book.figures._theme import CYCLE, PALETTE, dashed, panels, theme, whole_numbers
from topdown_book.figures._words import paired, runs


def cases(settings: dict) -> list[Case]:
    """One recipe of Figure 3, two hidden layers with weight decay, probed after every epoch."""
    recipe = make(settings, settings["depth"], weight_decay=WEIGHT_DECAY, probe=PROBE,
                  **VARIANTS["normal"])
    return [Case(recipe, dict(variant=NORMAL))]


FIGURE = Experiment(
    title="Squared activity in the clean and in the modulated pass",
    parameters=(*COMMON, DEPTH),
    profiles=usual("cifar10", "cifar10", depth=2),
    cases=cases,
    metrics=("test_accuracy", f"{PROBE}_sd"),
)


def answer(results: Results) -> str:
    """The spread of the difference shrinks if the end minus the beginning is clearly below zero."""
    spread = results.curves(f"{PROBE}_sd")
    ends = spread[spread.epoch.isin([0, spread.epoch.max()])]
    change = paired(ends, "epoch", spread.epoch.max(), 0)
    start = spread[spread.epoch == 0].value.mean()
    lead = ("The two passes come together" if change.below else
            "The two passes grow apart" if change.above else
            "These runs do not show whether the two passes come together")
    return (f"{lead}: the standard deviation of their difference is {start:.3g} before training "
            f"and changes by {change.words('', '+.3g')}. {runs(results)}")


def draw(results: Results) -> Drawing:
    """Distribution of the difference before, in the middle and at the end; its spread over time."""
    shares, spread = quantiles(results), results.curves(f"{PROBE}_sd")
    times = _times(results.settings["epochs"])
    with theme():
        figure, axes = panels(4, height=2.5)
        for axis, (name, epoch), letter in zip(axes, times.items(), "abc"):
            _distribution(axis, shares[shares.epoch == epoch])
            axis.set(title=f"{letter}  {name}", xlabel=r"$|h_1|^2 - |h'_1|^2$")
        _same_scale(axes[:3])
        axes[0].set_ylabel("density")
        _over_time(axes[3], spread)
    return Drawing(figure, _alt(spread, shares, times), _CAPTION, summary(spread, ["epoch"]))


def _times(epochs: int) -> dict[str, int]:
    """Before training, at the middle, at the end: the epochs of the three panels."""
    middle = round(epochs / 2)
    return {"before training": 0, f"after epoch {middle}": middle, f"after epoch {epochs}": epochs}


def _distribution(axis, rows: pd.DataFrame) -> None:
    """Steps whose areas are the recorded shares between neighbouring quantiles, one line a seed."""
    for k, (seed, one) in enumerate(rows.groupby("seed")):
        one = one.sort_values("percent")
        edges = one.value.to_numpy()
        density = np.diff(one.percent) / 100 / np.maximum(np.diff(edges), 1e-12)
        axis.stairs(density, edges, color=CYCLE[k % 8], lw=1, label=f"seed {seed}",
                    ls=dashed(k))
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
    whole_numbers(axis)


def _alt(spread, shares, times) -> str:
    parts = []
    for name, epoch in times.items():
        sd = spread[spread.epoch == epoch].value
        middle = shares[(shares.epoch == epoch) & (shares.percent == 50)].value
        parts.append(f"{name} median {middle.mean():.3g}, standard deviation {sd.mean():.3g}")
    return ("Three distributions of the difference of squared activity between clean and modulated "
            f"pass, and their spread against epochs. {'; '.join(parts)} (means over seeds).")


_CAPTION = (
    "Difference of the squared norm of the first hidden layer's activity between the clean and the "
    "modulated pass, over the test set: (a) before training, (b) half way, (c) at the end; a line "
    "a seed, steps between recorded quantiles. (d) Standard deviation over samples after every "
    "epoch, mean ± standard deviation over seeds."
)
