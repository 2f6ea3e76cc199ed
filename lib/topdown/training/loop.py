"""The one training loop, for every rule and for R seeds at once.

Tensors carry a leading replica axis: W_l is (R, n_l, n_{l-1}). The data stay on the device as
uint8 and each replica walks through them in its own order. What one step does is in
`topdown.training.stepper`, what it changes in `topdown.training.state`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import torch
from torch import Tensor
from tqdm import tqdm

from topdown.random import PURPOSES, draw_keys, generator
from topdown.recipes import Recipe
from topdown.rules import get_rule
from topdown.training import probes
from topdown.training.convolution import convolution_stepper
from topdown.training.graphs import FEWEST_STEPS, captured
from topdown.training.inputs import several, with_data
from topdown.training.precision import products
from topdown.training.state import State, initial_state, layer_sizes
from topdown.training.stepper import Stepper, apply_update, gather
from topdown.training.steppers import make_stepper

__all__ = ["Run", "State", "Stepper", "Trainer", "apply_update", "initial_state", "train"]

ALIVE, DIVERGED = "ok", "diverged"
_EVALUATION_ROWS = 5000


@dataclass
class Run:
    """The outcome of `train`: one row per seed and epoch, from epoch 0 (before training) on.

    `curves[metric]` is (epochs + 1, R); accuracies are in percent, angles in degrees, and NaN where
    there is no value (epoch 0 of the training accuracy, say). `status` says of each seed "ok" or
    "diverged in epoch n". A diverged network predicts one class: from then on its accuracies are
    chance level, 100 / C, and it has no other values.
    """

    recipe: Recipe
    seeds: list[int]
    curves: dict[str, Tensor]
    status: list[str]
    seconds: float
    state: State = field(repr=False, default=None)

    def to_frame(self):
        """The curves as a pandas DataFrame with columns seed, epoch, metric, value."""
        import pandas as pd

        return pd.concat([
            pd.DataFrame({"seed": seed, "epoch": range(len(values)), "metric": metric,
                          "value": values[:, place].numpy()})
            for metric, values in self.curves.items() for place, seed in enumerate(self.seeds)
        ], ignore_index=True)


# --- the loop ---------------------------------------------------------------------------------


class Trainer:
    """Trains R seeds of one recipe, epoch by epoch; `train` below is the usual way to use it."""

    def __init__(self, recipe: Recipe, seeds, device="cpu", data=None):
        self.seeds, self.device = several(seeds), torch.device(device)
        recipe, data = with_data(recipe, data, self.device)
        self.recipe, self.data = recipe, data
        self.white = 255 if data.train_images.dtype == torch.uint8 else 1
        classes, inputs = len(data.classes), data.train_images.shape[1]
        self.sizes = layer_sizes(recipe, inputs, classes)
        self.one_hot = torch.eye(classes, device=self.device)
        self.stepper = self._stepper(classes)
        self.raw = data.train_images.new_empty(len(self.seeds) * recipe.batch, inputs)
        self.draws = {purpose: [generator(seed, purpose) for seed in self.seeds]
                      for purpose in PURPOSES}
        self.steps_per_epoch = len(self.data.train_labels) // recipe.batch
        self.course, self.graphs, self.graphed = {}, {}, self.device.type == "cuda"
        self.correct = torch.zeros(len(self.seeds), device=self.device)
        self.place = torch.zeros(1, dtype=torch.int64, device=self.device)

    def _stepper(self, classes: int) -> Stepper:
        """The replicas in their initial state, with what one step does to them."""
        if self.recipe.kernels:
            return convolution_stepper(self.recipe, self.data.shape, classes, self.seeds,
                                       self.device)
        state = initial_state(self.recipe, self.sizes, self.seeds, self.device)
        return make_stepper(self.recipe, state, classes)

    @property
    def state(self) -> State:
        return self.stepper.state

    def _keys(self, purpose: str, count: int, layers: int) -> Tensor:
        """(count, R, layers) keys: what every step of one epoch needs."""
        keys = [draw_keys(gen, count, layers) for gen in self.draws[purpose]]
        return torch.stack(keys, dim=1).to(self.device)

    def _order(self) -> Tensor:
        """(steps, R, B) places in the training set: one permutation per replica."""
        count, rows, steps = len(self.data.train_labels), self.recipe.batch, self.steps_per_epoch
        orders = [torch.randperm(count, generator=gen)[: steps * rows].view(steps, rows)
                  for gen in self.draws["order"]]
        return torch.stack(orders, dim=1).to(self.device)

    def _gather(self, places: Tensor) -> Tensor:
        """Write the chosen images, scaled to [0, 1], into the step's buffer; return the targets."""
        gather(self.data.train_images, places, self.raw, self.stepper.x)
        return self.one_hot[self.data.train_labels[places]]

    def _draw_course(self, number: int) -> None:
        """What every step of epoch `number` needs, (steps, R, ...) each, drawn before the epoch.

        Buffers of the first epoch are used again, since a CUDA graph remembers where they are.
        """
        steps, hidden = self.steps_per_epoch, len(self.recipe.hidden)
        drawn = {"order": self._order(), "masks": self._keys("masks", steps, hidden)}
        if self.stepper.second_draw:
            drawn["second"] = self._keys(self.stepper.second_draw, steps, hidden)
        if get_rule(self.recipe.rule).random:
            drawn["rule"] = self._keys("rule", steps, len(self.sizes) - 1)
        if self.recipe.mirrors_in(number):
            drawn["mirroring"] = self._keys("mirroring", steps, len(self.sizes) - 1)
        for name, values in drawn.items():
            if name in self.course:
                self.course[name].copy_(values)
            else:
                self.course[name] = values

    def epoch(self, number: int, limit: int | None = None) -> Tensor:
        """Train epoch `number` (from 1); returns the running training accuracy (R,), percent."""
        steps = min(self.steps_per_epoch, limit or self.steps_per_epoch)
        self._draw_course(number)
        self.correct.zero_()
        lr, mirrors = self._rate(number), self.recipe.mirrors_in(number)
        with products(self.recipe.precision, self.device):
            advance = self._graph(lr, mirrors) if steps >= FEWEST_STEPS else None
            for step in range(steps):
                if advance is None:
                    self._step({name: values[step] for name, values in self.course.items()}, lr,
                               mirrors)
                else:
                    advance()
        return 100 * self.correct / (steps * self.recipe.batch)

    def _rate(self, number: int) -> float:
        return self.recipe.learning_rate(number)

    def _step(self, drawn: dict[str, Tensor], lr: float, mirrors: bool) -> None:
        """One step on what the course holds for it; nothing here waits for the device."""
        target = self._gather(drawn["order"])
        own = {"rule_keys": drawn["rule"]} if "rule" in drawn else {}
        output = self.stepper.step(self.stepper.x, target, lr, drawn["masks"], drawn.get("second"),
                                   **own)
        if mirrors:
            self.stepper.mirror(drawn["mirroring"])
        self.correct += (float("nan") if output is None
                         else (output.argmax(-1) == target.argmax(-1)).sum(-1))

    def _graph(self, lr: float, mirrors: bool):
        """On CUDA the step as a graph that walks through the course by itself; else None.

        The rate is a constant of the graph, which is captured again at each of its few decays.
        """
        if not self.graphed:
            return None
        self.place.zero_()
        if (lr, mirrors) not in self.graphs:
            def step():
                self._step({name: values.index_select(0, self.place)[0]
                            for name, values in self.course.items()}, lr, mirrors)
                self.place.add_(1)

            changed = [*self.stepper.tensors(), self.correct, self.place]
            self.graphs[lr, mirrors] = captured(step, changed, self.recipe.label())
        return self.graphs[lr, mirrors]

    def premirror(self, limit: int | None = None) -> None:
        """Whole epochs of mirroring before training, weights frozen; `limit`: steps in each."""
        for _ in range(self.recipe.premirror_epochs):
            keys = self._keys("mirroring", self.steps_per_epoch, len(self.sizes) - 1)
            with products(self.recipe.precision, self.device):
                for step_keys in keys[:limit]:
                    self.stepper.mirror(step_keys)

    @torch.no_grad()
    def evaluate(self) -> dict[str, Tensor]:
        """Test accuracy (percent) and loss (nats), norms of the weights, the rule's own: (R,)."""
        weights, count = self.state.weights, len(self.data.test_labels)
        correct = torch.zeros(len(self.seeds), device=self.device)
        loss = torch.zeros(len(self.seeds), device=self.device)
        rows = self.recipe.evaluation_rows or _EVALUATION_ROWS
        for start in range(0, count, rows):
            labels = self.data.test_labels[start : start + rows].long()
            images = self.data.test_images[start : start + rows].to(weights[0].dtype)
            y = self.stepper.predict(images * (1 / self.white))
            correct += (y.argmax(-1) == labels).sum(-1)
            picked = y.gather(-1, labels.expand(len(y), -1)[..., None]).squeeze(-1)
            loss -= picked.clamp_min(1e-12).log().sum(-1)
        metrics = {"test_accuracy": 100 * correct / count, "test_loss": loss / count}
        for layer, w in enumerate(weights, start=1):
            metrics[f"norm_layer_{layer}"] = torch.linalg.matrix_norm(w)
        return metrics | self.stepper.measures() | self._probed(rows)

    def _probed(self, rows: int) -> dict[str, Tensor]:
        """What the recipe's probe measures on the test set, `rows` samples at a time."""
        if self.recipe.probe is None:
            return {}
        images, labels = self.data.test_images.split(rows), self.data.test_labels.split(rows)
        return probes.measure(self.recipe.probe, (
            self.stepper.probed_batch(x.to(self.one_hot.dtype) / self.white, self.one_hot[y.long()])
            for x, y in zip(images, labels)))


