"""Questions that reviewers asked and the paper leaves open, each with an experiment of its own."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments import tab2
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.experiments.ff import own_recipe
from topdown_book.experiments.fig3 import NAMES, VARIANTS, WEIGHT_DECAY
from topdown_book.experiments.figs1 import READINGS
from topdown_book.parameters import COMMON, DATASETS, EPOCHS, PROFILE, SEEDS, WIDTH, Parameter

SMOKE = dict(dataset="digits", width=64, epochs=20, seeds=2)


def _recipe(settings: dict, depth: int = 1, **options) -> Recipe:
    """The usual recipe of one experiment, with `options` in the place of what it would say."""
    epochs = settings["epochs"]
    return Recipe(**{"dataset": settings["dataset"], "hidden": (settings["width"],) * depth,
                     "epochs": epochs, "decay_epochs": decay_epochs(epochs), **options})


# --- does the time-local rule meet PEPITA-Hebbian as the rate falls? ----------------------------

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
TIME_LOCAL, HEBBIAN = "time-local", NAMES["hebbian"]


def time_local_cases(settings: dict) -> list[Case]:
    """Both rules, from equal initial states, with F as strong as in the caption of Figure S1."""
    rules = {TIME_LOCAL: "pepita-time-local", HEBBIAN: "pepita-hebbian"}
    same = dict(initialization="he_normal", feedback="normal", feedback_scale=READINGS["as typed"])
    return [Case(_recipe(settings, rule=rule, lr=rate, **same), dict(variant=name, rate=rate))
            for name, rule in rules.items() for rate in RATES]


TIME_LOCAL_RATE = Experiment(
    name="time_local_rate",
    title="The time-local rule and PEPITA-Hebbian as the learning rate falls",
    parameters=COMMON,
    profiles={
        "smoke": SMOKE,
        "laptop": dict(dataset="mnist", width=256, epochs=5, seeds=3),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10),
    },
    cases=time_local_cases,
)


# --- how deep? ----------------------------------------------------------------------------------

DEPTHS = (1, 2, 3, 4, 6)
DEPTH_RATES = (0.01, 0.001)
"""The rate of all other figures, and one at which deep networks stay finite."""


def depth_cases(settings: dict) -> list[Case]:
    """PEPITA and PEPITA-Hebbian with weight decay; up to three layers at 0.01 are Table S1's."""
    rules = {NAMES[name]: {**VARIANTS[name], "weight_decay": WEIGHT_DECAY}
             for name in ("normal", "hebbian")}
    depths = [depth for depth in DEPTHS if depth <= settings["depth"]]
    return [Case(_recipe(settings, depth, lr=rate, **options),
                 dict(variant=f"{name}, rate {rate:g}", depth=depth))
            for rate in DEPTH_RATES for name, options in rules.items() for depth in depths]


DEPTH = Experiment(
    name="depth",
    title="Beyond three hidden layers",
    parameters=(*COMMON, Parameter("depth", int, "largest number of hidden layers", low=1,
                                   high=max(DEPTHS))),
    profiles={
        "smoke": dict(**SMOKE, depth=6),
        "laptop": dict(dataset="mnist", width=256, epochs=5, seeds=3, depth=6),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10, depth=6),
    },
    cases=depth_cases,
    metrics=("test_accuracy", "angle_total"),
)


# --- weight decay together with normalisation and mirroring -------------------------------------


def decay_cases(settings: dict) -> list[Case]:
    """The rows of PEPITA of Table 2, without and with weight decay."""
    decayed = {"weight decay", "both"}
    plain = {"none": "plain", "weight decay": "plain", "both": "normalisation"}
    found = []
    for case in tab2.cases(settings):
        technique, rule = case.labels["technique"], case.labels["variant"]
        if rule in tab2.MIRRORED:
            labels = dict(dataset=case.labels["dataset"], decay=technique in decayed,
                          technique=f"{rule}, {plain.get(technique, technique)}")
            found.append(Case(case.recipe, labels, case.optional))
    return found


WEIGHT_DECAY_EFFECT = Experiment(
    name="weight_decay_effect",
    title="What weight decay adds to normalisation and mirroring",
    parameters=(PROFILE, SEEDS, EPOCHS, WIDTH, DATASETS),
    profiles=tab2.TAB2.profiles,
    cases=decay_cases,
)


# --- is the modulated sample a negative sample? -------------------------------------------------


def modulation_cases(settings: dict) -> list[Case]:
    """PEPITA at its usual strength of F and at that of Figure S1's caption; Forward-Forward."""
    makers = {
        NAMES["normal"]: dict(VARIANTS["normal"]),
        "PEPITA, F of Figure S1": {**VARIANTS["normal"], "lr": 1e-4,
                                   "feedback_scale": READINGS["as typed"]},
        "Forward-Forward": own_recipe(settings["epochs"]),
    }
    return [Case(_recipe(settings, settings["depth"], probe="modulation", **options),
                 dict(variant=name)) for name, options in makers.items()]


MODULATION = Experiment(
    name="modulation",
    title="How far the second sample is from the first",
    parameters=(*COMMON, Parameter("depth", int, "number of hidden layers", low=1, high=10)),
    profiles={
        "smoke": dict(**SMOKE, depth=2),
        "laptop": dict(dataset="mnist", width=256, epochs=5, seeds=3, depth=2),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10, depth=2),
    },
    cases=modulation_cases,
    metrics=("modulation",),
)


# --- how far could mirroring go? ----------------------------------------------------------------

FEEDBACKS = {
    "fixed F": VARIANTS["normal"],
    "weight mirroring": dict(**VARIANTS["normal"], mirror_every=1),
    "oracle": {**VARIANTS["normal"], "feedback": "oracle"},
    "BP": dict(rule="bp", initialization="he_normal"),
}


def oracle_cases(settings: dict) -> list[Case]:
    """One network, four ways to send the error back; all but the oracle are Table 2's."""
    return [Case(_recipe(settings, settings["depth"], **options), dict(variant=name))
            for name, options in FEEDBACKS.items()]


ORACLE = Experiment(
    name="oracle",
    title="Feedback from the current weights: the upper bound of mirroring",
    parameters=(*COMMON, Parameter("depth", int, "number of hidden layers", low=1, high=10)),
    profiles={
        "smoke": dict(**SMOKE, depth=1),
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3, depth=1),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10, depth=1),
    },
    cases=oracle_cases,
    metrics=("test_accuracy", "angle_total"),
)


# --- does pre-mirroring change the angle before the first epoch? --------------------------------

PREMIRROR_EPOCHS = (0, 1, 2, 4)


def premirroring_cases(settings: dict) -> list[Case]:
    """PEPITA after 0 to 4 epochs of pre-mirroring; 0 and 1 are Figure 3c's recipes."""
    return [Case(_recipe(settings, premirror_epochs=count, **VARIANTS["normal"]),
                 dict(premirrored=count)) for count in PREMIRROR_EPOCHS]


PREMIRRORING = Experiment(
    name="premirroring",
    title="The angle before the first epoch",
    parameters=COMMON,
    profiles={
        "smoke": SMOKE,
        "laptop": dict(dataset="cifar10", width=256, epochs=5, seeds=3),
        "paper": dict(dataset="cifar10", width=1024, epochs=100, seeds=10),
    },
    cases=premirroring_cases,
    metrics=("angle_total", "test_accuracy"),
)
