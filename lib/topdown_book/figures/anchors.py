"""Drawing of the two known runs."""

from __future__ import annotations

from topdown_book.experiments import Results
from topdown_book.experiments.anchors import ANCESTOR
from topdown_book.figures._known import known_curve
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, panels, percent_axis, spread, theme
from topdown_book.figures._training import over_epochs, summary


def anchors(results: Results) -> Drawing:
    """Panels a (first data set, with the ancestor's printed values) and b (second, lr 0.1)."""
    curves = results.curves("test_accuracy").query("epoch > 0")
    names = [results.settings["dataset"], results.settings["second_dataset"]]
    first, second = curves[curves.lr < 0.1], curves[curves.lr >= 0.1]
    known = _known_points(results)
    with theme():
        figure, (a, b) = panels(2, height=3.0)
        _curves(a, first, f"a  {names[0]}, learning rate 0.01")
        _stars(a, {e: v for e, v in known.items() if e <= first.epoch.max()})
        _curves(b, second, f"b  {names[1]}, learning rate 0.1")
        b.get_legend().remove()
    return Drawing(figure, _alt(first, second, known, names), _caption(known, first),
                   summary(curves, ["dataset", "variant", "lr", "epoch"]))


def _known_points(results: Results) -> dict[int, float]:
    """What the ancestor's notebook printed, if this is its data set."""
    labels = dict(variant=ANCESTOR, dataset=results.settings["dataset"])
    return known_curve("anchors", labels, results.settings)


def _curves(axis, rows, title: str) -> None:
    over_epochs(axis, rows, "variant", ["this paper's code", ANCESTOR])
    axis.set(title=title)
    axis.xaxis.get_major_locator().set_params(integer=True)
    percent_axis(axis)


def _stars(axis, points: dict[int, float]) -> None:
    if points:
        axis.plot(points.keys(), points.values(), "*", color=PALETTE["black"], mfc="white", ms=11,
                  zorder=5, label="stored run of the ancestor, 1 seed")
    axis.legend(loc="lower right")


def _beside(rows, points: dict[int, float]) -> str:
    """"epoch 1: 35.0 +- 0.2 (known 35.12)" for the known epochs that we have run."""
    ours = rows[rows.variant == ANCESTOR]
    return "; ".join(f"epoch {e}: {spread(ours[ours.epoch == e].value)} (known {v:g})"
                     for e, v in sorted(points.items()) if e in set(ours.epoch))


def _alt(first, second, known, names) -> str:
    last = first[first.epoch == first.epoch.max()]
    ends = ", ".join(f"{name} {spread(rows.value)}" for name, rows in last.groupby("variant"))
    b = second[second.epoch == second.epoch.max()]
    text = (f"Two panels of test accuracy in percent against epochs. a: {names[0]}, after "
            f"{first.epoch.max()} epochs: {ends}.")
    beside = _beside(first, known)
    text += f" The known run beside ours: {beside}." if beside else ""
    return text + f" b: {names[1]}, after {second.epoch.max()} epochs: {spread(b.value)}."


def _caption(known, first) -> str:
    later = ", ".join(f"{v:g} at epoch {e}" for e, v in sorted(known.items())
                      if e > first.epoch.max())
    text = ("Test accuracy of PEPITA, one hidden layer, He-uniform weights and uniform F, against "
            "epochs; mean and standard deviation over seeds. (a) Learning rate 0.01, both "
            "versions of the released code. (b) The ancestor's version with its learning rate for "
            "MNIST, 0.1; the paper's value is unknown to us.")
    text += (" Stars: values that the ancestor's tutorial notebook printed on CIFAR-10, one run."
             if known else " The known run is on CIFAR-10: nothing to compare with here.")
    return text + (f" Beyond this run's last epoch it printed {later}." if later else "")
