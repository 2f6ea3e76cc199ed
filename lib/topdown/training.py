"""The one training loop, for every rule and for R seeds at once.

Tensors carry a leading replica axis: W_l is (R, n_l, n_{l-1}). The data stay on the device as
uint8 and each replica walks through them in its own order. Momentum and update are fused:
v <- mu v + G accumulates the rule's outer products straight into v (one matrix product with
beta = mu), so no gradient is ever stored.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import torch
from torch import Tensor
from tqdm import tqdm

from topdown import feedback as fb
from topdown.data import Dataset, load
from topdown.network import forward, initial_weights
from topdown.random import draw_keys, dropout_mask, generator
from topdown.recipes import Recipe
from topdown.rules import Batch, Rule, get_rule, make_options

ALIVE, DIVERGED = "ok", "diverged"
_EVALUATION_ROWS = 5000


@dataclass
class State:
    """Everything that training changes, for R replicas, and the fixed feedback."""

    weights: list[Tensor]
    velocities: list[list[Tensor]]
    feedback: Tensor | list[Tensor] | None
    factors: list[Tensor] | None = None


@dataclass
class Run:
    """The outcome of `train`: one row per seed and epoch, from epoch 0 (before training) on.

    `curves[metric]` is (epochs + 1, R); accuracies are in percent, angles in degrees, and NaN where
    there is no value (a diverged seed, or epoch 0 of the training accuracy). `status` says of each
    seed "ok" or "diverged", with the epoch.
    """

    recipe: Recipe
    seeds: list[int]
    curves: dict[str, Tensor]
    status: list[str]
    seconds: float
    state: State = field(repr=False, default=None)


# --- setting up -----------------------------------------------------------------------------


def initial_state(recipe: Recipe, sizes, seeds, device="cpu", dtype=torch.float32) -> State:
    """Weights, velocities and feedback of every seed, each drawn from the seed's own generators."""
    replicas = [_draw_replica(recipe, sizes, seed) for seed in seeds]

    def stack(part):
        return [torch.stack(layer).to(device, dtype) for layer in zip(*(r[part] for r in replicas))]

    weights, matrices = stack(0), stack(1)
    halves = len(get_rule(recipe.rule).half_steps) if recipe.momentum_buffers == "separate" else 1
    velocities = [[torch.zeros_like(w) for w in weights] for _ in range(halves)]
    if get_rule(recipe.rule).feedback != "input":
        return State(weights, velocities, matrices or None)
    factors = matrices if recipe.feedback == "normal" else None
    return State(weights, velocities, fb.product(matrices), factors)


def _draw_replica(recipe, sizes, seed) -> tuple[list[Tensor], list[Tensor]]:
    weights = initial_weights(sizes, recipe.initialization, generator(seed, "weights"))
    kind, draw = get_rule(recipe.rule).feedback, generator(seed, "feedback")
    if kind == "layers":
        return weights, fb.layer_feedback(sizes, recipe.initialization, draw)
    if kind == "direct":
        return weights, fb.direct_feedback(sizes, recipe.initialization, draw)
    if kind == "input" and recipe.feedback == "normal":
        return weights, fb.normal_factors(sizes, recipe.feedback_scale, draw)
    if kind == "input":
        return weights, [fb.uniform_feedback(sizes, recipe.feedback_scale, draw)]
    return weights, []


# --- one step ---------------------------------------------------------------------------------


def apply_update(weights, velocities, update, recipe: Recipe, lr, rows, weight_decay) -> None:
    """v <- mu v + G + wd W;  W <- W - lr v, in place, without storing G."""
    for w, v, terms in zip(weights, velocities, update):
        beta = recipe.momentum
        for post, pre in terms:
            v.baddbmm_(post.mT, pre.expand(len(v), -1, -1), beta=beta, alpha=1 / rows)
            beta = 1.0
        if not terms:
            v.mul_(recipe.momentum)
        if weight_decay:
            v.add_(w, alpha=weight_decay)
        w.add_(v, alpha=-lr)


