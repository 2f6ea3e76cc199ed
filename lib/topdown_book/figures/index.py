"""The landing page: PEPITA on one image, step by step; the verdicts counted; three findings."""

from __future__ import annotations

import html

import numpy as np
import pandas as pd

from topdown_book.figures import hebbian_rate
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._study import Page
from topdown_book.figures._tables import badge
from topdown_book.store.records import Store

FIGURE = Page(title="PEPITA on one image", judges=True)

FINDINGS = ("fig2b", "fig2a", "fig3c-wm")
"""Facts of the paper that the landing page tells, with what we find."""
SIZES, STEPS, RATE, SCALE, SEED = (64, 32, 10), 300, 0.1, 2.0, 0
"""A small network on the 8x8 digits, trained until its error has a shape; F's deviation."""


def passes() -> dict[str, np.ndarray]:
    """Both passes of one test image through a network that PEPITA has trained for `STEPS` batches.

    The image is the one with the largest error of the first hundred: there is something to see.
    """
    import torch

    from topdown import data, gradients, network

    generator = torch.Generator().manual_seed(SEED)
    digits = data.load("digits")
    x = digits.train_images.float() / 255
    weights = network.initial_weights(SIZES, "he_normal", generator)
    F = torch.randn(SIZES[0], SIZES[-1], generator=generator) * SCALE / SIZES[0] ** 0.5
    for _ in range(STEPS):
        rows = torch.randint(len(x), (64,), generator=generator)
        target = torch.eye(10)[digits.train_labels[rows]]
        updates = gradients("pepita", weights, x[rows], target, F)
        weights = [w - RATE * g for w, g in zip(weights, updates)]
    seen, target = digits.test_images[:100].float() / 255, torch.eye(10)[digits.test_labels[:100]]
    first = network.forward(weights, seen)
    e = first.output - target
    k = int(e.norm(dim=1).argmax())
    second = network.forward(weights, seen - e @ F.T)
    update = gradients("pepita", weights, seen[k:k + 1], target[k:k + 1], F)[0]
    return {name: value.numpy() for name, value in {
        "x": seen[k], "y": first.output[k], "target": target[k], "e": e[k], "Fe": F @ e[k],
        "x'": seen[k] - F @ e[k], "h": first.hidden[0][k], "h'": second.hidden[0][k],
        "update": update}.items()}


def draw(settings: dict, claims) -> dict[str, Drawing | str]:
    """The picture; how many facts have which verdict; three of them in words."""
    scores = claims.score()
    return {"picture": _picture(passes()), "verdicts": _verdicts(claims, scores),
            "findings": _findings(claims, scores)}


def _verdicts(claims, scores) -> str:
    badges = " ".join(badge(claims.verdict_of(kind), f"{n} {kind}")
                      for kind, n in claims.count(scores).items())
    undecided = [html.escape(line) for line in claims.outlook(scores)]
    more = "" if not undecided else (
        "<details><summary>What would decide the open ones</summary><ul><li>"
        + "</li><li>".join(undecided) + "</li></ul></details>")
    return f"Of {len(scores)} numbers and claims of the paper that are known to us: {badges}{more}"


def _findings(claims, scores) -> str:
    known = {s.fact.id: s for s in scores}
    judged = [s for s in scores if s.verdict in ("reproduced", "not reproduced")]
    chosen = [known[name] for name in FINDINGS if known.get(name) in judged]
    chosen = list({s.fact.id: s for s in [*chosen, *judged]}.values())[:3]
    said = [html.escape(claims.in_a_sentence(s)) for s in chosen]
    listed = [f"- {text[:1].upper() + text[1:]}. [{s.fact.where}]({s.fact.figure}.ipynb) "
              f"{badge(s.verdict)}" for text, s in zip(said, chosen)]
    if words := hebbian_rate.finding(Store()):
        listed += ["", f"{html.escape(words)} [All three](hebbian_rate.ipynb)."]
    return "\n".join(listed)


def _picture(made: dict) -> Drawing:
    from topdown_book.figures._theme import PALETTE, theme

    with theme():
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 6, figsize=(7.4, 1.75))
        image, bars = dict(cmap="gray_r", vmin=0, vmax=1), (PALETTE["green"], PALETTE["orange"])
        signed = dict(cmap="PuOr_r", vmin=-1, vmax=1)
        _image(axes[0], made["x"], "1  image $x$", image)
        _bars(axes[1], made["y"], r"2  answer $y$", bars[0], made["target"])
        _bars(axes[2], made["e"], "3  error $e$", bars[1])
        _image(axes[3], made["Fe"], "4  feedback $Fe$", signed)
        _image(axes[4], made["x'"], "5  $x' = x - Fe$", image)
        change = made["h"] - made["h'"]
        _bars(axes[5], change, "6  $h - h'$", PALETTE["purple"])
    return Drawing(figure, _alt(made), _CAPTION, pd.DataFrame({
        "unit": range(len(change)), "first pass": made["h"], "second pass": made["h'"]}))


def _image(axis, values, title: str, look: dict) -> None:
    axis.imshow(values.reshape(8, 8), **look)
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.set_title(title, fontsize=8.5, loc="left")


def _bars(axis, values, title: str, color: str, target=None) -> None:
    axis.bar(range(len(values)), values, color=color, width=0.8)
    axis.set_box_aspect(1)
    axis.axhline(0, color="black", lw=0.6)
    axis.set(yticks=[], xticks=range(0, len(values), 3 if len(values) <= 10 else 10))
    axis.set_title(title, fontsize=8.5, loc="left")
    if target is not None:
        axis.plot(target.argmax(), 1.0, marker="v", color="black", ls="", ms=4, clip_on=False)


def _alt(made: dict) -> str:
    said, right = int(made["y"].argmax()), int(made["target"].argmax())
    change = made["h"] - made["h'"]
    return (f"Six small pictures in a row. 1: an image of the digit {right}. 2: the network's "
            f"answer, largest at {said}. 3: the error, answer minus target. 4: the error "
            f"projected onto the pixels by a fixed random matrix. 5: the image minus that. 6: the "
            f"change of {np.count_nonzero(change)} of {len(change)} hidden units between the two "
            "passes, from which they learn.")


_CAPTION = (
    "PEPITA on one image. The network answers (2; the triangle marks the right digit). The error "
    "(3), projected onto the pixels by a fixed random matrix F (4), changes the image (5). It is "
    "shown again, and every hidden unit learns from the difference of its two activities (6). "
    "Computed: a network of 64, 32 and 10 units on small digits."
)
