"""Bad seeds in small networks: AFA and BP on MNIST reduced to its first C classes."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._paired import share
from topdown_book.figures._rules import RULE_LOOKS
from topdown_book.figures._theme import MARKERS, PALETTE, panels, theme

CLASSES = (2, 3, 5, 10)
WIDTHS = (4, 8, 32)
TRAIN, TEST = 2000, 2000
"""Examples in all, as many of each class: the size of the data does not grow with C."""
SEEDS = dict(afa=50, bp=10)
"""Seeds of each rule; the best of BP sets what a good seed is."""
TRAINING = dict(epochs=32, batch=32, lr=0.3, momentum=0.0, dropout=0.0, decay_epochs=(),
                feedback_scale=0.05)
"""What all networks share; the scale of F is the experiments'."""

COLORS = [PALETTE[name] for name in ("blue", "orange", "green")]


def reduced(data, C: int):
    """The first C classes of a data set, balanced, with `TRAIN` and `TEST` examples."""
    import torch

    def part(images, labels, n):
        each = [torch.nonzero(labels == c).flatten()[: n // C] for c in range(C)]
        places = torch.cat(each)
        return dict(zip(("images", "labels"), (images[places], labels[places])))

    train = part(data.train_images, data.train_labels, TRAIN)
    test = part(data.test_images, data.test_labels, TEST)
    return replace(data, name=f"{data.name}, {C} classes", classes=data.classes[:C],
                   train_images=train["images"], train_labels=train["labels"],
                   test_images=test["images"], test_labels=test["labels"])


def compute(settings: dict) -> pd.DataFrame:
    """Columns classes, width, rule, seed, epoch, accuracy (percent): one row an evaluation."""
    from topdown import Recipe, train
    from topdown.data import load

    parts, full = [], load("mnist")
    for C in CLASSES:
        data = reduced(full, C)
        for width in WIDTHS:
            for rule, seeds in SEEDS.items():
                recipe = Recipe(dataset="mnist", rule=rule, hidden=(width,), **TRAINING)
                run = train(recipe, range(seeds), data=data, progress=False)
                parts.append(_rows(run.curves["test_accuracy"].numpy(), C, width, rule))
    return pd.concat(parts, ignore_index=True)


def _rows(accuracy: np.ndarray, C: int, width: int, rule: str) -> pd.DataFrame:
    """Every eighth epoch of a table (epochs + 1, seeds)."""
    where = dict(classes=C, width=width, rule=rule)
    return pd.DataFrame([where | dict(seed=seed, epoch=epoch, accuracy=accuracy[epoch, seed])
                         for epoch in range(0, len(accuracy), 8)
                         for seed in range(accuracy.shape[1])])


def bad_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns classes, width, rule, n, bad, value, low, high, limit: with Wilson intervals.

    Bad: after the last epoch a seed has gained, over chance, less than half of what the best seed
    of BP has. A diverged seed is bad. BP is counted too: dead units are no fault of F.
    """
    last, found = rows[rows.epoch == rows.epoch.max()], []
    for (C, width), one in last.groupby(["classes", "width"]):
        limit = (100 / C + one[one.rule == "bp"].accuracy.max()) / 2
        for rule, seeds in one.groupby("rule"):
            bad = ~(seeds.accuracy >= limit)
            found.append(dict(classes=C, width=width, rule=rule, n=len(seeds), bad=bad.sum(),
                              **share(bad), limit=limit))
    return pd.DataFrame(found)


def shares(rows: pd.DataFrame, C: int, width: int, rule: str) -> np.ndarray:
    """Of every seed, at the end: gain over chance as a share of the best gain of BP."""
    one = rows[(rows.epoch == rows.epoch.max()) & (rows.classes == C) & (rows.width == width)]
    gain = one.accuracy - 100 / C
    return (gain[one.rule == rule] / gain[one.rule == "bp"].max()).to_numpy()


def drawing(rows: pd.DataFrame) -> Drawing:
    """Fraction of bad seeds of AFA and BP (a); every seed's gain, as a share of BP's best (b)."""
    found = bad_seeds(rows)
    with theme():
        figure, (a, b) = panels(2, height=2.8)
        for k, (rule, width) in enumerate(product(SEEDS, WIDTHS)):
            _network(a, b, rows, found[(found.rule == rule) & (found.width == width)], k)
        classes = dict(xticks=range(len(CLASSES)), xlabel="classes",
                       xticklabels=CLASSES)
        a.set(ylabel="fraction of bad seeds", title="a  bad seeds", ylim=(-0.03, 1.03), **classes)
        a.legend(ncols=2)
        b.axhline(0.5, color=PALETTE["black"], lw=0.8, ls="--")
        b.set(ylabel="gain / best gain of BP", title="b  every seed", **classes)
    words = "; ".join(f"{one.classes} classes, width {one.width}, {RULE_LOOKS[one.rule]['label']}: "
                      f"{one.bad} of {one.n}" for one in found.itertuples())
    return Drawing(figure, f"Bad seeds in small networks on MNIST: {words}. b: the gain of every "
                   "seed over chance, as a share of the best of BP.",
                   "Networks of one hidden layer on the first classes of MNIST "
                   f"({TRAIN} examples, {TRAINING['epochs']} epochs, one scale of F). "
                   "(a) Bad: accuracy gained over chance less than half of BP's best seed; Wilson "
                   "95 % intervals. (b) Every seed; dashed: that limit. Filled: AFA; open: BP.",
                   found)


def _network(a, b, rows: pd.DataFrame, one: pd.DataFrame, k: int) -> None:
    """One rule and width in both panels."""
    rule, width, n = one.rule.iloc[0], one.width.iloc[0], len(WIDTHS)
    look = dict(color=COLORS[k % n], marker=MARKERS[k % n],
                mfc=COLORS[k % n] if rule == "afa" else "white")
    x = np.arange(len(one)) + 0.11 * (k - 2.5)
    a.errorbar(x, one.value, [one.value - one.low, one.high - one.value], capsize=2, lw=0.8, ms=4,
               ls="", label=f"{RULE_LOOKS[rule]['label']}, {width} units", **look)
    for place, C in zip(x, one.classes):
        share = shares(rows, C, width, rule)
        b.plot([place] * len(share), share, ls="", ms=3, mew=0.5, alpha=0.6, **look)
