"""Table 1: the rules' biological properties (measured, see `topdown.properties`) and accuracy."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments import figs1
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.ff import FORWARD_FORWARD, own_recipe
from topdown_book.experiments.fig3 import VARIANTS
from topdown_book.parameters import COMMON, Parameter

REFERENCES = {"BP": "bp", "FA": "fa", "DFA": "dfa", "DRTP": "drtp"}
FF = "Forward-Forward"
TIME_LOCAL = "PEPITA-TL"
TIME_LOCAL_OPTIONS = dict(**figs1.TIME_LOCAL, lr=1e-4, weight_decay=1e-4,
                          initialization="he_normal", feedback="normal",
                          feedback_scale=figs1.READINGS["as typed"])
"""The recipe of Figure S1's caption, which is for CIFAR-10; none for MNIST is known."""
VARIANT_OPTIONS = {
    **{name: dict(rule=rule, initialization="he_normal") for name, rule in REFERENCES.items()},
    "PEPITA": VARIANTS["normal"],
    "PEPITA-Hebbian": VARIANTS["hebbian"],
    "PEPITA + WM": dict(**VARIANTS["normal"], mirror_every=1),
    TIME_LOCAL: TIME_LOCAL_OPTIONS,
}


def cases(settings: dict) -> list[Case]:
    """One recipe a rule; all but Forward-Forward with one hidden layer."""
    epochs = settings["epochs"]
    found = [_case(settings, name, (settings["width"],), decay_epochs=_decay(name, epochs),
                   **options) for name, options in VARIANT_OPTIONS.items()]
    layers = (settings["ff_width"],) * settings["ff_depth"]
    return [*found, _case(settings, FF, layers, **own_recipe(epochs, **FORWARD_FORWARD["FF"]))]


def _decay(name: str, epochs: int) -> tuple[int, ...]:
    """Time-local: at half of the run, as in Figure S1."""
    return ((epochs + 1) // 2,) if name == TIME_LOCAL else decay_epochs(epochs)


def _case(settings: dict, name: str, hidden: tuple, **options) -> Case:
    recipe = Recipe(dataset=settings["dataset"], epochs=settings["epochs"], hidden=hidden,
                    **options)
    return Case(recipe, dict(variant=name))


TAB1 = Experiment(
    name="tab1",
    title="Properties of the rules and their accuracy",
    parameters=(
        *COMMON,
        Parameter("ff_width", int, "units in each layer of Forward-Forward", low=1, high=16384),
        Parameter("ff_depth", int, "layers of Forward-Forward", low=1, high=10),
    ),
    profiles={
        "smoke": dict(dataset="digits", width=64, epochs=20, seeds=2, ff_width=64, ff_depth=2),
        "laptop": dict(dataset="mnist", width=256, epochs=5, seeds=3, ff_width=256, ff_depth=2),
        "paper": dict(dataset="mnist", width=1024, epochs=100, seeds=10, ff_width=1000,
                      ff_depth=3),
    },
    cases=cases,
)
