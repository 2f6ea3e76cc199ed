"""Every rule with no more activations alive than it needs: for counting, not for speed.

One network without dropout, updated in place; x is overwritten. W_l, v_l (n_l, n_{l-1}), x (B, D),
t (B, C). With H hidden layers of n units each, a step keeps at most so many arrays (B, n) alive:

    bp, fa, dfa, pepita   H + 1          every h_l until the error, or the second pass, reaches it
    pepita-hebbian        min(H, 2)      v_l takes the outer product of a pass at once
    pepita-time-local     min(H, 2)      each pass updates behind itself
    drtp                  min(H, 2) + 1  the target is known beforehand
    forward-forward       3, 4 if H > 1  positive and negative activity of two layers

beside some of (B, C). PEPITA compares the two passes layer by layer, so it must remember the first.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from topdown_book.bench._contestants import LR
from topdown_book.bench._problem import Problem

MOMENTUM = 0.9


def kept(rule: str, hidden: int) -> int:
    """The number in the table above."""
    two = min(hidden, 2)
    return {"pepita-hebbian": two, "pepita-time-local": two, "drtp": two + 1,
            "forward-forward": 4 if hidden > 1 else 3}.get(rule, hidden + 1)


class Streaming:
    """One network; called with x (B, D) and one-hot t (B, C), both of which it may overwrite."""

    def __init__(self, problem: Problem, seed: int = 0):
        gen = torch.Generator().manual_seed(seed)

        def draw(n, m, scale):
            return scale * torch.randn(n, m, generator=gen)

        sizes = problem.sizes
        self.weights = [draw(n, fan_in, (2 / fan_in) ** 0.5) for fan_in, n in problem.layers]
        self.velocities = [[torch.zeros_like(w) for w in self.weights]
                           for _ in range(2 if problem.rule == "pepita-time-local" else 1)]
        self.feedback = draw(sizes[0], sizes[-1], 0.01)
        self.layer_feedback = [draw(*w.shape, 0.1) for w in self.weights[1:]]
        self.direct = [draw(sizes[-1], n, 0.1) for n in sizes[1:-1]]
        self.train: Callable = getattr(self, problem.method)

    @torch.no_grad()
    def __call__(self, x: Tensor, target: Tensor) -> None:
        self.train(x, target)

    def layer(self, number: int, h: Tensor) -> Tensor:
        """relu(h W^T), or y on the output layer."""
        a = h @ self.weights[number].T
        return torch.softmax(a, 1) if number == len(self.weights) - 1 else a.relu_()

    def accumulate(self, number: int, post, pre, beta=MOMENTUM, sign=1, buffer=0) -> None:
        """v <- beta v + sign post^T pre / B."""
        self.velocities[buffer][number].addmm_(post.T, pre, beta=beta, alpha=sign / len(pre))

    def move(self, number: int, buffer=0) -> None:
        """W <- W - lr v."""
        self.weights[number].add_(self.velocities[buffer][number], alpha=-LR)

    def update(self, number: int, post, pre) -> None:
        self.accumulate(number, post, pre)
        self.move(number)

    def remember(self, x) -> list[Tensor]:
        """[h_0, ..., h_{L-1}, y], all of them kept."""
        h = [x]
        for number in range(len(self.weights)):
            h.append(self.layer(number, h[-1]))
        return h

    def _bp(self, x, target, carriers=None):
        h = self.remember(x)
        carriers = carriers or self.weights[1:]
        delta = h.pop().sub_(target)
        for number in range(len(self.weights) - 1, 0, -1):
            pre, below = h.pop(), delta @ carriers[number - 1]
            self.update(number, delta, pre)
            delta = below.mul_(pre.sign_())
            del pre, below  # or they would live on into the next round
        self.update(0, delta, x)

    def _fa(self, x, target):
        self._bp(x, target, self.layer_feedback)

    def _dfa(self, x, target):
        h = self.remember(x)
        delta = error = h.pop().sub_(target)
        for number in range(len(self.weights) - 1, -1, -1):
            pre = h.pop()
            self.update(number, delta, pre)
            if number:
                delta = (error @ self.direct[number - 1]).mul_(pre.sign_())
            del pre

    def _drtp(self, x, target):
        gate = torch.ops.aten.threshold_backward.grad_input
        for number, direct in enumerate(self.direct):
            h, delta = self.layer(number, x), target @ direct
            self.update(number, gate(delta, h, 0, grad_input=delta), x)
            x = h
            del delta
        self.update(len(self.direct), self.layer(len(self.direct), x).sub_(target), x)

    def _pepita(self, x, target):
        h = self.remember(x)
        error = h.pop().sub_(target)
        del h[0]
        x.addmm_(error, self.feedback.T, alpha=-1)
        for number in range(len(self.direct)):
            modulated = self.layer(number, x)
            self.update(number, h.pop(0).sub_(modulated), x)
            x = modulated
        self.update(len(self.direct), error, x)

    def _pepita_hebbian(self, x, target):
        y = self._clean_pass(x, lambda number: None)
        x.addmm_(y.sub_(target), self.feedback.T, alpha=-1)
        self._modulated_pass(x, target, 1.0, 0)

    def _pepita_time_local(self, x, target):
        y = self._clean_pass(x, self.move)
        x.addmm_(y.sub_(target), self.feedback.T, alpha=-1)
        self._modulated_pass(x, target, MOMENTUM, 1)

    def _clean_pass(self, x, then) -> Tensor:
        """v_l <- mu v_l + h_l^T h_{l-1} / B behind the pass; returns y."""
        for number in range(len(self.weights)):
            h = self.layer(number, x)
            self.accumulate(number, h, x)
            then(number)
            x = h
        return x

    def _modulated_pass(self, x, target, beta, buffer) -> None:
        """v_l <- beta v_l - h'_l^T h'_{l-1} / B behind the pass, t for y; then W_l."""
        for number in range(len(self.weights)):
            last = number == len(self.weights) - 1
            h = target if last else self.layer(number, x)
            self.accumulate(number, h, x, beta, -1, buffer)
            self.move(number, buffer)
            x = h

    def _forward_forward(self, x, target):
        label = x[:, : target.shape[1]]
        label.copy_(target)
        positive = self._goodness(0, x, -1, MOMENTUM)
        label.copy_(label.roll(1, 1))
        negative = self._goodness(0, x, 1, 1.0)
        self.move(0)
        for number in range(1, len(self.weights)):
            positive = self._goodness(number, positive, -1, MOMENTUM)
            negative = self._goodness(number, negative, 1, 1.0)
            self.move(number)

    def _goodness(self, number, u, sign, beta) -> Tensor:
        """The pass of one layer on u, normalised in place; its share of v; h."""
        u.mul_(u.shape[1] ** 0.5 / torch.linalg.vector_norm(u, dim=1, keepdim=True))
        h = (u @ self.weights[number].T).relu_()
        excess = torch.linalg.vector_norm(h, dim=1, keepdim=True).square_().sub_(h.shape[1])
        self.accumulate(number, h * torch.sigmoid(sign * excess), u, beta, sign)
        return h
