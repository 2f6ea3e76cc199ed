"""What a learning rule is, and which there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from topdown.errors import unknown
from topdown.recipes.names import RULES

FEEDBACK = (None, "input", "layers", "direct")


@dataclass(frozen=True)
class Rule:
    """A learning rule: its half-steps, and the kind of feedback it needs.

    half_steps: functions of a `Batch` (one for all but the time-local form), applied in order, each
    on the weights that the one before has left. feedback: None, "input" (F, D x C), "layers" (like
    W_2..W_L) or "direct" (C x n_l each). objective: "error" (softmax output, e = y - t) or
    "goodness" (no output layer: Forward-Forward). random: the rule draws random numbers.
    """

    name: str
    half_steps: tuple[Callable, ...]
    feedback: str | None
    objective: str = "error"
    random: bool = False


_OWN: set[str] = set()


def register(name: str, *half_steps: Callable, feedback: str | None = None,
             random: bool = False) -> Rule:
    """Add a rule of one's own, without editing the package: `Recipe(rule=name)` trains by it.

    half_steps: see `Rule`; each takes a `Batch` and returns for every layer l = 1..L the terms
    (post, pre) of B G_l, what gradient descent subtracts. random: the rule calls `Batch.noise`.
    A rule of one's own may be registered again, in the place of the earlier one.

        def sign_dfa(batch):
            return topdown.rules.dfa.direct_projection(batch, batch.error.sign())

        topdown.rules.register("sign-dfa", sign_dfa, feedback="direct")

    ValueError for a name that is taken or has other letters than a-z, 0-9 and -, for no function,
    or for an unknown kind of feedback.
    """
    if not re.fullmatch("[a-z][a-z0-9-]*", str(name)) or name in RULES.keys() - _OWN:
        raise ValueError(f"rule name {name!r} is taken, or not of a-z, 0-9 and -; choose another")
    if not half_steps or not all(map(callable, half_steps)):
        raise ValueError(f"rule {name!r}: {half_steps} is no function; give one that takes a Batch")
    if feedback not in FEEDBACK:
        raise ValueError(unknown("feedback", feedback, FEEDBACK))
    _OWN.add(name)
    RULES[name] = Rule(name, half_steps, feedback, random=random)
    return RULES[name]


def get_rule(name: str) -> Rule:
    """The rule of that name; ValueError with the nearest known name otherwise."""
    if name not in RULES:
        raise ValueError(unknown("rule", name, RULES))
    return RULES[name]
