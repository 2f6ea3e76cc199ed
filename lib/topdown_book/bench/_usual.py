"""Every rule as one would first write it in PyTorch, from its formula.

A DataLoader, full forward passes through torch modules, gradients put into `.grad`, a separate
optimiser step. No low-rank identity, no fusion, one network. Conventions as in `topdown.rules`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout, one_hot, softplus
from torch.utils.data import DataLoader, TensorDataset

from topdown_book.bench._contestants import LR
from topdown_book.bench._problem import Problem, forever


def usual_step(problem: Problem) -> Callable[[], None]:
    """One step of the usual recipe: fetch a batch, then the rule's own way of training."""
    images, labels = problem.examples(20)
    loader = DataLoader(TensorDataset(images, labels), problem.batch, shuffle=True,
                        generator=torch.Generator(images.device))
    batches, classes = iter(forever(loader)), problem.sizes[-1]
    train = Usual(problem)

    def step():
        images, labels = next(batches)
        train(images.float() / 255, one_hot(labels, classes).float())

    return step


class Usual:
    """One network and one optimiser; called with x (B, D) and one-hot t (B, C), it learns."""

    def __init__(self, problem: Problem, feedback=None):
        self.problem, self.sizes = problem, problem.sizes
        self.weights = [m.weight for m in problem.network() if isinstance(m, nn.Linear)]
        self.weights = self.weights[: len(problem.layers)]
        self.optimizers = [torch.optim.SGD(self.weights, lr=LR, momentum=problem.momentum)
                           for _ in range(2 if problem.rule == "pepita-time-local" else 1)]
        self.feedback = self._draw() if feedback is None else feedback
        self.train = getattr(self, problem.method)

    def __call__(self, x: Tensor, target: Tensor) -> None:
        self.train(x, target)

    def _draw(self):
        sizes = self.sizes
        if self.problem.rule == "fa":
            return [0.01 * torch.randn_like(w) for w in self.weights[1:]]
        if self.problem.rule in ("dfa", "drtp"):
            return [0.01 * torch.randn(sizes[-1], n) for n in sizes[1:-1]]
        return 0.001 * torch.randn(sizes[0], sizes[-1])

    def masks(self, x: Tensor) -> list[Tensor]:
        """Inverted dropout for every hidden layer."""
        return [dropout(torch.ones(len(x), n), self.problem.dropout) for n in self.sizes[1:-1]]

    def forward(self, x: Tensor, masks) -> list[Tensor]:
        """[h_0, ..., h_{L-1}, y]."""
        h = [x]
        for w, mask in zip(self.weights[:-1], masks):
            h.append(torch.relu(h[-1] @ w.T) * mask)
        return [*h, torch.softmax(h[-1] @ self.weights[-1].T, 1)]

    def update(self, post, pre, optimizer=0) -> None:
        """Gradients (1/B) post^T pre, then the optimiser."""
        for w, p, h in zip(self.weights, post, pre):
            w.grad = p.T @ h / len(p)
        self.optimizers[optimizer].step()

    # --- with autograd

    def _bp(self, x, target):
        self._by_autograd(x, target, None)

    def _fa(self, x, target):
        self._by_autograd(x, target, self.feedback)

    def _by_autograd(self, x, target, feedback):
        """Backpropagation; through `feedback` [B_2, ..., B_L] where it is given."""
        self.optimizers[0].zero_grad()
        h, masks = x, self.masks(x)
        for number, w in enumerate(self.weights):
            carried = feedback and number
            a = _Linear.apply(h, w, feedback[number - 1]) if carried else h @ w.T
            h = torch.relu(a) * masks[number] if number < len(masks) else a
        cross_entropy(h, target.argmax(1)).backward()
        self.optimizers[0].step()

    def _forward_forward(self, x, target):
        """Layer by layer: the loss of the layer, its gradient by autograd."""
        self.optimizers[0].zero_grad()
        classes, masks = target.shape[1], self.masks(x)
        wrong = one_hot((target.argmax(1) + torch.randint(1, classes, (len(x),))) % classes,
                        classes).float()
        u = [torch.cat([label, x[:, classes:]], 1) for label in (target, wrong)]
        for w, mask in zip(self.weights, masks):
            u = [torch.relu(_unit_rows(v) @ w.T) * mask for v in u]
            excess = [h.square().sum(1) - h.shape[1] for h in u]
            loss = (softplus(-excess[0]) + softplus(excess[1])).mean() / 2
            loss.backward()
            u = [h.detach() for h in u]
        self.optimizers[0].step()

    # --- without

    @torch.no_grad()
    def _dfa(self, x, target, signal=None):
        masks = self.masks(x)
        h = self.forward(x, masks)
        e = h[-1] - target
        sent = e if signal is None else signal
        post = [sent @ b * (a > 0) * m for b, a, m in zip(self.feedback, h[1:], masks)]
        self.update([*post, e], h)

    def _drtp(self, x, target):
        self._dfa(x, target, signal=target)

    @torch.no_grad()
    def _afa(self, x, target):
        masks = self.masks(x)
        h = self.forward(x, masks)
        e = h[-1] - target
        change = (e @ self.feedback.T) @ self.weights[0].T
        self.update([change * (h[1] > 0) * masks[0], e], h)

    @torch.no_grad()
    def _two_passes(self, x, target):
        """Both passes in full, and e."""
        masks = self.masks(x)
        h = self.forward(x, masks)
        e = h[-1] - target
        return h, self.forward(x - e @ self.feedback.T, masks), e

    def _pepita(self, x, target):
        h, h_mod, e = self._two_passes(x, target)
        self.update([*(a - b for a, b in zip(h[1:-1], h_mod[1:-1])), e], h_mod)

    def _pepita_hebbian(self, x, target):
        h, h_mod, _ = self._two_passes(x, target)
        for w, a, pre, b, pre_mod in zip(self.weights, h[1:], h, [*h_mod[1:-1], target], h_mod):
            w.grad = (a.T @ pre - b.T @ pre_mod) / len(x)
        self.optimizers[0].step()

    @torch.no_grad()
    def _pepita_time_local(self, x, target):
        masks = self.masks(x)
        h = self.forward(x, masks)
        self.update(h[1:], h)
        h_mod = self.forward(x - (h[-1] - target) @ self.feedback.T, masks)
        self.update([-p for p in (*h_mod[1:-1], target)], h_mod, optimizer=1)


class _Linear(torch.autograd.Function):
    """a = h W^T whose error goes back through B in the place of W."""

    @staticmethod
    def forward(ctx, h, w, b):
        ctx.save_for_backward(h, b)
        return h @ w.T

    @staticmethod
    def backward(ctx, delta):
        h, b = ctx.saved_tensors
        return delta @ b, delta.T @ h, None


def _unit_rows(h: Tensor) -> Tensor:
    """Every row with mean square 1."""
    return h * (h.shape[1] ** 0.5 / h.norm(dim=1, keepdim=True).clamp_min(1e-12))
