"""Drawing of accuracy with bfloat16 products beside float32."""

from __future__ import annotations

from topdown_book.experiments import Results
from topdown_book.figures._page import Drawing
from topdown_book.figures._paired import differences, forest, in_words, intervals
from topdown_book.figures._theme import panels, percent_axis, styles, theme
from topdown_book.figures._training import summary


def precision(results: Results) -> Drawing:
    """Learning curves at both precisions (a), and the difference at the end, seed by seed (b)."""
    curves, final = results.curves("test_accuracy"), results.final()
    found = differences(final, ["variant"], "precision", "bf16", "fp32")
    names = list(dict.fromkeys(final.variant))
    with theme():
        figure, (a, b) = panels(2, height=3.0)
        looks = styles(names)
        for (name, precision), one in curves.groupby(["variant", "precision"], sort=False):
            mean = one.groupby("epoch").value.mean()
            half = precision == "bf16"
            a.plot(mean.index, mean, color=looks[name]["color"], marker=looks[name]["marker"],
                   ls=":" if half else "-", mfc="white" if half else None,
                   markevery=max(1, len(mean) // 6), label=f"{name}, {precision}")
        a.set(title="a  curves", xlabel="epoch")
        percent_axis(a)
        forest(b, found, "variant", names)
        b.set(title="b  bf16 − fp32", xlabel="test accuracy (points)")
        figure.legend(*a.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    listed = intervals(found, ["variant"])
    alt = ("Two panels. a: learning curves with float32 and with bfloat16 products. b: their "
           f"difference at the end of training: {in_words(listed, 'variant', 'points')}.")
    return Drawing(figure, alt, _caption(results), summary(final, ["variant", "precision"]))


def _caption(results: Results) -> str:
    s = results.settings
    return (f"Training on {s['dataset']} for {s['epochs']} epochs with matrix products in float32 "
            "and in bfloat16; weights, momentum and updates are float32 in both, and evaluation "
            "is. (a) Mean over seeds; open markers and dotted lines: bfloat16. (b) The difference "
            "of test accuracy at the end, a dot a seed, with the mean and its 95 % t interval.")
