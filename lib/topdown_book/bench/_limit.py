"""What no implementation can undercut: operations and bytes of a step, and the machine's rates."""

from __future__ import annotations

from collections.abc import Callable

import torch

from topdown.rules import get_rule
from topdown_book.bench._problem import Problem

FLOAT_BYTES = 4


def operations(problem: Problem) -> float:
    """Floating-point operations that one step must do, all replicas: its matrix products.

    For a rule without a line below what every rule needs: a limit that holds, if not a sharp one.

    With B rows, P_1 = D n_1 weights in the first layer, U in those above, N hidden units:

        every rule          4 B (P_1 + U)      a pass and one outer product a layer
        bp, fa              + 2 B U            the error through all layers but the first
        dfa, drtp           + 2 B C N          the error or target to every hidden layer
        afa                 + 2 C P_1 + 2 B C n_1            W_1 F, and e times it
        pepita              the same, + 2 B C D for x', + 2 B (U - W_L) for the second pass
        pepita-hebbian      the same, but for x' its outer products: + 2 C P_1, + 2 B U
        pepita-time-local   + 4 B (P_1 + U) - 2 B W_L + 2 B C D: two passes, two updates
        forward-forward     + 4 B U + 4 B C n_1: positive and negative data differ in C pixels
                            only, so that the first layer's products serve both
    """
    rows, classes, layers = problem.batch, problem.sizes[-1], problem.layers
    inputs, units = layers[0]
    first, output = inputs * units, layers[-1][0] * layers[-1][1]
    upper = problem.weights - first
    if len(layers) == 1:
        output = 0
    modulation = 2 * classes * first + 2 * rows * classes * units
    shift, second = 2 * rows * classes * inputs, 2 * rows * (upper - output)
    extra = {
        "bp": 2 * rows * upper, "fa": 2 * rows * upper,
        "dfa": 2 * rows * classes * sum(problem.sizes[1:-1]),
        "drtp": 2 * rows * classes * sum(problem.sizes[1:-1]),
        "afa": modulation,
        "pepita": modulation + shift + second,
        "pepita-hebbian": modulation + second + 2 * rows * classes * units + 2 * classes * first
        + 2 * rows * upper,
        "pepita-time-local": 4 * rows * problem.weights - 2 * rows * output + shift,
        "forward-forward": 4 * rows * (upper + classes * units),
    }
    needed = 4 * rows * problem.weights + extra.get(problem.rule, 0)
    return float(problem.replicas * needed)


def moved_bytes(problem: Problem) -> float:
    """Bytes that must move: W read in the pass, v and W read and written in the update, and x."""
    halves = 2 if problem.rule == "pepita-time-local" else 1
    floats = 5 * problem.weights * halves + problem.batch * problem.sizes[0]
    if get_rule(problem.rule).feedback == "input":
        floats += problem.sizes[0] * problem.sizes[-1]
    return float(FLOAT_BYTES * problem.replicas * floats)


def product_probe(problem: Problem) -> tuple[Callable[[], None], float]:
    """The pass and the outer product of every large layer, of the step's shapes; operations.

    Layers with less than a hundredth of the weights (the output) are left out: their narrow
    products run at a lower rate, and the limit shall not profit from it.
    """
    large = [pair for pair in problem.layers if pair[0] * pair[1] >= 0.01 * problem.weights]
    many, rows = problem.replicas, problem.batch
    x = [torch.rand(many, rows, fan_in) for fan_in, _ in large]
    post = [torch.rand(many, rows, n) for _, n in large]
    w = [torch.rand(many, n, fan_in) for fan_in, n in large]
    v, out = [torch.rand_like(m) for m in w], [torch.empty_like(p) for p in post]

    def products():
        for layer in range(len(large)):
            torch.bmm(x[layer], w[layer].mT, out=out[layer])
        for layer in range(len(large)):
            v[layer].baddbmm_(post[layer].mT, x[layer], beta=0.9, alpha=1e-3)

    return products, 4.0 * many * rows * sum(fan_in * n for fan_in, n in large)


def copy_probe(problem: Problem) -> tuple[Callable[[], None], float]:
    """A copy of as many floats as there are weights (so caches help as they help the step).

    At least 2^14, below which a copy measures the call. Returns also the bytes read and written.
    """
    source = torch.rand(max(2**14, problem.replicas * problem.weights))
    target = torch.empty_like(source)
    return lambda: target.copy_(source), 2.0 * FLOAT_BYTES * source.numel()
