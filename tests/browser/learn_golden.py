"""Golden vectors for the page's JavaScript: what the library computes, in double precision."""

import torch

from topdown import Recipe, gradients
from topdown import feedback as fb
from topdown.data import load
from topdown.random import counter_normal, draw_keys, generator
from topdown.training.state import initial_state
from topdown.training.steppers import make_stepper

NAMES = {"bp": "bp", "fa": "fa", "dfa": "dfa", "pepita": "pepita", "pepita-hebbian": "hebbian",
         "afa": "afa"}
"""The page's name of each rule."""
USES_F = ("pepita", "pepita-hebbian", "afa")
STEPS, ROWS = 20, 8


def golden(rule: str, hidden: tuple[int, ...], mirroring: bool = False) -> dict:
    """Twenty steps of the library's own stepper on digits, with momentum: start, way and end."""
    recipe = Recipe(dataset="digits", rule=rule, hidden=hidden, batch=ROWS, lr=0.1, dropout=0,
                    feedback="normal", feedback_scale=0.3, mirror_every=int(mirroring))
    sizes = [64, *hidden, 10]
    stepper = make_stepper(recipe, initial_state(recipe, sizes, [3], dtype=torch.float64), 10)
    state, data, eye = stepper.state, load("digits"), torch.eye(10, dtype=torch.float64)
    start = dict(rule=NAMES[rule], lr=recipe.lr, momentum=recipe.momentum, spread=stepper.spread,
                 rate=recipe.mirror_rate, decay=recipe.mirror_decay, weights=plain(state.weights),
                 feedback=plain(state.feedback), factors=plain(state.factors), steps=[])
    for number in range(STEPS):
        places = torch.arange(number * ROWS, (number + 1) * ROWS)
        x = data.train_images[places].double() / 255
        target = eye[data.train_labels[places].long()]
        if number == 0:
            start["gradients"] = plain(gradients(
                rule, [w[0] for w in state.weights], x, target, own(state.feedback)), alone=True)
        noise = one_step(stepper, recipe, x, target, generator(number, "mirroring"))
        start["steps"].append(dict(x=x.tolist(), target=target.tolist(), noise=noise))
    return start | {"after": after(state, rule)}


def one_step(stepper, recipe, x, target, draw):
    """A step, and one of mirroring if the recipe mirrors; returns the noise of the latter."""
    stepper.step(x[None], target[None], recipe.lr)
    if not recipe.mirror_every:
        return None
    keys = draw_keys(draw, 1, len(stepper.state.weights))
    stepper.mirror(keys)
    noise = [0.1 * counter_normal(keys[0, layer], (ROWS, w.shape[-1]), w.dtype)
             for layer, w in enumerate(stepper.state.weights)]
    return [(xi - xi.mean(0)).tolist() for xi in noise]


def after(state, rule) -> dict:
    found = {"weights": plain(state.weights), "feedback": plain(state.feedback)}
    if rule in USES_F:
        angles = fb.alignment_angles(state.weights, state.feedback)
        found["angle"] = float(angles["angle_adaptive"])
    return found


def own(feedback):
    """Of the only replica."""
    return [f[0] for f in feedback] if isinstance(feedback, list) else (
        None if feedback is None else feedback[0])


def plain(tensors, alone=False):
    """As lists; tensors of replicas are those of the first."""
    if tensors is None:
        return None
    if isinstance(tensors, torch.Tensor):
        return tensors[0].tolist()
    return [(t if alone else t[0]).tolist() for t in tensors]
