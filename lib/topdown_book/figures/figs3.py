"""Drawing of Figure S3."""

from __future__ import annotations

from itertools import product

from matplotlib import pyplot as plt

from topdown_book.experiments import Results
from topdown_book.experiments.figs3 import RATES, SCALES
from topdown_book.figures._page import Drawing
from topdown_book.figures._tables import NO_DATA
from topdown_book.figures._theme import PAGE, percent_axis, theme
from topdown_book.figures._training import summary
from topdown_book.figures.fig2a import curves, gap, gap_in_words

_BY = ["dataset", "lr", "scale"]
_TITLE = dict(fontsize=8.5, fontweight="normal")


def figs3(results: Results) -> Drawing:
    """A row per data set, a column per learning rate and strength of F."""
    rows = results.curves("test_accuracy").query("epoch > 0")
    datasets, columns = results.settings["datasets"], list(product(RATES, SCALES))
    with theme():
        figure, axes = plt.subplots(len(datasets), len(columns), sharex=True, sharey="row",
                                    figsize=(PAGE, 0.5 + 1.75 * len(datasets)), squeeze=False)
        for line, dataset in zip(axes, datasets):
            for axis, (lr, scale) in zip(line, columns):
                here = (rows.dataset == dataset) & (rows.lr == lr) & (rows.scale == scale)
                _panel(axis, rows[here])
                if axis in axes[0]:
                    found = axis.get_title(loc="left")
                    axis.set_title(f"rate {lr:g}, s = {scale:g}\n{found}", **_TITLE)
            percent_axis(line[0], f"{dataset}\ntest accuracy (%)")
        for axis in axes[-1]:
            axis.set_xlabel("epoch")
        _legend(axes)
    return Drawing(figure, _alt(rows, datasets), _CAPTION, _gaps(rows))


def _panel(axis, rows) -> None:
    if rows.empty:
        axis.text(0.5, 0.5, NO_DATA, ha="center", transform=axis.transAxes)
        return
    curves(axis, rows)
    axis.set_title(f"gap {gap_in_words(rows)}", **_TITLE)


def _legend(axes) -> None:
    """One legend, above the first panel that has curves."""
    drawn = [axis for axis in axes.flat if axis.get_legend_handles_labels()[0]]
    if drawn:
        axes[0][0].figure.legend(*drawn[0].get_legend_handles_labels(), ncols=2,
                                 loc="outside upper right")


def _gaps(rows):
    """Per panel the mean curve's last values are in `mean`, `sd`; `gap` is paired by seed."""
    last = rows[rows.epoch == rows.groupby("key").epoch.transform("max")]
    table = summary(last, [*_BY, "variant"])
    found = {names: gap(group) for names, group in last.groupby(_BY)}
    pairs = [found[names] for names in table[_BY].itertuples(index=False, name=None)]
    return table.assign(gap=[p.mean() for p in pairs], sd_gap=[p.std() for p in pairs])


def _alt(rows, datasets) -> str:
    parts = [f"{d}, rate {lr:g}, s = {s:g}: {gap_in_words(group)}"
             for (d, lr, s), group in rows.groupby(_BY)]
    absent = [d for d in datasets if d not in set(rows.dataset)]
    text = ("Small panels of test accuracy against epochs for PEPITA and AFA. PEPITA minus AFA at "
            f"the end, in percentage points: {'; '.join(parts)}.")
    return text + (f" No data here: {', '.join(absent)}." if absent else "")


_CAPTION = (
    "PEPITA (dots) and AFA (crosses) from identical weights, F and order of samples; one hidden "
    "layer, no momentum. Columns: learning rate and scale s of F, whose standard deviation is "
    "s√(2/D); 0.05 is the default, 0.5 is far from the limit of weak feedback in which both rules "
    "are the same. Mean and standard deviation over seeds; the gap is PEPITA minus AFA at the end, "
    "seed by seed, of the seeds whose runs both ended well. Rates and strengths are our choice: "
    "the paper's are unknown to us."
)
