"""Figure 3: PEPITA with depth (a), with weight decay (b), and the alignment of F (c)."""

from __future__ import annotations

from topdown.recipes import Recipe
from topdown_book.experiments._base import Case, Experiment, decay_epochs
from topdown_book.parameters import COMMON, Parameter

VARIANTS = {
    "uniform": dict(rule="pepita", initialization="he_uniform", feedback="uniform"),
    "normal": dict(rule="pepita", initialization="he_normal", feedback="normal"),
    "hebbian": dict(rule="pepita-hebbian", initialization="he_normal", feedback="normal"),
}
NAMES = {"uniform": "PEPITA uniform", "normal": "PEPITA normal", "hebbian": "PEPITA-Hebbian"}
WEIGHT_DECAY = 1e-4
MIRRORING = {
    "no mirroring": dict(),
    "WM": dict(mirror_every=1),
    "PreM": dict(premirror_epochs=1),
    "PreM + WM": dict(premirror_epochs=1, mirror_every=1),
}


def cases(settings: dict) -> list[Case]:
    """Panels a and b: variants x depths x {no weight decay, weight decay}; panel c: mirroring."""
    common = dict(dataset=settings["dataset"], epochs=settings["epochs"],
                  decay_epochs=decay_epochs(settings["epochs"]))
    depths = range(1, settings["depth"] + 1)
    trained = [
        Case(Recipe(hidden=(settings["width"],) * depth, weight_decay=decay,
                    **VARIANTS[variant], **common),
             dict(panel="depth", variant=NAMES[variant], depth=depth, weight_decay=decay))
        for variant in settings["rules"] for depth in depths for decay in (0.0, WEIGHT_DECAY)
    ]
    mirrored = [
        Case(Recipe(hidden=(settings["width"],), **VARIANTS["normal"], **common, **options),
             dict(panel="mirroring", variant=name, depth=1, weight_decay=0.0))
        for name, options in MIRRORING.items()
    ]
    return trained + mirrored


FIG3 = Experiment(
    name="fig3",
    title="Deeper networks, weight decay, and the alignment of the feedback",
    parameters=(
        *COMMON,
        Parameter("depth", int, "largest number of hidden layers", low=1, high=10),
        Parameter("rules", "list", "which variants to train", choices=tuple(VARIANTS)),
    ),
    profiles={
        "smoke": dict(dataset="digits", width=64, depth=3, epochs=20, seeds=2,
                      rules=tuple(VARIANTS)),
        "laptop": dict(dataset="cifar10", width=256, depth=3, epochs=5, seeds=3,
                       rules=tuple(VARIANTS)),
        "paper": dict(dataset="cifar10", width=1024, depth=3, epochs=100, seeds=10,
                      rules=tuple(VARIANTS)),
    },
    cases=cases,
    metrics=("test_accuracy", "angle_total"),
)
