"""What a learning rule needs, measured on its own code: transport, locality, waiting, cost.

A rule is run once on a small random network while every tensor that it computes is followed. Time
is counted in *products*: how many products with a matrix (weights or feedback) have to come one
after the other before a signal is there. So h_l of a first pass is there after l products.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from topdown.network import Activity, forward
from topdown.recipes import Recipe
from topdown.rules import Batch, feedback_shapes, get_rule
from topdown.rules.forward_forward import Contrast
from topdown.training.state import initial_state, layer_sizes
from topdown.training.steppers import make_stepper

SIZES = (12, 9, 8, 7, 5)
"""Of the network that is followed: all different, so that a shape tells a matrix from its
transpose."""
_PRODUCTS = {"matmul", "__matmul__", "__rmatmul__", "mm", "bmm"}


@dataclass(frozen=True)
class Origin:
    """`ready`: products before the tensor is there; `since`: the same of the earliest activity
    that it needs as it was (infinite if it needs none)."""

    ready: int
    since: float = math.inf


class Trace(TorchFunctionMode):
    """Follows the tensors that depend on the sample, and the use of weights against their sense."""

    def __init__(self, weights: list[Tensor], sources: list[Tensor]):
        super().__init__()
        self.weights = {w.data_ptr(): (layer, w) for layer, w in enumerate(weights, start=1)}
        self.kept = [*weights, *sources]  # no id is used again while the tensor lives
        self.origins = {id(source): Origin(0) for source in sources}
        self.transposed: set[int] = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
        known = [self.origins[id(t)] for t in tensors if id(t) in self.origins]
        if known:
            fixed = [t for t in tensors if id(t) not in self.origins]
            origin = Origin(max(o.ready for o in known), min(o.since for o in known))
            if getattr(function, "__name__", "") in _PRODUCTS and fixed:
                origin = self._carried(origin, fixed[0])
            for tensor in tree_leaves(result):
                if isinstance(tensor, Tensor):
                    self.kept.append(tensor)
                    self.origins[id(tensor)] = origin
        return result

    def _carried(self, before: Origin, matrix: Tensor) -> Origin:
        """After a product with a fixed matrix; with W_l^T it makes an activity."""
        layer, w = self.weights.get(matrix.data_ptr(), (0, None))
        if w is None:
            return Origin(before.ready + 1)
        if matrix.shape == w.shape:
            self.transposed.add(layer)
            return Origin(before.ready + 1)
        return Origin(before.ready + 1, before.ready + 1)


class PlainBatch(Batch):
    """A batch whose second pass goes through F and every layer, without the library's shortcut."""

    def modulated_pass(self) -> Activity:
        x = self.x + self.options.sign * (self.error @ self.feedback.mT)
        return forward(self.weights, x, self.masks, self.options.normalization)


def small_problem(name: str, rows: int = 1, seed: int = 0) -> Batch | Contrast:
    """A batch of a random network of SIZES for the rule, in double precision."""
    gen, rule = torch.Generator().manual_seed(seed), get_rule(name)

    def draw(*shape):
        return torch.randn(*shape, generator=gen, dtype=torch.float64)

    sizes = SIZES if rule.objective == "error" else SIZES[:-1]
    weights = [draw(n, m) / m**0.5 for m, n in zip(sizes[:-1], sizes[1:])]
    labels = torch.eye(SIZES[-1], dtype=torch.float64)
    x, right, wrong = draw(rows, SIZES[0]).abs(), labels[:1].repeat(rows, 1), labels[1:2]
    if rule.objective == "goodness":
        return Contrast(weights, x, right, wrong.repeat(rows, 1))
    matrices = [draw(*shape) for shape in feedback_shapes(rule, sizes)]
    return PlainBatch(weights, x, right, matrices[0] if rule.feedback == "input" else matrices,
                      keys=torch.zeros(len(weights), dtype=torch.int32))


@dataclass(frozen=True)
class Timing:
    """transposed: layers whose weights the rule uses against their sense. locked: products until
    the first layer has learnt what it can from the first pass that teaches it. kept: per hidden
    layer, products for which its activity has to be kept as it was."""

    transposed: tuple[int, ...]
    locked: int
    kept: tuple[int, ...]


