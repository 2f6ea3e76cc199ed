"""Drawings of the questions that the paper leaves open."""

from __future__ import annotations

import pandas as pd

from topdown_book.experiments import Results
from topdown_book.experiments.convolution import RULES
from topdown_book.experiments.questions import FEEDBACKS, HEBBIAN, TIME_LOCAL
from topdown_book.figures._page import Drawing
from topdown_book.figures._paired import clear, differences, forest, in_words, intervals
from topdown_book.figures._theme import (
    PALETTE,
    legend_below,
    panels,
    percent_axis,
    spread,
    styles,
    theme,
)
from topdown_book.figures._training import against, over_epochs, summary

FAILED = "a run that diverged has no accuracy"


def _in_words(rows: pd.DataFrame, by: str = "variant") -> str:
    """"a 47.1 ± 0.3, b diverged in 2 of 3 seeds" for the groups of one column."""
    parts = []
    for name, group in rows.groupby(by, sort=False):
        lost, total = int(group.value.isna().sum()), len(group)
        kept = [spread(group.value.dropna())] if lost < total else []
        failed = [f"diverged in {lost} of {total} seeds"] if lost else []
        parts.append(f"{name} {', '.join(kept + failed)}")
    return ", ".join(parts)


def time_local_rate(results: Results) -> Drawing:
    """Panel a: accuracies against the rate; panel b: their differences, paired by seed."""
    final = results.final()
    gaps = differences(final, ["rate"], "variant", TIME_LOCAL, HEBBIAN)
    shown = intervals(gaps, ["rate"])
    with theme():
        figure, (a, b) = panels(2, height=3.0)
        against(a, final, "rate", "variant", [TIME_LOCAL, HEBBIAN])
        b.errorbar(shown.rate, shown["mean"], yerr=shown.half_width, marker="o", capsize=3,
                   color=PALETTE["blue"])
        b.axhline(0, color=PALETTE["black"], lw=0.8)
        for axis in (a, b):
            axis.set(xscale="log", xlabel="learning rate")
        a.set_title("a  both rules")
        b.set(title="b  time-local minus Hebbian", ylabel="difference (points)")
        percent_axis(a)
    alt = (f"Two panels against the learning rate. a, test accuracy in percent: "
           f"{_at_rates(final)}. b, time-local minus PEPITA-Hebbian, mean and 95 % interval: "
           f"{in_words(_named(shown), 'name', 'points')}.")
    caption = (f"{_time_local_caption(results)} Rates at which the interval excludes zero: "
               f"{clear(_named(shown), 'name')}.")
    return Drawing(figure, alt, caption, shown, FAILED)


def _at_rates(final: pd.DataFrame) -> str:
    return "; ".join(f"rate {rate:g}: {_in_words(rows, 'variant')}"
                     for rate, rows in final.groupby("rate"))


def _named(shown: pd.DataFrame) -> pd.DataFrame:
    return shown.assign(name=[f"rate {rate:g}" for rate in shown.rate])


def _time_local_caption(results: Results) -> str:
    s = results.settings
    return (f"Time-local PEPITA and PEPITA-Hebbian on {s['dataset']} after {s['epochs']} epochs, "
            "one hidden layer, F as strong as in the caption of Figure S1. (a) Test accuracy "
            "against the learning rate, mean and standard deviation over seeds. (b) The "
            "difference of the two, paired by seed, with its 95 % t interval.")


