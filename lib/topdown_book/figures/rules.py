"""Every rule's learning curve by the recipes of Table 1, one panel a rule, the others in grey."""

from __future__ import annotations

from dataclasses import replace

from topdown_book.figures import tab1
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Experiment, Results
from topdown_book.figures._panels import in_words, no_data, summary
from topdown_book.figures._theme import PAGE, PALETTE, percent_axis, theme
from topdown_book.figures._words import paired, runs

FIGURE: Experiment = replace(tab1.FIGURE, title="Nine rules learn")


def answer(results: Results) -> str:
    """The rules that end highest and lowest, and PEPITA's distance from backpropagation."""
    final = results.final()
    ends = final.groupby("variant").value.mean()
    gap = paired(final, "variant", "PEPITA", "BP")
    return (f"By the recipes of Table 1 {ends.idxmax()} ends highest and {ends.idxmin()} lowest; "
            f"PEPITA minus backpropagation is {gap.words()}. {runs(results)}")


def draw(results: Results) -> Drawing:
    """A panel a rule: mean test accuracy against epochs, the seeds' range as a band."""
    import matplotlib.pyplot as plt

    curves = results.curves("test_accuracy")
    names = [case.labels["variant"] for case in tab1.cases(results.settings)]
    means = summary(curves, ["variant", "epoch"])
    with theme():
        figure, axes = plt.subplots(3, 3, figsize=(PAGE, 6.0), sharex=True, sharey=True)
        for axis, name, letter in zip(axes.flat, names, "abcdefghi"):
            for other, rows in means.groupby("variant"):
                if other != name:
                    axis.plot(rows.epoch, rows["mean"], color=PALETTE["grey"], lw=0.7, alpha=0.5)
            rows = means[means.variant == name]
            if rows.empty:
                no_data(axis)
            axis.plot(rows.epoch, rows["mean"], color=PALETTE["blue"], lw=2)
            axis.fill_between(rows.epoch, rows["mean"] - rows.sd, rows["mean"] + rows.sd,
                              color=PALETTE["blue"], alpha=0.2, lw=0)
            axis.set_title(f"{letter}  {name}")
        for axis in axes.flat:  # each panel stands alone on its rule's page
            axis.set_xlabel("epoch")
            axis.tick_params(labelbottom=True, labelleft=True)
            percent_axis(axis, "accuracy (%)")
    return Drawing(figure, _alt(curves), _caption(results), means)


def _alt(curves) -> str:
    last = curves[curves.epoch == curves.groupby("variant").epoch.transform("max")]
    return ("Nine panels, one a rule, each with its curve of test accuracy in front of the others. "
            f"At the end, in percent: {in_words(last, 'variant')}.")


def _caption(results: Results) -> str:
    settings = results.settings
    return (f"Test accuracy on {settings['dataset']} during training: each rule (blue, band: "
            "standard deviation over seeds) before the others (grey). The recipes are those of "
            "Table 1: the same for all, but for Forward-Forward and the time-local form (TL), "
            "which have their own. WM: weight mirroring.")