def timing(name: str) -> Timing:
    """Follow the rule through its half-steps; the weights stay as they are between them."""
    batch = small_problem(name)
    labels = [batch.target] if isinstance(batch, Batch) else [batch.right, batch.wrong]
    trace = Trace(batch.weights, [batch.x, *labels])
    with trace:
        updates = [half_step(batch) for half_step in get_rule(name).half_steps]
    layers = len(SIZES) - 2
    ready = [[max(trace.origins[id(t)].ready for term in update[k] for t in term)
              for k in range(layers)] for update in updates]
    since = [[min(trace.origins[id(term.post)].since for term in update[k])
              for k in range(layers)] for update in updates]
    kept = [max(int(r[k] - min(s[k], r[k])) for r, s in zip(ready, since)) for k in range(layers)]
    return Timing(tuple(sorted(trace.transposed)), min(r[0] for r in ready), tuple(kept))


# --- locality in space --------------------------------------------------------------------------


def foreign_part(name: str, seed: int = 0) -> float:
    """The part (0 to 1) of a hidden update that a layer's own activities do not make up.

    For one sample, |G_l - P G_l| / |G_l|, P the projection onto the products h_l^T h_{l-1} of the
    layer's activity and its input, each of any pass. 0: the update needs nothing but what is there
    at its synapses; the largest over the hidden layers.
    """
    batch = small_problem(name, seed=seed)
    passes = _passes(batch)
    updates = [half_step(batch) for half_step in get_rule(name).half_steps]
    return max(_outside(sum(t.post.mT @ t.pre for u in updates for t in u[k]),
                        [post[k].mT @ pre[k] for post, _ in passes for _, pre in passes])
               for k in range(len(SIZES) - 2))


def _passes(batch: Batch | Contrast) -> list[tuple[list[Tensor], list[Tensor]]]:
    """(activities h_1.., inputs h_0..) of every pass of the batch."""
    if isinstance(batch, Contrast):
        return [(p.activities, p.inputs) for p in (batch.positive, batch.negative)]
    done = [batch.first_pass()]
    if isinstance(batch.feedback, Tensor):
        done.append(batch.modulated_pass())
    return [(activity.activations[1:], activity.activations[:-1]) for activity in done]


def _outside(update: Tensor, local: list[Tensor]) -> float:
    basis = torch.stack([product.flatten() for product in local], dim=1)
    found = torch.linalg.lstsq(basis, update.flatten()[:, None], driver="gelsd").solution
    return float((update.flatten() - (basis @ found)[:, 0]).norm() / update.norm())


# --- cost ---------------------------------------------------------------------------------------


def _batched_product(_, a, b, **options) -> int:
    """Operations of v += a b for shapes a (R, m, k), b (R, k, n)."""
    return 2 * math.prod(a) * b[-1]


_IN_PLACE = {torch.ops.aten.baddbmm_: _batched_product}
"""PyTorch's counter does not know the product that adds to a tensor in place."""


def multiply_adds(recipe: Recipe, inputs: int, classes: int) -> float:
    """Multiply-adds per sample of one training step, counted while the step runs."""
    sizes = layer_sizes(recipe, inputs, classes)
    stepper = make_stepper(recipe, initial_state(recipe, sizes, [0]), classes)
    x = torch.rand(1, recipe.batch, inputs)
    target = torch.eye(classes)[torch.arange(recipe.batch) % classes][None]
    keys = torch.zeros(1, max(len(sizes), 2), dtype=torch.int32)
    second = keys[:, :1] if get_rule(recipe.rule).objective == "goodness" else None
    with FlopCounterMode(display=False, custom_mapping=_IN_PLACE) as counter:
        stepper.step(x, target, recipe.lr, keys, second,
                     **{"rule_keys": keys} if get_rule(recipe.rule).random else {})
        if recipe.mirror_every:
            stepper.mirror(keys)
    return counter.get_total_flops() / 2 / recipe.batch
