"""The learning rules: one short function a file, from activations and errors to updates.

A rule takes a `Batch` and returns, for every layer, the outer products whose sum is B G_l. Every
file of this folder whose name does not begin with _ holds one rule, RULE, and is found by that;
`register` adds rules from outside.
"""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules

from topdown.errors import unknown
from topdown.random import draw_keys, generator
from topdown.recipes.names import NORMALIZATIONS
from topdown.rules._batch import Batch, Options, Outer, Update, summed
from topdown.rules._registry import RULES, Rule, get_rule, register
from topdown.rules.forward_forward import ff_gradients

for _file in iter_modules(__path__):
    if not _file.name.startswith("_"):
        _found = import_module(f"{__name__}.{_file.name}").RULE
        RULES[_found.name] = _found

__all__ = ["Batch", "Options", "Outer", "RULES", "Rule", "Update", "ff_gradients", "gradients",
           "get_rule", "register", "summed"]

_CHOICES = {
    "presynaptic": ("modulated", "clean"),
    "sign": (-1, 1),
    "output_error": ("first", "second"),
    "difference_mask": ("once", "twice"),
    "backward_masks": ("chain", "end"),
    "normalization": NORMALIZATIONS,
}


def make_options(**options) -> Options:
    """Options with every name and value checked; ValueError names what is wrong."""
    for name, value in options.items():
        if name not in _CHOICES:
            raise ValueError(unknown("option", name, [f.name for f in fields(Options)]))
        if value not in _CHOICES[name]:
            raise ValueError(f"option {name}={value!r} is not one of {_CHOICES[name]}")
    return Options(**options)


def gradients(rule, weights, x, target, feedback=None, seed=0, **options):
    """What gradient descent subtracts, [G_1, ..., G_L], for one network and one batch, no dropout.

    rule: bp fa dfa drtp pepita pepita-hebbian afa, or a registered one. weights: [(n_l, n_{l-1})];
    x (B, D); target one-hot (B, C). feedback: F (D, C) for pepita, pepita-hebbian, afa; for fa
    [B_2..B_L] shaped like W_l; for dfa, drtp [B_1..B_{L-1}], each (C, n_l). seed: of a rule that
    draws random numbers. G_l is a mean over the batch.

    Options: `presynaptic="modulated" | "clean"`, `sign=-1 | +1`, `output_error="first" | "second"`
    (PEPITA family); `normalization=None | "sample" | "batch"` (all rules).

    Raises ValueError for an unknown rule, option or value, for shapes that do not fit, for a rule
    of two half-steps (its second depends on the learning rate: use the trainer), and for AFA with
    a number of hidden layers other than one.
    """
    rule = get_rule(rule)
    if rule.objective == "goodness":
        raise ValueError(f"{rule.name} has no output layer and needs wrong labels too; "
                         "use topdown.rules.ff_gradients")
    if len(rule.half_steps) > 1:
        raise ValueError(f"{rule.name} updates the weights between its passes; it has no single "
                         "gradient. Use pepita-hebbian, its limit for small learning rates")
    weights = list(weights)
    check_shapes(rule, weights, x, target, feedback)
    keys = draw_keys(generator(seed, "rule"), len(weights)) if rule.random else None
    batch = Batch(weights, x, target, feedback, make_options(**options), keys=keys)
    return summed(rule.half_steps[0](batch), weights, x.shape[-2])


def check_shapes(rule: Rule, weights, x, target, feedback) -> None:
    """ValueError that names the first tensor whose shape does not fit the others."""
    sizes = [x.shape[-1], *(w.shape[-2] for w in weights)]
    for layer, w in enumerate(weights, start=1):
        _expect(f"W_{layer}", w, (sizes[layer], sizes[layer - 1]))
    _expect("target", target, (x.shape[-2], sizes[-1]))
    if rule.name == "afa" and len(weights) != 2:
        raise ValueError(f"afa is defined for one hidden layer, not {len(weights) - 1}; "
                         "use pepita for deeper networks")
    shapes = feedback_shapes(rule, sizes)
    given = [feedback] if rule.feedback == "input" else list(feedback or [])
    if len(given) != len(shapes) or any(f is None for f in given):
        raise ValueError(f"{rule.name} needs {len(shapes)} feedback matrices of shapes {shapes}; "
                         f"got {sum(f is not None for f in given)}")
    for number, (f, shape) in enumerate(zip(given, shapes)):
        _expect(f"feedback[{number}]", f, shape)


def feedback_shapes(rule: Rule, sizes) -> list[tuple[int, int]]:
    """Shapes of the feedback matrices for layer sizes [D, n_1, ..., C]."""
    match rule.feedback:
        case "input":
            return [(sizes[0], sizes[-1])]
        case "layers":
            return [(n, fan_in) for fan_in, n in zip(sizes[1:-1], sizes[2:])]
        case "direct":
            return [(sizes[-1], n) for n in sizes[1:-1]]
        case _:
            return []


def _expect(name, tensor, shape) -> None:
    if tuple(tensor.shape[-2:]) != tuple(shape):
        raise ValueError(f"{name} has shape {tuple(tensor.shape)}, expected {tuple(shape)}")
