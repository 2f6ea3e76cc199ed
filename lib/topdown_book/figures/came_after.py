"""What came after: FOTON's claim to train at any depth, beside PEPITA, mirroring and the oracle."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.figures._drawing import Drawing
from topdown_book.figures._experiment import Case, Results
from topdown_book.figures._panels import FAILED, against, in_words, over_epochs, summary
from topdown_book.figures._parameters import COMMON, Parameter
from topdown_book.figures._rates import ChosenRates, chosen, held_out
from topdown_book.figures._recipes import VARIANTS, make
from topdown_book.figures._theme import PALETTE, legend_below, panels, percent_axis, theme
from topdown_book.figures._words import average, estimate, joined, layers, paired, runs
from topdown_book.store.records import Store

DEPTHS = (1, 2, 3, 5, 10)
RATES = (0.001, 0.01, 0.1)
FOTON = dict(rule="pepita", initialization="orthogonal", orthogonal=True, feedback="oracle",
             feedback_scale=0.5**0.5, presynaptic="clean")
"""F of strength 1/sqrt(2) is the product of orthogonal weights itself, not scaled."""
RULES = {
    "PEPITA": VARIANTS["normal"],
    "PEPITA + WM": dict(**VARIANTS["normal"], mirror_every=1),
    "oracle": {**VARIANTS["normal"], "feedback": "oracle"},
    "FOTON": FOTON,
}


def _networks(settings: dict) -> list[tuple[Recipe, dict]]:
    """Recipe, but for its rate, and labels of every rule at every depth."""
    data = settings["n_train"] or None
    return [(make(settings, depth, n_train=data, **options), dict(variant=name, depth=depth))
            for name, options in RULES.items() for depth in DEPTHS if depth <= settings["depth"]]


def candidates(settings: dict) -> list[Recipe]:
    return [one for recipe, _ in _networks(settings) for one in held_out(recipe, RATES)]


def cases(settings: dict) -> list[Case]:
    """Every rule at every depth, each at the rate that held-out images preferred."""
    found = [(chosen(recipe, RATES, Store()), labels) for recipe, labels in _networks(settings)]
    return [Case(recipe, labels) for recipe, labels in found if recipe]


FIGURE = ChosenRates(
    title="What came after: feedback from orthogonal weights, at any depth",
    parameters=(
        *COMMON,
        Parameter("depth", int, "largest number of hidden layers", low=1, high=max(DEPTHS)),
        Parameter("n_train", int, "number of training images, 0 for all", low=0, high=60000),
    ),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=10, seeds=2, depth=3, n_train=0),
        "laptop": dict(dataset="mnist", width=128, epochs=5, seeds=3, depth=10, n_train=10000),
        "paper": dict(dataset="mnist", width=1024, epochs=100, seeds=10, depth=10, n_train=0),
    },
    cases=cases,
    candidates=candidates,
)


def draw(results: Results) -> Drawing:
    """Panel a: accuracy against depth; panel b: training of the deepest networks."""
    final, curves = results.final(), results.curves("test_accuracy")
    deepest, chance = final.depth.max(), results.chance
    with theme():
        figure, (a, b) = panels(2, height=3.2)
        against(a, final, "depth", "variant", list(RULES))
        a.set(title="a  at the end", xlabel="hidden layers", xticks=sorted(set(final.depth)))
        over_epochs(b, curves[curves.depth == deepest], "variant", list(RULES),
                    f"b  {layers(deepest)}, during training", "")
        for axis in (a, b):
            axis.axhline(chance, color=PALETTE["grey"], lw=0.8, ls=":")
        a.set_ylim(0, 100)  # a spread that divergence makes would reach beyond
        percent_axis(a)
        legend_below(figure, [a, b], 4)
    parts = [f"{layers(depth)}: {in_words(rows)}" for depth, rows in final.groupby("depth")]
    alt = (f"Two panels of test accuracy in percent. a, against the number of hidden layers: "
           f"{'; '.join(parts)}. b, of the deepest networks against epochs.")
    return Drawing(figure, alt, _caption(results), summary(final, ["variant", "depth"]), FAILED)


def _caption(results: Results) -> str:
    s = results.settings
    images = f"{s['n_train']} images of {s['dataset']}" if s["n_train"] else s["dataset"]
    return (f"Test accuracy with 1 to {s['depth']} hidden layers of {s['width']} units, "
            f"{s['epochs']} epochs on {images}. Each rule runs, at each depth, at the best of the "
            f"rates {', '.join(f'{rate:g}' for rate in RATES)} on images held out of the training "
            "set. Mean and standard deviation over seeds; dotted: chance.")


def answer(results: Results) -> str:
    """A rule trains at a depth if the interval of its accuracy is above chance."""
    final, chance = results.final(), results.chance
    reach = {name: _trained(rows, chance) for name, rows in final.groupby("variant", sort=False)}
    depths = sorted(set(final.depth))
    lead = (f"Here it does: FOTON trains at every depth tried, up to {layers(depths[-1])}"
            if reach["FOTON"] == depths else
            f"Not here: of {joined(map(str, depths))} layers FOTON trains with "
            f"{joined(map(str, reach['FOTON'])) if reach['FOTON'] else 'none'}")
    deep = final[final.depth == depths[-1]]
    ends = "; ".join(f"{name} {average(rows)}"
                     for name, rows in deep.groupby("variant", sort=False))
    loss = paired(final[final.variant == "FOTON"], "depth", depths[-1], depths[0])
    others = "; ".join(f"{name} with {joined(map(str, found)) if found else 'none'}"
                       for name, found in reach.items() if name != "FOTON")
    return (f"{lead}. The others train, by the number of layers: {others}. With "
            f"{layers(depths[-1])}: {ends}. FOTON's deepest network minus its shallowest: "
            f"{loss.words()}. {runs(results)}")


def _trained(rows, chance: float) -> list[int]:
    return [d for d, own in rows.groupby("depth") if estimate(own).trains(chance)]