class Stepper:
    """Trains the replicas of one recipe on batch after batch."""

    def __init__(self, recipe: Recipe, state: State, rule: Rule | None = None):
        self.recipe, self.state = recipe, state
        self.rule = rule or get_rule(recipe.rule)
        self.options = make_options(**recipe.rule_options())
        weight = state.weights[0]
        self.replicas, self.inputs = weight.shape[0], weight.shape[-1]
        self.x = weight.new_empty(self.replicas, recipe.batch, self.inputs)
        self.stacked = None
        if self.rule.feedback == "input" and len(self.rule.half_steps) == 1:
            classes = state.weights[-1].shape[-2]
            self.stacked = weight.new_empty(self.replicas, recipe.batch + classes, self.inputs)
            self.x = self.stacked[:, : recipe.batch]
            self.refresh_feedback()

    def refresh_feedback(self) -> None:
        """Copy F^T below the rows of x, once at the start and whenever mirroring has moved F."""
        if self.stacked is not None:
            self.stacked[:, self.recipe.batch :] = self.state.feedback.mT

    def masks(self, keys: Tensor | None) -> list[Tensor] | None:
        """Dropout masks of the hidden layers from keys of shape (R, L - 1)."""
        if keys is None or self.recipe.dropout == 0:
            return None
        widths = [w.shape[-2] for w in self.state.weights[:-1]]
        return [dropout_mask(keys[:, layer], (self.recipe.batch, n), self.recipe.dropout,
                             self.x.dtype) for layer, n in enumerate(widths)]

    def step(self, x: Tensor, target: Tensor, lr: float, keys=None, second_keys=None) -> Tensor:
        """One update of every replica on x (R, B, D) in [0, 1]; returns y of pass 1, (R, B, C)."""
        if x is not self.x:
            self.x.copy_(x)
        batch = Batch(self.state.weights, self.x, target, self.state.feedback, self.options,
                      self.masks(keys), self.masks(second_keys), self.stacked)
        last = len(self.rule.half_steps) - 1
        for number, half_step in enumerate(self.rule.half_steps):
            decay = number == last or self.recipe.decay_half_steps == 2
            apply_update(
                self.state.weights, self.state.velocities[number % len(self.state.velocities)],
                half_step(batch), self.recipe, lr, self.recipe.batch,
                self.recipe.weight_decay if decay else 0.0)
        return batch.clean.output

    def mirror(self, keys: Tensor) -> None:
        """One weight-mirroring step of F, rescaled to its own standard deviation."""
        recipe, state = self.recipe, self.state
        fb.mirror(state.factors, state.weights, recipe.mirror_rate, recipe.mirror_decay, keys,
                  rows=recipe.batch, through=recipe.mirror_through,
                  normalization=recipe.normalization)
        spread = fb.standard_deviation(recipe.feedback_scale, self.inputs)
        state.feedback = fb.rescale(state.factors, spread)
        self.refresh_feedback()


# --- the loop ---------------------------------------------------------------------------------


