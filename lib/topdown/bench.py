"""Speed as ratios measured side by side in one run: our step against three yardsticks.

1. BP by autograd in eager PyTorch: the same net, torch.optim.SGD with momentum, data in memory.
2. The rule as it is usually written: a DataLoader, two full forward passes, gradients assigned and
   an optimiser step (PEPITA family; for other rules the same with one pass).
3. The limit: the larger of the operations that a step must do over the matrix-product rate of
   these shapes, and the bytes that it must move over the copy rate; both rates measured here.

Rounds of all contestants alternate, so that a change of the machine's speed meets all of them;
every number comes with its median and the 10 % and 90 % quantiles over the rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from topdown.random import draw_keys, generator
from topdown.recipes import Recipe
from topdown.rules import get_rule
from topdown.training import Stepper, initial_state

FLOAT_BYTES = 4


@dataclass(frozen=True)
class Problem:
    """What to time: a rule, layer sizes [D, n_1, ..., C], the batch size."""

    rule: str
    sizes: tuple[int, ...]
    batch: int
    dropout: float = 0.1

    def recipe(self) -> Recipe:
        return replace(Recipe(), rule=self.rule, hidden=self.sizes[1:-1], batch=self.batch,
                       dropout=self.dropout)

    def examples(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Random uint8 images (count, D) and labels."""
        gen = torch.Generator().manual_seed(0)
        images = torch.randint(0, 256, (count, self.sizes[0]), generator=gen, dtype=torch.uint8)
        return images, torch.randint(0, self.sizes[-1], (count,), generator=gen)


# --- contestants: each is a function that performs one training step --------------------------


def our_step(problem: Problem, steps: int) -> Callable[[], None]:
    """The library's step, gathering and dropout included."""
    recipe = problem.recipe()
    stepper = Stepper(recipe, initial_state(recipe, problem.sizes, [0]))
    images, labels = problem.examples(steps * problem.batch)
    one_hot, hidden = torch.eye(problem.sizes[-1]), len(problem.sizes) - 2
    keys = draw_keys(generator(0, "masks"), steps, 1, hidden)
    order = torch.randperm(len(labels)).view(steps, 1, problem.batch)
    number = iter(_cycle(steps))

    @torch.no_grad()
    def step():
        k = next(number)
        rows = order[k].flatten()
        torch.mul(images[rows][None], 1 / 255, out=stepper.x)
        stepper.step(stepper.x, one_hot[labels[rows]][None], 1e-3, keys[k])

    return step


def network(problem: Problem) -> nn.Sequential:
    """The same net as torch modules."""
    layers: list[nn.Module] = []
    for fan_in, n in zip(problem.sizes[:-1], problem.sizes[1:]):
        layers += [nn.Linear(fan_in, n, bias=False), nn.ReLU(), nn.Dropout(problem.dropout)]
    return nn.Sequential(*layers[:-2])


def autograd_step(problem: Problem, steps: int) -> Callable[[], None]:
    """BP by autograd with torch.optim.SGD, the data in memory as float32."""
    net = network(problem)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    images, labels = problem.examples(steps * problem.batch)
    x = images.float().mul_(1 / 255).view(steps, problem.batch, -1)
    y = labels.view(steps, problem.batch)
    number = iter(_cycle(steps))

    def step():
        k = next(number)
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[k]), y[k]).backward()
        optimizer.step()

    return step


def usual_step(problem: Problem, steps: int) -> Callable[[], None]:
    """The rule as one would first write it: DataLoader, full passes, .grad, optimiser step."""
    net, rule = network(problem), get_rule(problem.rule)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    images, labels = problem.examples(steps * problem.batch)
    loader = DataLoader(TensorDataset(images, labels), problem.batch, shuffle=True)
    feedback = 0.001 * torch.randn(problem.sizes[0], problem.sizes[-1])
    batches = iter(_repeat(loader))

    def step():
        images, labels = next(batches)
        x, target = images.float() / 255, nn.functional.one_hot(labels, problem.sizes[-1]).float()
        if rule.feedback != "input":
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), labels).backward()
        else:
            _assign_two_pass_gradients(net, x, target, feedback)
        optimizer.step()

    return step


@torch.no_grad()
def _assign_two_pass_gradients(net, x, target, feedback) -> None:
    linear = [layer for layer in net if isinstance(layer, nn.Linear)]
    clean, masks = _naive_pass(linear, x, None)
    error = clean[-1] - target
    modulated, _ = _naive_pass(linear, x - error @ feedback.T, masks)
    for number, layer in enumerate(linear):
        last = number == len(linear) - 1
        post = error if last else clean[number + 1] - modulated[number + 1]
        layer.weight.grad = post.T @ modulated[number] / len(x)


def _naive_pass(linear, x, masks):
    activations, drawn = [x], []
    for number, layer in enumerate(linear[:-1]):
        h = torch.relu(layer(activations[-1]))
        mask = torch.bernoulli(torch.full_like(h, 0.9)) / 0.9 if masks is None else masks[number]
        drawn.append(mask)
        activations.append(h * mask)
    return [*activations, torch.softmax(linear[-1](activations[-1]), 1)], drawn


