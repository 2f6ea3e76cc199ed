"""Checked parameters: what a notebook or `topdown run --set` may change, with types and bounds."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from topdown.errors import UsageError, unknown

PROFILES = ("auto", "smoke", "laptop", "paper")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a figure. `None` as a value always means: as the profile says.

    kind: int, float, str, bool or "list" (comma-separated names, each one of `choices`).
    """

    name: str
    kind: type | str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, value, figure: str):
        """The value, as a tuple for a list; UsageError that says what would be right."""
        if value is None:
            return None
        checked = self._typed(value)
        parts = checked if self.kind == "list" else (checked,)
        if checked is None or not parts or any(not self._allowed(part) for part in parts):
            raise UsageError(f"{figure}: {self.name}={value!r} is not {self.description()}")
        return checked

    def _typed(self, value):
        if self.kind == "list":
            parts = value.split(",") if isinstance(value, str) else value
            if not isinstance(parts, list | tuple):
                return None
            return tuple(part.strip() if isinstance(part, str) else part for part in parts)
        if self.kind is float and type(value) is int:
            return float(value)
        return value if type(value) is self.kind else None

    def _allowed(self, value) -> bool:
        if self.choices:
            return value in self.choices
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)

    def description(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            some = "one or more of" if self.kind == "list" else "one of"
            return f"{some} {', '.join(self.choices)}"
        words = {int: "a whole number", float: "a number", bool: "True or False", str: "a text"}
        bounds = [f"at least {self.low:g}"] if self.low is not None else []
        bounds += [f"at most {self.high:g}"] if self.high is not None else []
        return " ".join([words[self.kind], " and ".join(bounds)]).strip()

    def parse(self, text: str, figure: str):
        """The checked value of a text from the command line."""
        if text.lower() in ("none", ""):
            return None
        if self.kind in (str, "list"):
            return self.check(text, figure)
        try:
            return self.check(ast.literal_eval(text), figure)
        except (SyntaxError, ValueError) as error:
            if isinstance(error, UsageError):
                raise
            wrong = f"{figure}: {self.name}={text!r} is not {self.description()}"
            raise UsageError(wrong) from None


def check_all(parameters: tuple[Parameter, ...], given: dict, figure: str) -> dict:
    """Every given value checked; UsageError for a name that is not a parameter."""
    known = {p.name: p for p in parameters}
    for name in given:
        if name not in known:
            raise UsageError(unknown(f"parameter for {figure}:", name, known))
    return {name: known[name].check(value, figure) for name, value in given.items()}


class Settings(dict):
    """The values of all parameters, which remember what was read of them.

    A parameter that nothing reads is a promise not kept. A copy counts as reading everything.
    held: where the published sizes are shown as far as they have been trained, recipe -> seeds.
    """

    def __init__(self, *values, **named):
        super().__init__(*values, **named)
        self.read: set[str] = set()
        self.held: dict | None = None

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.read.add(name)
        return super().get(name, default)

    def __iter__(self):  # or `{**settings}` would copy without a word
        self.read.update(super().keys())
        return super().__iter__()

    def unread(self, parameters) -> list[str]:
        """The names of `parameters` that nothing has read."""
        return [p.name for p in parameters if p.name not in self.read]


PROFILE = Parameter("profile", str, "which profile of sizes to show", choices=PROFILES)
SEEDS = Parameter("seeds", int, "number of seeds: 0, 1, ...", low=1, high=100)
EPOCHS = Parameter("epochs", int, "epochs of training", low=1, high=1000)
WIDTH = Parameter("width", int, "units in each hidden layer", low=1, high=16384)
DATASET = Parameter("dataset", str, "data set",
                    choices=("digits", "mnist", "fashion-mnist", "cifar10", "cifar100"))
DATASETS = Parameter("datasets", "list", "data sets", choices=DATASET.choices)
DEPTH = Parameter("depth", int, "number of hidden layers", low=1, high=10)
COMMON = (PROFILE, SEEDS, EPOCHS, WIDTH, DATASET)
SEVERAL = (PROFILE, SEEDS, EPOCHS, WIDTH, DATASETS)