def depth(results: Results) -> Drawing:
    """Panel a: accuracy against depth; panel b: the angle of F at the end of training."""
    final, angle = results.final(), results.final("angle_total")
    with theme():
        figure, (a, b) = panels(2, height=3.0)
        for axis, rows in ((a, final), (b, angle)):
            against(axis, rows, "depth", "variant")
            _failures(axis, rows)
            axis.set_xlabel("hidden layers")
            axis.xaxis.get_major_locator().set_params(integer=True)
        b.get_legend().remove()
        legend_below(figure, a)
        a.set_title("a  test accuracy")
        b.set(title="b  alignment", ylabel="angle of $F$ and weights (°)")
        b.axhline(90, color=PALETTE["grey"], lw=0.8, ls=":")
        percent_axis(a)
    parts = [f"{depth}: {_in_words(rows, 'variant')}" for depth, rows in
             final.groupby("depth")]
    angles = [f"{depth}: {_in_words(rows, 'variant')}" for depth, rows in
              angle.groupby("depth")]
    alt = (f"Two panels against the number of hidden layers. a, test accuracy in percent: "
           f"{'; '.join(parts)}. b, angle in degrees: {'; '.join(angles)}.")
    s = results.settings
    caption = (f"Networks of 1 to {s['depth']} hidden layers of {s['width']} units on "
               f"{s['dataset']}, weight decay 0.0001, two learning rates, {s['epochs']} epochs. "
               "(a) Test accuracy. (b) Angle of F with the product of the weights; dotted: no "
               "alignment. Mean and standard deviation over seeds; a cross marks a depth at which "
               "seeds diverged.")
    return Drawing(figure, alt, caption, summary(final, ["variant", "depth"]), FAILED)


def _failures(axis, rows: pd.DataFrame) -> None:
    """A cross on the lower edge, a row each variant, where seeds have diverged."""
    looks, edge = styles(rows.variant), axis.get_xaxis_transform()
    for place, (name, own) in enumerate(rows.groupby("variant", sort=False)):
        lost = own[own.value.isna()].depth.unique()
        if len(lost):
            axis.plot(lost, [0.04 + 0.05 * place] * len(lost), ls="", marker="x", mew=2,
                      color=looks[name]["color"], transform=edge, label=f"{name}, diverged")
    axis.legend(title=None)


def weight_decay_effect(results: Results) -> Drawing:
    """A panel for every data set: accuracy with weight decay minus without, for each technique."""
    found = differences(results.final(), ["dataset", "technique"], "decay", True, False)
    order = list(dict.fromkeys(results.frame.technique))
    datasets = list(dict.fromkeys(found.dataset))
    with theme():
        figure, axes = panels(len(datasets), height=2.4, sharey=True)
        for axis, dataset, letter in zip(axes, datasets, "abc"):
            forest(axis, found[found.dataset == dataset], "technique", order)
            axis.set(title=f"{letter}  {dataset}", xlabel="effect of weight decay (points)")
    shown = intervals(found, ["dataset", "technique"])
    parts = [f"{dataset}: {in_words(rows, 'technique', 'points')}"
             for dataset, rows in shown.groupby("dataset", sort=False)]
    caption = ("Test accuracy with weight decay (0.0001) minus without, for PEPITA and PEPITA with "
               "weight mirroring, plain or with activities normalised per sample. Grey dots are "
               "seeds, squares their mean with the 95 % t interval, orange where it excludes zero: "
               f"{clear(shown.assign(name=shown.dataset + ' ' + shown.technique), 'name')}.")
    return Drawing(figure, f"Effect of weight decay on test accuracy. {'; '.join(parts)}.",
                   caption, shown, FAILED)


def modulation(results: Results) -> Drawing:
    """One panel a layer: |h_l - h'_l| / |h_l| against epochs, from the input on."""
    rows = results.frame.assign(
        layer=results.frame.metric.str.extract(r"^modulation_layer_(\d+)_mean$")[0])
    rows = rows.dropna(subset=["layer"])
    layers = sorted(set(rows.layer))
    with theme():
        figure, axes = panels(len(layers), height=3.0, sharey=True)
        for axis, layer, letter in zip(axes, layers, "abcdefg"):
            over_epochs(axis, rows[rows.layer == layer], "variant")
            name = "the input" if layer == "0" else f"hidden layer {layer}"
            axis.set(title=f"{letter}  {name}", yscale="log")
            axis.xaxis.get_major_locator().set_params(integer=True)
            if layer != layers[-1]:
                axis.get_legend().remove()
        axes[0].set_ylabel("relative distance of the passes")
    last = rows[rows.epoch == rows.epoch.max()]
    parts = [f"layer {layer}: " + ", ".join(
        f"{name} {group.value.mean():.3g}" for name, group in own.groupby("variant", sort=False))
        for layer, own in last.groupby("layer")]
    alt = ("Relative distance of second and first pass against epochs, a panel a layer, layer 0 "
           f"the input. At the end, {'; '.join(parts)}.")
    return Drawing(figure, alt, _MODULATION, summary(rows, ["variant", "layer", "epoch"]), FAILED)


