"""Accuracy with bfloat16 products beside float32: our own question, on recipes of Table 2."""

from dataclasses import replace

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._paired import differences, in_words, intervals
from topdown_book.figures._panels import forest, summary
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._recipes import plain_rules, usual
from topdown_book.figures._theme import legend_below, panels, percent_axis, styles, theme
from topdown_book.figures._words import joined

PRECISIONS = ("fp32", "bf16")
RULES = {"bp": "BP", "pepita": "PEPITA", "hebbian": "PEPITA-Hebbian"}


def cases(settings: dict) -> list[Case]:
    """Rules x precisions; the recipes in fp32 are those of Table 2."""
    chosen = [RULES[name] for name in settings["rules"]]
    return [Case(replace(case.recipe, precision=precision),
                 dict(variant=case.labels["variant"], precision=precision))
            for case in plain_rules(settings) if case.labels["variant"] in chosen
            for precision in PRECISIONS]


FIGURE = Experiment(
    title="Accuracy with bfloat16 products",
    parameters=(*COMMON, Parameter("rules", "list", "which rules", choices=tuple(RULES))),
    profiles=usual("cifar10", "cifar10", rules=tuple(RULES)),
    cases=cases,
)


def draw(results: Results) -> Drawing:
    """Learning curves at both precisions (a), and the difference at the end, seed by seed (b)."""
    curves, final = results.curves("test_accuracy"), results.final()
    found = differences(final, ["variant"], "precision", "bf16", "fp32")
    names = list(dict.fromkeys(final.variant))
    with theme():
        figure, (a, b) = panels(2, height=3.0)
        looks = styles(names)
        for (name, precision), one in curves.groupby(["variant", "precision"], sort=False):
            mean, half = one.groupby("epoch").value.mean(), precision == "bf16"
            a.plot(mean.index, mean, color=looks[name]["color"], marker=looks[name]["marker"],
                   ls=":" if half else "-", mfc="white" if half else None,
                   markevery=max(1, len(mean) // 6), label=f"{name}, {precision}")
        a.set(title="a  curves", xlabel="epoch")
        percent_axis(a)
        forest(b, found, "variant", names)
        b.set(title="b  bf16 − fp32", xlabel="test accuracy (points)")
        legend_below(figure, [a])
    listed = in_words(intervals(found, ["variant"]), "variant", "points")
    alt = ("Two panels. a: learning curves with float32 and with bfloat16 products. b: their "
           f"difference at the end of training: {listed}.")
    return Drawing(figure, alt, _CAPTION, summary(final, ["variant", "precision"]))


_CAPTION = (
    "Training with matrix products in float32 and in bfloat16; weights, momentum and updates are "
    "float32 in both, and evaluation is. (a) Mean over seeds; open markers and dotted lines: "
    "bfloat16. (b) The difference of test accuracy at the end, a dot a seed, with the mean and its "
    "95 % t interval."
)


def answer(results: Results) -> str:
    """The change of accuracy by bfloat16, seed by seed, with its interval."""
    found = intervals(differences(results.final(), ["variant"], "precision", "bf16", "fp32"),
                      ["variant"])
    clear = found[found["mean"].abs() > found.half_width].variant
    lead = f"Precision changes {joined(clear)}" if len(clear) else "No change beyond noise is seen"
    return (f"{lead}: test accuracy with bfloat16 products minus that with float32 is "
            f"{in_words(found, 'variant', 'points')} (95 % intervals over {int(found.n.min())} "
            "seeds).")