class Trainer:
    """Trains R seeds of one recipe, epoch by epoch; `train` below is the usual way to use it."""

    def __init__(self, recipe: Recipe, seeds, device="cpu", data: Dataset | None = None):
        self.recipe, self.seeds, self.device = recipe, list(seeds), torch.device(device)
        self.data = data or load(recipe.dataset, device=self.device, n_train=recipe.n_train,
                                 held_out=recipe.held_out)
        classes = len(self.data.classes)
        self.sizes = [self.data.train_images.shape[1], *recipe.hidden, classes]
        self.one_hot = torch.eye(classes, device=self.device)
        self.stepper = Stepper(recipe, initial_state(recipe, self.sizes, self.seeds, self.device))
        self.draws = {purpose: [generator(seed, purpose) for seed in self.seeds]
                      for purpose in ("order", "masks", "second masks", "mirroring")}
        self.steps_per_epoch = len(self.data.train_labels) // recipe.batch

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
        images = self.data.train_images[places.flatten()].view(*places.shape, -1)
        torch.mul(images, 1 / 255, out=self.stepper.x)
        return self.one_hot[self.data.train_labels[places]]

    def epoch(self, number: int, limit: int | None = None) -> Tensor:
        """Train epoch `number` (from 1); returns the running training accuracy (R,), percent."""
        steps = min(self.steps_per_epoch, limit or self.steps_per_epoch)
        order, hidden = self._order(), len(self.recipe.hidden)
        keys = self._keys("masks", self.steps_per_epoch, hidden)
        redraw = self.recipe.masks == "redrawn"
        second = self._keys("second masks", self.steps_per_epoch, hidden) if redraw else None
        noise = self._mirror_keys(number)
        correct = torch.zeros(len(self.seeds), device=self.device)
        lr = self.recipe.learning_rate(number)
        for step in range(steps):
            target = self._gather(order[step])
            output = self.stepper.step(self.stepper.x, target, lr, keys[step],
                                       second[step] if redraw else None)
            if noise is not None:
                self.stepper.mirror(noise[step])
            correct += (output.argmax(-1) == target.argmax(-1)).sum(-1)
        return 100 * correct / (steps * self.recipe.batch)

    def _mirror_keys(self, number: int) -> Tensor | None:
        if not self.recipe.mirrors_in(number):
            return None
        return self._keys("mirroring", self.steps_per_epoch, len(self.sizes) - 1)

    def premirror(self, limit: int | None = None) -> None:
        """Whole epochs of mirroring before training, weights frozen; `limit`: steps in each."""
        for _ in range(self.recipe.premirror_epochs):
            keys = self._keys("mirroring", self.steps_per_epoch, len(self.sizes) - 1)
            for step_keys in keys[:limit]:
                self.stepper.mirror(step_keys)

    @torch.no_grad()
    def evaluate(self) -> dict[str, Tensor]:
        """Test accuracy (percent) and loss (nats), norms of the weights, angles (degrees): (R,)."""
        weights, count = self.state.weights, len(self.data.test_labels)
        correct = torch.zeros(len(self.seeds), device=self.device)
        loss = torch.zeros(len(self.seeds), device=self.device)
        rows = self.recipe.evaluation_rows or _EVALUATION_ROWS
        for start in range(0, count, rows):
            labels = self.data.test_labels[start : start + rows].long()
            images = self.data.test_images[start : start + rows].to(weights[0].dtype).mul_(1 / 255)
            y = forward(weights, images, None, self.recipe.normalization).output
            correct += (y.argmax(-1) == labels).sum(-1)
            picked = y.gather(-1, labels.expand(len(y), -1)[..., None]).squeeze(-1)
            loss -= picked.clamp_min(1e-12).log().sum(-1)
        metrics = {"test_accuracy": 100 * correct / count, "test_loss": loss / count}
        for layer, w in enumerate(weights, start=1):
            metrics[f"norm_layer_{layer}"] = torch.linalg.matrix_norm(w)
        if self.stepper.rule.feedback == "input":
            metrics |= fb.alignment_angles(weights, self.state.feedback, self.state.factors)
        return metrics


def train(recipe: Recipe, seeds, device="cpu", data=None, progress=True, advance=None) -> Run:
    """Train every seed of `seeds` with `recipe`, together.

    A seed's result does not depend on the other seeds. A seed whose weights stop being finite is
    reported as diverged at that epoch, with NaN from there on; it does not stop the others.
    `progress` shows a bar; `advance` is called after every epoch.
    """
    started = time.perf_counter()
    trainer = Trainer(recipe, seeds, device, data)
    curves, status = [], [ALIVE] * len(trainer.seeds)
    epochs = tqdm(range(recipe.epochs + 1), desc=recipe.label(), disable=not progress,
                  unit="epoch", leave=False)
    with torch.no_grad():
        for epoch in epochs:
            curves.append(_one_epoch(trainer, epoch, status))
            if advance is not None and epoch:
                advance()
    stacked = {name: torch.stack([row[name] for row in curves]) for name in curves[0]}
    return Run(recipe, trainer.seeds, stacked, status, time.perf_counter() - started, trainer.state)


def _one_epoch(trainer: Trainer, epoch: int, status: list[str]) -> dict[str, Tensor]:
    """Train one epoch (epoch 0: pre-mirror only) and measure; NaN for seeds that have diverged."""
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
            for values in row.values():
                values[replica] = float("nan")
    return row


def _finite(trainer: Trainer) -> list[bool]:
    layers = [w.isfinite().flatten(1).all(1) for w in trainer.state.weights]
    return torch.stack(layers).all(0).tolist()