_MODULATION = (
    "Distance of the second sample from the first relative to its length, |h − h'| / |h|, mean "
    "over the test set: the input (a) and what the layers make of it. For PEPITA (a) is |F e| / "
    "|x|, with F at its usual strength and at that of Figure S1's caption (learning rate 0.0001); "
    "for Forward-Forward the pair carries the right and a wrong label. Epoch 0 is before "
    "training. Mean and standard deviation over seeds; the scale is logarithmic.")


def oracle(results: Results) -> Drawing:
    """Test accuracy against epochs, and at the end, for four ways to send the error back."""
    return _learning(results, list(FEEDBACKS), _oracle_caption(results))


def convolution(results: Results) -> Drawing:
    """Test accuracy against epochs, and at the end, for every way to train the kernels."""
    recipe = results.records[0].recipe
    images = f"{recipe.n_train} images" if recipe.n_train else "all images"
    caption = (f"A network of one convolution ({recipe.kernels} kernels of {recipe.kernel_size} x "
               f"{recipe.kernel_size}), pooling and a dense layer on {recipe.dataset}, trained on "
               f"{images} for {recipe.epochs} epochs. With fixed kernels only the dense layer "
               "learns. (a) Mean and standard deviation over seeds. (b) Single seeds.")
    return _learning(results, list(RULES), caption)


def _learning(results: Results, names: list[str], caption: str) -> Drawing:
    """Panel a: accuracy against epochs; panel b: every seed at the end, in the order of `names`."""
    curves, final = results.curves("test_accuracy"), results.final()
    with theme():
        figure, (a, b) = panels(2, height=3.0, gridspec_kw={"width_ratios": [1.3, 1]})
        over_epochs(a, curves[curves.epoch > 0], "variant", names)
        a.set_title("a  during training")
        a.xaxis.get_major_locator().set_params(integer=True)
        percent_axis(a)
        looks = styles(names)
        for row, (name, rows) in enumerate(final.groupby("variant", sort=False)):
            b.plot(rows.value, [row] * len(rows), ls="", color=looks[name]["color"],
                   marker=looks[name]["marker"])
        b.set(title="b  at the end, every seed", xlabel="test accuracy (%)",
              yticks=range(len(looks)), yticklabels=names)
        b.invert_yaxis()
    alt = f"Test accuracy in percent against epochs and at the end: {_in_words(final)}."
    return Drawing(figure, alt, f"{caption} {_gains(final, names)}.",
                   summary(curves, ["variant", "epoch"]), FAILED)


def _gains(final: pd.DataFrame, names: list[str]) -> str:
    """Every variant minus the one before it, paired by seed; without interval for one seed."""
    rows, parts = final.assign(all=0), []
    if final.seed.nunique() < 2:
        return "One seed has no interval"
    for before, after in zip(names[:-1], names[1:]):
        shown = intervals(differences(rows, ["all"], "variant", after, before), ["all"]).iloc[0]
        parts.append(f"{after} minus {before} {shown['mean']:+.2f} ± {shown.half_width:.2f} points")
    return "Paired by seed, with 95 % intervals: " + ", ".join(parts)


def _oracle_caption(results: Results) -> str:
    s = results.settings
    return (f"PEPITA on {s['dataset']}, {s['depth']} hidden layer(s) of {s['width']} units, with F "
            "fixed, mirrored at every batch, or set to the transposed product of the current "
            "weights at every step (oracle), always at the same standard deviation; and "
            "backpropagation. (a) Mean and standard deviation over seeds. (b) Single seeds.")
