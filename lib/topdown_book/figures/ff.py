"""Drawing of Forward-Forward beside PEPITA."""

from __future__ import annotations

from topdown_book.experiments import Results
from topdown_book.figures._page import Drawing
from topdown_book.figures._theme import PALETTE, legend_below, panels, percent_axis, styles, theme
from topdown_book.figures._training import in_words, over_epochs, summary


def ff(results: Results) -> Drawing:
    """Panel a: test accuracy against epochs; panel b: the end of training, every seed."""
    curves, final = results.curves("test_accuracy"), results.final()
    with theme():
        figure, (a, b) = panels(2, height=3.2, gridspec_kw={"width_ratios": [1.25, 1]})
        over_epochs(a, curves[curves.epoch > 0], "variant")
        a.set(title="a  during training")
        a.xaxis.get_major_locator().set_params(integer=True)
        percent_axis(a)
        legend_below(figure, a)
        _final(b, final)
    return Drawing(figure, _alt(final), _caption(results), summary(curves, ["variant", "epoch"]))


def _final(axis, final) -> None:
    """A row for every variant: its seeds as points, its mean as a bar."""
    looks = styles(final.variant)
    for row, (name, rows) in enumerate(final.groupby("variant", sort=False)):
        axis.plot(rows.value, [row] * len(rows), ls="", color=looks[name]["color"],
                  marker=looks[name]["marker"], alpha=0.8)
        axis.plot(rows.value.mean(), row, marker="|", ms=14, color=PALETTE["black"])
    axis.set(title="b  at the end", xlabel="test accuracy (%)", yticks=range(len(looks)),
             yticklabels=list(looks))
    axis.invert_yaxis()


def _alt(final) -> str:
    return ("Two panels of test accuracy in percent: curves against epochs, and the values at the "
            f"end of training: {in_words(final, 'variant')}.")


def _caption(results: Results) -> str:
    hidden = results.records[0].recipe.hidden
    return (
        f"Forward-Forward (FF) beside PEPITA, PEPITA-Hebbian and backpropagation (BP), "
        f"{len(hidden)} hidden layers of {hidden[0]} units. (a) Test accuracy against epochs, mean "
        "and standard deviation over seeds, from the first epoch on. (b) After the last epoch: "
        "points are seeds, bars their means. FF predicts the label with the largest goodness "
        "summed over all layers but the first, or by a linear read-out that is trained beside "
        "the layers. FF follows its own recipe (batches of 100, learning rate 0.001), the others "
        "theirs (batches of 64, 0.01).")