@dataclass
class SoFar:
    """A run as far as it has come: its metrics epoch by epoch, each seed's status, the seconds."""

    rows: list[dict[str, Tensor]]
    status: list[str]
    seconds: float = 0.0


def train(recipe: Recipe, seeds, device="cpu", data=None, progress=True, keeper=None) -> Run:
    """Train every seed of `seeds` with `recipe`, together; seeds=3 stands for [0, 1, 2].

    data: the name of a data set, or arrays (x_train, y_train, x_test, y_test), in the place of the
    recipe's data set; see `topdown.data.own`.
    A seed's result does not depend on the other seeds. A seed whose weights stop being finite is
    reported as diverged in that epoch, its accuracies chance level from there on (see `Run`); it
    does not stop the others. `progress` shows a bar. `keeper`: see `run_epochs`.
    """
    return run_epochs(Trainer(recipe, seeds, device, data), progress, keeper)


def run_epochs(trainer: Trainer, progress=True, keeper=None) -> Run:
    """All epochs of a trainer's recipe.

    keeper: an object whose `resume(trainer, so_far)` is called before the first epoch, and may set
    both to where a run had come that was stopped; `after_epoch(trainer, so_far)` after every one.
    """
    recipe, so_far = trainer.recipe, SoFar([], [ALIVE] * len(trainer.seeds))
    if keeper is not None:
        keeper.resume(trainer, so_far)
    started = time.perf_counter() - so_far.seconds
    epochs = tqdm(range(len(so_far.rows), recipe.epochs + 1), desc=recipe.label(),
                  disable=not progress, unit="epoch", leave=False)
    with torch.no_grad():
        for epoch in epochs:
            so_far.rows.append(_one_epoch(trainer, epoch, so_far.status))
            so_far.seconds = time.perf_counter() - started
            if keeper is not None:
                keeper.after_epoch(trainer, so_far)
    stacked = {name: torch.stack([row[name] for row in so_far.rows]) for name in so_far.rows[0]}
    return Run(recipe, trainer.seeds, stacked, so_far.status, time.perf_counter() - started,
               trainer.state)


def _one_epoch(trainer: Trainer, epoch: int, status: list[str]) -> dict[str, Tensor]:
    """Train one epoch (epoch 0: pre-mirror only) and measure; chance for diverged seeds."""
    accuracy = torch.full((len(trainer.seeds),), float("nan"))
    if epoch == 0:
        trainer.premirror()
    elif any(s == ALIVE for s in status):
        accuracy = trainer.epoch(epoch)
    row = {name: value.double().cpu()
           for name, value in (trainer.evaluate() | {"train_accuracy": accuracy}).items()}
    for replica, alive in enumerate(_finite(trainer)):
        if not alive:
            if status[replica] == ALIVE:
                status[replica] = f"{DIVERGED} in epoch {epoch}"
            for name, values in row.items():
                guesses = name.endswith("accuracy")
                values[replica] = 100 / len(trainer.data.classes) if guesses else float("nan")
    return row


def _finite(trainer: Trainer) -> list[bool]:
    layers = [w.isfinite().flatten(1).all(1) for w in trainer.state.weights]
    return torch.stack(layers).all(0).tolist()
