"""Who is timed: each function returns a function that performs one training step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy

from topdown.random import draw_keys, generator
from topdown.training.state import initial_state, layer_sizes
from topdown.training.stepper import Stepper, gather
from topdown.training.steppers import make_stepper
from topdown_book.bench._problem import Problem, forever

LR = 1e-3
STEPS = 20
"""Batches that a contestant walks through before it meets the first again."""


def our_stepper(problem: Problem) -> Stepper:
    """The library's stepper with its initial state."""
    recipe, classes = problem.recipe(), problem.sizes[-1]
    sizes, device = layer_sizes(recipe, problem.sizes[0], classes), torch.get_default_device()
    with torch.device("cpu"):  # where the generators are
        state = initial_state(recipe, sizes, range(problem.replicas), device)
    return make_stepper(recipe, state, classes)


def our_step(problem: Problem, steps: int = STEPS) -> Callable[[], None]:
    """The library's step, gathering from uint8 and dropout included."""
    stepper, one_hot = our_stepper(problem), torch.eye(problem.sizes[-1])
    images, labels = problem.examples(steps)
    shape = steps, problem.replicas, problem.batch
    order = torch.stack([torch.randperm(len(labels)).view(steps, problem.batch)
                         for _ in range(problem.replicas)], dim=1)
    with torch.device("cpu"):
        keys = draw_keys(generator(0, "masks"), *shape[:2], max(1, len(problem.sizes) - 2))
    keys = keys.to(images.device)
    second = keys if stepper.second_draw else [None] * steps
    raw = images.new_empty(problem.replicas * problem.batch, images.shape[1])
    number = iter(forever(range(steps)))

    @torch.no_grad()
    def step():
        k = next(number)
        gather(images, order[k], raw, stepper.x)
        stepper.step(stepper.x, one_hot[labels[order[k]]], LR, keys[k], second[k])

    return step


def autograd_step(problem: Problem, steps: int = STEPS) -> Callable[[], None]:
    """BP by autograd with torch.optim.SGD, the data in memory as float32.

    Several replicas are trained one after another, as a loop over seeds would.
    """
    nets = [problem.network() for _ in range(problem.replicas)]
    optimizers = [torch.optim.SGD(net.parameters(), lr=LR, momentum=problem.momentum)
                  for net in nets]
    images, labels = problem.examples(steps)
    x = images.float().mul_(1 / 255).view(steps, problem.batch, -1)
    y = labels.view(steps, problem.batch)
    number = iter(forever(range(steps)))

    def step():
        k = next(number)
        for net, optimizer in zip(nets, optimizers):
            optimizer.zero_grad()
            cross_entropy(net(x[k]), y[k]).backward()
            optimizer.step()

    return step
