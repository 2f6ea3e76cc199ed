"""What is timed: a rule, layer sizes, a batch, and how many replicas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from topdown.recipes import Recipe
from topdown.rules import get_rule


@dataclass(frozen=True)
class Problem:
    """A rule, layer sizes [D, n_1, ..., C], the batch size, replicas trained together."""

    rule: str
    sizes: tuple[int, ...]
    batch: int
    replicas: int = 1
    dropout: float = 0.1
    momentum: float = 0.9

    def recipe(self) -> Recipe:
        """The recipe of that step; ValueError where there is none (AFA with two hidden layers)."""
        return Recipe(rule=self.rule, hidden=self.sizes[1:-1], batch=self.batch,
                      dropout=self.dropout, momentum=self.momentum)

    @property
    def method(self) -> str:
        """The name of the method that is this rule, where a class has one for each."""
        return "_" + self.rule.replace("-", "_")

    @property
    def layers(self) -> list[tuple[int, int]]:
        """(n_{l-1}, n_l) of every weight matrix; Forward-Forward has no output layer."""
        sizes = self.sizes
        if get_rule(self.rule).objective == "goodness":
            sizes = sizes[:-1]
        return list(zip(sizes[:-1], sizes[1:]))

    @property
    def weights(self) -> int:
        """Weights of one replica."""
        return sum(fan_in * n for fan_in, n in self.layers)

    def examples(self, steps: int) -> tuple[Tensor, Tensor]:
        """Random uint8 images (steps B, D) and their labels."""
        gen, count = torch.Generator().manual_seed(0), steps * self.batch
        images = torch.randint(0, 256, (count, self.sizes[0]), generator=gen, dtype=torch.uint8,
                               device="cpu")
        labels = torch.randint(0, self.sizes[-1], (count,), generator=gen, device="cpu")
        return images.to(torch.get_default_device()), labels.to(torch.get_default_device())

    def network(self) -> nn.Sequential:
        """The same net as torch modules, output layer included."""
        layers: list[nn.Module] = []
        for fan_in, n in zip(self.sizes[:-1], self.sizes[1:]):
            layers += [nn.Linear(fan_in, n, bias=False), nn.ReLU(), nn.Dropout(self.dropout)]
        return nn.Sequential(*layers[:-2])


def forever(again: Iterable) -> Iterator:
    """The items of `again`, over and over."""
    while True:
        yield from again
