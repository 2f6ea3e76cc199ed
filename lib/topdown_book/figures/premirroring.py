"""Does pre-mirroring change the angle before the first epoch, and what is left of it later?"""

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import in_words, last, over_epochs, right_angle, summary
from topdown_book.figures._parameters import COMMON
from topdown_book.figures._recipes import VARIANTS, make, usual
from topdown_book.figures._theme import legend_below, panels, percent_axis, theme
from topdown_book.figures._words import estimate, joined, paired, runs

PREMIRROR_EPOCHS = (0, 1, 2, 4)
METRICS = ("angle_total", "test_accuracy")


def cases(settings: dict) -> list[Case]:
    """PEPITA after 0 to 4 epochs of pre-mirroring; 0 and 1 are Figure 3c's recipes."""
    return [Case(make(settings, premirror_epochs=count, **VARIANTS["normal"]),
                 dict(premirrored=count)) for count in PREMIRROR_EPOCHS]


FIGURE = Experiment(title="The angle before the first epoch", parameters=COMMON,
                    profiles=usual("cifar10", "cifar10"), cases=cases, metrics=METRICS)


def draw(results: Results) -> Drawing:
    """Panel a: angle of F with the weights' product; panel b: test accuracy; both from epoch 0."""
    rows = named(results.frame)
    angles, accuracies = (rows[rows.metric == metric] for metric in METRICS)
    with theme():
        figure, (a, b) = panels(2, height=3.2)
        over_epochs(a, angles, "variant", title="a  alignment",
                    label="angle of $F$ and the weights (°)")
        over_epochs(b, accuracies, "variant", title="b  accuracy")
        right_angle(a)
        percent_axis(b)
        legend_below(figure, [a, b])
    data = summary(rows[rows.metric.isin(METRICS)], ["metric", "variant", "epoch"])
    return Drawing(figure, _alt(angles, accuracies), _CAPTION, data)


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """With `variant`, the epochs of pre-mirroring in words: "none", "1 epoch", "2 epochs"."""
    words = {0: "none", 1: "1 epoch"}
    return frame.assign(variant=[words.get(n, f"{n} epochs") for n in frame.premirrored])


def _alt(angles, accuracies) -> str:
    return ("Two panels against epochs, one curve for each length of pre-mirroring. a: angle of F "
            "with the product of the weights, in degrees, at epoch 0: "
            f"{in_words(angles[angles.epoch == 0])}; at the end: {in_words(last(angles))}. b: test "
            f"accuracy in percent at the end: {in_words(last(accuracies))}.")


_CAPTION = (
    "PEPITA normal, one hidden layer, after 0 to 4 epochs of pre-mirroring, in which F and "
    "the mirroring see noise alone and the forward weights stay as they are. (a) Angle between F "
    "and the product of the weights; dotted: no alignment. (b) Test accuracy. Epoch 0 is before "
    "the first training step. Mean ± standard deviation over seeds."
)


def answer(results: Results) -> str:
    """It does if, at epoch 0, the angle with one epoch of it is clearly below that without."""
    rows = results.curves("angle_total")
    start, end = rows[rows.epoch == 0], last(rows)
    drop = paired(start, "premirrored", 1, 0)
    lead = ("Yes, before the first training step already" if drop.below else
            "No" if drop.above else "These runs do not show that it does")
    angles = joined(f"{_angle(start, count)} after {count}" for count in
                    sorted(set(start.premirrored)) if count)
    gain = paired(results.final(), "premirrored", 1, 0)
    return (f"{lead}: the angle of F at epoch 0 is {_angle(start, 0)} without pre-mirroring, and "
            f"with it, counted in epochs, {angles}. At the end of training it is {_angle(end, 0)} "
            f"without and {_angle(end, 1)} after one. In test accuracy one epoch of it changes "
            f"{gain.words()} at the end. {runs(results)}")


def _angle(rows: pd.DataFrame, count: int) -> str:
    return estimate(rows[rows.premirrored == count]).words("°", ".1f")
