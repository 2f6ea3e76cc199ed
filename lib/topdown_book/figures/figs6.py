"""Drawing of Figure S6."""

from __future__ import annotations

from matplotlib import pyplot as plt

from topdown_book.experiments import Results
from topdown_book.experiments.fig3 import MIRRORING
from topdown_book.figures._page import Drawing
from topdown_book.figures._tables import NO_DATA
from topdown_book.figures._theme import PAGE, PALETTE, theme
from topdown_book.figures._training import in_words, over_epochs, summary

ANGLES = {
    "angle_total": "$F$ and $(W_2 W_1)^T$",
    "angle_adaptive": "$W_1 F$ and $W_2^T$",
    "angle_layer_1": "$B_1$ and $W_1^T$",
    "angle_layer_2": "$B_2$ and $W_2^T$",
}
_WORDS = {"angle_total": "F and the product of the weights", "angle_adaptive": "W1 F and W2",
          "angle_layer_1": "B1 and W1", "angle_layer_2": "B2 and W2"}


def figs6(results: Results) -> Drawing:
    """A row per data set, a column per angle, a curve per kind of mirroring."""
    rows = results.frame[results.frame.metric.isin(ANGLES)]
    datasets = results.settings["datasets"]
    with theme():
        figure, axes = plt.subplots(len(datasets), len(ANGLES), sharex=True, sharey=True,
                                    figsize=(PAGE, 0.9 + 1.7 * len(datasets)), squeeze=False)
        for line, dataset in zip(axes, datasets):
            for axis, metric in zip(line, ANGLES):
                _panel(axis, rows[(rows.dataset == dataset) & (rows.metric == metric)])
            line[0].set_ylabel(f"{dataset}\nangle (°)")
        for axis, title in zip(axes[0], ANGLES.values()):
            axis.set_title(title)
        for axis in axes[-1]:
            axis.set_xlabel("epoch")
        _legend(figure, axes)
    data = summary(rows, ["dataset", "metric", "variant", "epoch"])
    return Drawing(figure, _alt(rows, datasets), _CAPTION, data)


def _panel(axis, rows) -> None:
    if rows.empty:
        axis.text(0.5, 0.5, NO_DATA, ha="center", transform=axis.transAxes)
        return
    over_epochs(axis, rows, "variant", MIRRORING)
    axis.axhline(90, color=PALETTE["grey"], lw=0.8, ls=":")
    axis.set(xlabel="", ylabel="")
    axis.xaxis.get_major_locator().set_params(integer=True)


def _legend(figure, axes) -> None:
    """One legend for all panels, below them."""
    drawn = [axis for axis in axes.flat if axis.get_legend()]
    if drawn:
        figure.legend(*drawn[0].get_legend_handles_labels(), ncols=4, loc="outside lower center")
    for axis in drawn:
        axis.get_legend().remove()


def _alt(rows, datasets) -> str:
    last = rows[rows.epoch == rows.groupby("key").epoch.transform("max")]
    parts = [f"{dataset}, {_WORDS[metric]}: {in_words(group, 'variant')}"
             for (dataset, metric), group in last.groupby(["dataset", "metric"], sort=False)]
    absent = [d for d in datasets if d not in set(rows.dataset)]
    text = f"Alignment angles in degrees against epochs. At the end, {'; '.join(parts)}."
    return text + (f" No data here: {', '.join(absent)}." if absent else "")


_CAPTION = (
    "Alignment during training, PEPITA normal with one hidden layer, without mirroring, with "
    "weight mirroring at every batch (WM), with one epoch of pre-mirroring (PreM), with both. "
    "Columns: F with the product of the forward weights; the effective feedback W_1 F of the "
    "hidden layer with the output weights; each factor of F = B_1 B_2 with its own layer. Epoch 0 "
    "is before training, after pre-mirroring. 90° (dotted) is no alignment. Mean and standard "
    "deviation over seeds."
)
