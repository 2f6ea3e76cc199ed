"""How alike the updates of PEPITA-Hebbian and Forward-Forward are, for equal weights and data."""

import pandas as pd

from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Experiment, Results
from topdown_book.figures._panels import last, summary
from topdown_book.figures._recipes import FF_PARAMETERS, FF_PROFILES, HEBBIAN, VARIANTS, make
from topdown_book.figures._theme import PALETTE, panels, styles, theme
from topdown_book.figures._words import Estimate, estimate, joined, runs

ORTHOGONAL, ALIKE = 0.1, 0.5
"""Cosines whose interval lies within the one, or above the other, are called so."""


def cases(settings: dict) -> list[Case]:
    """Networks trained by PEPITA-Hebbian; the updates are compared after every epoch."""
    recipe = make(settings, settings["depth"], probe="contrast", **VARIANTS["hebbian"])
    return [Case(recipe, dict(variant=HEBBIAN))]


FIGURE = Experiment(
    title="From PEPITA-Hebbian's update to Forward-Forward's, step by step",
    parameters=FF_PARAMETERS, profiles=FF_PROFILES, cases=cases, metrics=("contrast",))


def steps() -> tuple[str, ...]:
    """The names of the steps, from PEPITA-Hebbian's update to Forward-Forward's."""
    from topdown.recipes.names import CONTRAST_STEPS

    return CONTRAST_STEPS


def cosines(results: Results) -> pd.DataFrame:
    """seed, epoch, layer, step (number and name), value."""
    found = results.frame.metric.str.extract(r"contrast_layer_(\d+)_step_(\d+)")
    rows = results.frame.assign(layer=found[0], number=found[1]).dropna(subset=["layer"])
    rows = rows.astype({"layer": int, "number": int})
    return rows.assign(step=rows.number.map(dict(enumerate(steps()))))


def draw(results: Results) -> Drawing:
    """Cosine with PEPITA-Hebbian's update after each step: before training, and at the end."""
    rows = cosines(results)
    epochs = (0, int(rows.epoch.max()))
    with theme():
        figure, axes = panels(2, height=3.3, sharey=True)
        for axis, epoch, letter in zip(axes, epochs, "ab"):
            _steps(axis, rows[rows.epoch == epoch])
            when = "before training" if epoch == 0 else f"after {epoch} epochs of PEPITA-Hebbian"
            axis.set_title(f"{letter}  {when}")
        axes[0].set_ylabel("cosine with PEPITA-Hebbian's update")
        axes[0].legend(loc="lower left")
    return Drawing(figure, _alt(rows, epochs), _CAPTION,
                   summary(rows, ["epoch", "layer", "step"]))


def _steps(axis, rows: pd.DataFrame) -> None:
    looks, names = styles(sorted(set(rows.layer))), steps()
    for place, (layer, own) in enumerate(rows.groupby("layer")):
        means = own.groupby("number").value.agg(["mean", "std"])
        axis.errorbar(means.index + 0.08 * (place - 0.5), means["mean"], yerr=means["std"],
                      color=looks[layer]["color"], marker=looks[layer]["marker"], capsize=2, ls="",
                      label=f"hidden layer {layer}")
    axis.axhline(0, color=PALETTE["grey"], lw=0.8, ls=":")
    axis.set(xticks=range(len(names)), ylim=(-1.05, 1.08))
    axis.set_xticklabels([s.replace(" ", "\n").replace("PEPITA-", "PEPITA-\n") for s in names])


def _alt(rows: pd.DataFrame, epochs) -> str:
    parts = []
    for epoch in epochs:
        for layer, own in rows[rows.epoch == epoch].groupby("layer"):
            means = own.groupby("step", sort=False).value.mean()
            values = ", ".join(f"{step} {v:.2f}" for step, v in means.items())
            parts.append(f"epoch {epoch}, layer {layer}: {values}")
    return f"Cosine of updates with that of PEPITA-Hebbian. {'; '.join(parts)}."


_CAPTION = (
    "From PEPITA-Hebbian's update of the hidden layers to Forward-Forward's, same weights and test "
    "images: inputs normalised in length; then passes weighted by the probability of the wrong "
    "verdict, or labelled pairs of samples; then both. Cosine with PEPITA-Hebbian's update, mean ± "
    "standard deviation over seeds. (a) Initial weights. (b) Trained by PEPITA-Hebbian."
)


def answer(results: Results) -> str:
    """Alike: in every layer the cosine is above ALIKE, interval included, at the end of training.

    Nothing in common: every interval includes zero, or is within ±ORTHOGONAL. A little in common
    otherwise. The same words for each of the single changes.
    """
    rows, names = last(cosines(results)), steps()
    each = [_by_layer(rows, k) for k in range(len(names))]
    lead = {"alike": "The updates are alike",
            "nothing": "The updates have nothing in common that we can measure",
            "little": "The updates have a little in common"}[_kind(each[-1])]
    apart = [names[k].removeprefix("and ") for k in range(1, len(names) - 1)
             if _kind(each[k]) == "nothing"]
    blame = f"Changes that alone leave nothing: {joined(apart) if apart else 'none of them'}"
    return (f"{lead}: after training, the cosine of Forward-Forward's update with "
            f"PEPITA-Hebbian's is {_listed(each[-1])}. Inputs of equal length alone leave "
            f"{_listed(each[1])}. {blame}. {runs(results)}")


def _kind(each: list[Estimate]) -> str:
    if all(own.mean - own.half > ALIKE for own in each):
        return "alike"
    return "nothing" if all(not e.clear or e.within(ORTHOGONAL) for e in each) else "little"


def _by_layer(rows: pd.DataFrame, number: int) -> list[Estimate]:
    own = rows[rows.number == number]
    return [estimate(group.value) for _, group in own.groupby("layer")]


def _listed(each: list[Estimate]) -> str:
    return joined(f"{e.words('', '.2f')} in layer {k}" for k, e in enumerate(each, start=1))
