"""A small convolutional network, trained by BP, FA, PEPITA or PEPITA-Hebbian, R replicas at once.

One convolution of k x k without biases or padding, ReLU, 2 x 2 maximum pooling, one dense layer,
softmax. A convolution is a dense layer that sees every patch of the image: with the patches as
rows, (B P, c k k), each rule is what it is for dense layers, summed over the P places of a patch.
Pooling sends a dense layer's error back to the place of the maximum (BP, FA); PEPITA needs no
such way back, since both its passes run forwards.

`kernel_update` of the recipe: "rule" as above; "ancestor" as in the released code of PEPITA (2022),
whose kernels get the update with the opposite sign, averaged over the places, and divided by the
batch once more: -1 / (B P) times the rule, 1/11520 of it for B = 20 images of MNIST and 5 x 5
kernels; "frozen": the kernels stay as they were drawn.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d, max_unpool2d

from topdown import feedback as fb
from topdown.network import he_draw
from topdown.random import generator
from topdown.recipes import Recipe
from topdown.rules._batch import Outer, Update
from topdown.training.state import State
from topdown.training.stepper import Stepper, apply_update

POOL = 2
_ROWS = 250
"""Images that are predicted together, so that their patches fit into memory."""


class Shape(NamedTuple):
    """An image of `channels` x `height` x `width`, and kernels of `size` x `size`."""

    channels: int
    height: int
    width: int
    size: int

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of places of the kernel."""
        return self.height - self.size + 1, self.width - self.size + 1

    @property
    def patch(self) -> int:
        return self.channels * self.size**2

    def pooled(self, kernels: int) -> int:
        """Length of what the dense layer sees."""
        rows, columns = self.grid
        return kernels * (rows // POOL) * (columns // POOL)


class Pass(NamedTuple):
    """patches u (..., B, P, q), activity h (..., B, P, n), pooled (..., B, m), output (..., B, C).

    places: where in the grid each maximum was found, as `max_pool2d` counts.
    """

    patches: Tensor
    activity: Tensor
    pooled: Tensor
    output: Tensor
    places: Tensor


def patches(x: Tensor, shape: Shape) -> Tensor:
    """Every patch of the images x (..., B, D), flattened: (..., B, P, c k k)."""
    images = x.view(*x.shape[:-1], shape.channels, shape.height, shape.width)
    cut = images.unfold(-2, shape.size, 1).unfold(-2, shape.size, 1)
    cut = cut.movedim(-5, -3)  # (..., rows, columns, channels, k, k)
    return cut.flatten(-3).flatten(-3, -2)


def forward(weights, x: Tensor, shape: Shape) -> Pass:
    """One pass; weights: kernels (..., n, c k k) and the dense layer (..., C, m)."""
    kernels, dense = weights
    u = patches(x, shape)
    h = torch.relu(u @ kernels.mT.unsqueeze(-3))
    maps = h.mT.reshape(-1, h.shape[-1], *shape.grid)
    pooled, places = max_pool2d(maps, POOL, return_indices=True)
    pooled = pooled.reshape(*h.shape[:-2], -1)
    return Pass(u, h, pooled, torch.softmax(pooled @ dense.mT, -1), places)


def unpool(signal: Tensor, passed: Pass, shape: Shape) -> Tensor:
    """`signal` (..., B, m) at the places of the maxima, (..., B, P, n), where the ReLU is open."""
    size = shape.grid
    maps = max_unpool2d(signal.reshape(passed.places.shape), passed.places, POOL, output_size=size)
    spread = maps.flatten(2).mT.reshape(passed.activity.shape)
    return spread * (passed.activity > 0)


def _rows(tensor: Tensor) -> Tensor:
    """Images and places as rows: (..., B P, n)."""
    return tensor.flatten(-3, -2)


def backward_update(clean: Pass, error, carrier, shape: Shape) -> Update:
    """BP with the dense weights as `carrier` (..., C, m), FA with a fixed random matrix."""
    delta = unpool(error @ carrier, clean, shape)
    return [[Outer(_rows(delta), _rows(clean.patches))], [Outer(error, clean.pooled)]]


def pepita_update(clean: Pass, modulated: Pass, error) -> Update:
    """G_1 = sum over places (h - h')^T u', G_2 = e^T pooled'."""
    difference = clean.activity - modulated.activity
    return [[Outer(_rows(difference), _rows(modulated.patches))],
            [Outer(error, modulated.pooled)]]


def hebbian_update(clean: Pass, modulated: Pass, target) -> Update:
    """G_1 = sum over places h^T u - h'^T u', G_2 = y^T pooled - t^T pooled'."""
    return [[Outer(_rows(clean.activity), _rows(clean.patches)),
             Outer(_rows(-modulated.activity), _rows(modulated.patches))],
            [Outer(clean.output, clean.pooled), Outer(-target, modulated.pooled)]]


def update(rule: str, weights, x, target, feedback, shape: Shape) -> tuple[Update, Tensor]:
    """The outer products of B G_l for both layers, and y of the first pass."""
    clean = forward(weights, x, shape)
    error = clean.output - target
    if rule in ("bp", "fa"):
        carrier = weights[1] if rule == "bp" else feedback
        return backward_update(clean, error, carrier, shape), clean.output
    modulated = forward(weights, x - error @ feedback.mT, shape)
    if rule == "pepita":
        return pepita_update(clean, modulated, error), clean.output
    return hebbian_update(clean, modulated, target), clean.output


class ConvolutionStepper(Stepper):
    """Trains the replicas of one convolutional recipe on batch after batch."""

    def __init__(self, recipe: Recipe, state: State, shape: Shape):
        self.recipe, self.state, self.shape, self.stacked = recipe, state, shape, None
        self.replicas, self.inputs = len(state.weights[0]), shape.channels * shape.height * (
            shape.width)
        self.x = state.weights[0].new_empty(self.replicas, recipe.batch, self.inputs)

    @property
    def second_draw(self) -> None:
        return None

    def step(self, x: Tensor, target: Tensor, lr: float, keys=None, second_keys=None) -> Tensor:
        """One update on x (R, B, D); returns y of pass 1, (R, B, C)."""
        recipe, state = self.recipe, self.state
        made, output = update(recipe.rule, state.weights, x, target, state.feedback, self.shape)
        if recipe.kernel_update == "ancestor":
            share = -1 / (recipe.batch * math.prod(self.shape.grid))
            made[0] = [Outer(share * post, pre) for post, pre in made[0]]
        first = int(recipe.kernel_update == "frozen")
        apply_update(state.weights[first:], state.velocities[0][first:], made[first:], recipe, lr,
                     recipe.batch, recipe.weight_decay)
        return output

    def predict(self, x: Tensor) -> Tensor:
        parts = [forward(self.state.weights, part.expand(self.replicas, -1, -1), self.shape).output
                 for part in x.split(_ROWS)]
        return torch.cat(parts, dim=-2)

    def measures(self) -> dict[str, Tensor]:
        return {}


def convolution_stepper(recipe: Recipe, image, classes: int, seeds, device="cpu",
                        dtype=torch.float32) -> ConvolutionStepper:
    """A stepper with its initial state; `image` is (channels, height, width)."""
    shape = Shape(*image, recipe.kernel_size)
    drawn = [_draw(recipe, shape, classes, seed) for seed in seeds]
    weights = [torch.stack(layer).to(device, dtype) for layer in zip(*(d[0] for d in drawn))]
    feedback = torch.stack([d[1] for d in drawn]).to(device, dtype)
    velocities = [[torch.zeros_like(w) for w in weights]]
    return ConvolutionStepper(recipe, State(weights, velocities, feedback), shape)


def _draw(recipe: Recipe, shape: Shape, classes: int, seed: int) -> tuple[list[Tensor], Tensor]:
    draw, pooled = generator(seed, "weights"), shape.pooled(recipe.kernels)
    weights = [he_draw((n, fan_in), fan_in, recipe.initialization, draw)
               for n, fan_in in ((recipe.kernels, shape.patch), (classes, pooled))]
    draw, inputs = generator(seed, "feedback"), shape.channels * shape.height * shape.width
    if recipe.rule in ("bp", "fa"):
        return weights, he_draw((classes, pooled), pooled, recipe.initialization, draw)
    return weights, fb.uniform_feedback([inputs, classes], recipe.feedback_scale, draw)