# --- the limit ----------------------------------------------------------------------------------


def operations(problem: Problem) -> float:
    """Floating-point operations that one step of the rule must do (products only)."""
    pairs = list(zip(problem.sizes[:-1], problem.sizes[1:]))
    every = sum(a * b for a, b in pairs)
    first, upper = pairs[0][0] * pairs[0][1], every - pairs[0][0] * pairs[0][1]
    inputs, classes = problem.sizes[0], problem.sizes[-1]
    rows, rule = problem.batch, get_rule(problem.rule)
    total = 2 * rows * every * 2  # the clean pass and one outer product a layer
    if rule.feedback == "input":
        total += 2 * classes * first + 2 * rows * upper + 2 * rows * classes * inputs
        if problem.rule == "pepita-hebbian":
            total += 2 * rows * upper + 2 * classes * first
        if len(rule.half_steps) == 2:
            total += 2 * rows * (2 * first + upper) - 2 * classes * first
    else:
        total += 2 * rows * (classes * sum(problem.sizes[1:-1])
                             if rule.feedback == "direct" else upper)
    return float(total)


def moved_bytes(problem: Problem) -> float:
    """Bytes that must move: W read in the pass, v and W read and written in the update, x."""
    every = sum(a * b for a, b in zip(problem.sizes[:-1], problem.sizes[1:]))
    halves = len(get_rule(problem.rule).half_steps)
    return FLOAT_BYTES * (5.0 * every * halves + problem.batch * problem.sizes[0])


def product_probe(problem: Problem) -> tuple[Callable[[], None], float]:
    """The two products that dominate a step, of its shapes; their operations."""
    inputs, n = problem.sizes[0], problem.sizes[1]
    x, w = torch.rand(problem.batch, inputs), torch.rand(n, inputs)
    h, out = torch.rand(problem.batch, n), torch.empty(problem.batch, n)
    gradient = torch.rand(n, inputs)

    def products():
        torch.mm(x, w.T, out=out)
        torch.addmm(gradient, h.T, x, beta=0.9, alpha=1e-3, out=gradient)

    return products, 4.0 * problem.batch * inputs * n


def copy_probe() -> tuple[Callable[[], None], float]:
    """A copy much larger than the caches; the bytes read and written."""
    source = torch.rand(2**25)
    target = torch.empty_like(source)
    return lambda: target.copy_(source), 2.0 * FLOAT_BYTES * source.numel()


# --- measuring ------------------------------------------------------------------------------------


def bench_step(problem: Problem, threads: int = 2, rounds: int = 15, steps: int = 20) -> dict:
    """Time every contestant, round by round; the ratios with their spread over the rounds."""
    torch.set_num_threads(threads)
    products, product_operations = product_probe(problem)
    copy, copied = copy_probe()
    contestants = {
        "ours": (our_step(problem, steps), steps), "bp": (autograd_step(problem, steps), steps),
        "usual": (usual_step(problem, steps), steps), "products": (products, steps),
        "copy": (copy, 2),
    }
    for step, count in contestants.values():
        _time(step, count)
    times = {name: np.empty(rounds) for name in contestants}
    for number in range(rounds):
        for name, (step, count) in contestants.items():
            times[name][number] = _time(step, count)
    arithmetic = operations(problem) / (product_operations / times["products"])
    memory = moved_bytes(problem) / (copied / times["copy"])
    limit = np.maximum(arithmetic, memory)
    return {
        "rule": problem.rule, "sizes": list(problem.sizes), "batch": problem.batch,
        "threads": threads, "rounds": rounds, "steps_per_round": steps,
        "torch": torch.__version__, "seconds": float(sum(t.sum() for t in times.values())),
        "ms_per_step": _quantiles(1e3 * times["ours"]),
        "bp_ms_per_step": _quantiles(1e3 * times["bp"]),
        "usual_ms_per_step": _quantiles(1e3 * times["usual"]),
        "limit_ms_per_step": _quantiles(1e3 * limit),
        "gflops": _quantiles(product_operations / times["products"] / 1e9),
        "copy_gb_per_s": _quantiles(copied / times["copy"] / 1e9),
        "bound_by": "arithmetic" if np.median(arithmetic - memory) > 0 else "memory",
        "ratio_to_bp": _quantiles(times["ours"] / times["bp"]),
        "speedup_over_usual": _quantiles(times["usual"] / times["ours"]),
        "fraction_of_limit": _quantiles(limit / times["ours"]),
    }


def _time(step, count) -> float:
    started = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - started) / count


def _quantiles(values) -> dict[str, float]:
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return {"median": float(middle), "low": float(low), "high": float(high)}


def _cycle(steps):
    while True:
        yield from range(steps)


def _repeat(loader):
    while True:
        yield from loader
