"""A run can be stopped at any time and go on within a seed: all that training changes, in a file.

    results/.checkpoints/<key>-<seeds>.npz

Weights, velocities, feedback and its factors, the state of every generator, the curves so far. The
arrays are read without pickle. A checkpoint that is damaged, or was made by other code, on another
device or from other data, is not used, which is said. It is removed when its record is written.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from pathlib import Path

import numpy as np
import torch

from topdown.recipes import Recipe
from topdown.training.loop import SoFar, Trainer
from topdown_book.store.records import Store

EVERY = 20.0
"""Least seconds between two checkpoints; each is written in a tenth of a second or so."""
FORMAT = 1
_META = "meta"
log = logging.getLogger("topdown")


def path(store: Store, members: dict[Recipe, list[int]]) -> Path:
    """Where the checkpoint of these seeds, trained together, is or would be."""
    keys = [recipe.key for recipe in members]
    name = keys[0] if len(keys) == 1 else hashlib.sha256("".join(keys).encode()).hexdigest()[:12]
    seeds = [seed for own in members.values() for seed in own]
    # Of a hundred seeds in one program the list would be too long for a name.
    listed = "_".join(map(str, seeds)) if len(seeds) <= 20 else hashlib.sha256(
        json.dumps(seeds).encode()).hexdigest()[:12]
    return store.root / ".checkpoints" / f"{name}-{listed}.npz"


class Keeper:
    """Writes the checkpoints of one program, and puts its trainer back to the last of them.

    source: what makes the numbers (code, seeds, device, data, set before training); it must agree.
    watch(epoch, done, skipped) is told of every epoch, and of those that a checkpoint saves.
    """

    def __init__(self, file: Path, watch=None):
        self.file, self.watch = file, watch or (lambda *_: None)
        self.source: dict = {"format": FORMAT}
        self.last = time.monotonic()
        self.resumed: list[int] = []
        """Epochs after which the run has been continued; for its provenance."""

    def resume(self, trainer: Trainer, so_far: SoFar) -> None:
        if not self.file.exists():
            return
        own = {**_tensors(trainer), **{n: g.get_state() for n, g in _generators(trainer).items()}}
        try:
            arrays, meta = _read(self.file)
            if meta["source"] != json.loads(json.dumps(self.source)):
                raise ValueError("it was made by other code, on another device or from other data")
            if {n: a.shape for n, a in arrays.items() if not n.startswith("curve/")} != {
                    n: tuple(t.shape) for n, t in own.items()}:
                raise ValueError("it holds other arrays")
        except Exception as error:  # any damage, wherever it surfaces, means the same here
            log.warning("checkpoint %s is not used: %s; started over", self.file.name, error)
            return self.remove()
        for name, target in _tensors(trainer).items():
            target.copy_(torch.from_numpy(arrays[name]))
        for name, generator in _generators(trainer).items():
            generator.set_state(torch.from_numpy(arrays[name]))
        so_far.rows, so_far.status, so_far.seconds = _rows(arrays), meta["status"], meta["seconds"]
        done = len(so_far.rows) - 1
        self.resumed = [*meta["resumed"], done]
        self.watch(done, 0, done)

    def after_epoch(self, trainer: Trainer, so_far: SoFar) -> None:
        epoch = len(so_far.rows) - 1
        if time.monotonic() - self.last >= EVERY and epoch < trainer.recipe.epochs:
            try:
                self._save(trainer, so_far)
            except OSError as error:  # a full disk, say: the run itself can go on
                log.warning("no checkpoint %s: %s", self.file.name, error)
            self.last = time.monotonic()
        self.watch(epoch, min(epoch, 1))

    def _save(self, trainer: Trainer, so_far: SoFar) -> None:
        meta = {"source": self.source, "status": so_far.status, "seconds": so_far.seconds,
                "resumed": self.resumed}
        curves = {f"curve/{name}": torch.stack([row[name] for row in so_far.rows]).numpy()
                  for name in so_far.rows[0]}
        tensors = {name: t.cpu().numpy() for name, t in _tensors(trainer).items()}
        states = {name: g.get_state().numpy() for name, g in _generators(trainer).items()}
        temporary = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "wb") as stream:
                np.savez(stream, **{_META: json.dumps(meta)}, **curves, **tensors, **states)
            os.replace(temporary, self.file)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self) -> None:
        """The checkpoint, and what a killed writer of it has left."""
        for left in (self.file, *self.file.parent.glob(f".{self.file.name}.*")):
            left.unlink(missing_ok=True)


def _read(file: Path) -> tuple[dict, dict]:
    with np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}  # the archive's sums are checked
    return arrays, json.loads(str(arrays.pop(_META)))


def _tensors(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {f"tensor/{k}": t for k, t in enumerate(trainer.stepper.tensors())}


def _generators(trainer: Trainer) -> dict[str, torch.Generator]:
    return {f"generator/{purpose}/{replica}": generator
            for purpose, own in trainer.draws.items() for replica, generator in enumerate(own)}


def _rows(arrays: dict) -> list[dict[str, torch.Tensor]]:
    curves = {name.removeprefix("curve/"): torch.from_numpy(values)
              for name, values in arrays.items() if name.startswith("curve/")}
    epochs = len(next(iter(curves.values())))
    return [{name: values[epoch] for name, values in curves.items()} for epoch in range(epochs)]
