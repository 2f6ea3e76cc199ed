"""From recipes to records: train what the store lacks, and replay what it holds."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from filelock import Timeout
from tqdm import tqdm

from topdown.data import load
from topdown.data.specs import SPECS
from topdown.recipes import Recipe
from topdown.rules import get_rule
from topdown.training.convolution import Shape
from topdown.training.loop import Run, Trainer, train
from topdown.training.sharing import may_share, train_together
from topdown_book.store import provenance
from topdown_book.store.dependencies import training_hash
from topdown_book.store.records import Record, Store

PAUSE = 0.5
"""Seconds before looking again for a job that no other process is training."""
REPLAY_STEPS = 4
REPLAY_TOLERANCE = 2e-3
"""Relative: rounding of other matrix products, amplified by a few steps of ReLU and softmax."""


def choose_device(name: str = "auto") -> torch.device:
    """`auto`: the first CUDA device, else the CPU."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def most_together(device: torch.device) -> int:
    """Replicas in one program: on a CPU they gain nothing by it, on a GPU nearly all."""
    return 1 if device.type == "cpu" else 100


def to_record(run: Run, entries: dict[int, dict]) -> Record:
    """The rows and the provenance of a finished run; a diverged seed's end with that epoch."""
    epochs = next(iter(run.curves.values())).shape[0]
    frames = [
        pd.DataFrame({"seed": seed, "epoch": np.arange(epochs), "metric": metric,
                      "value": values[:, place].numpy()})
        for metric, values in run.curves.items() for place, seed in enumerate(run.seeds)
    ]
    return Record(run.recipe, pd.concat(frames, ignore_index=True), entries).ended()


def compute(recipe: Recipe, seeds: list[int], device="cpu", advance=None) -> Record:
    """Train `seeds` together and return their record, fingerprint included."""
    return compute_together({recipe: seeds}, device, advance)[0]


def compute_together(members: dict[Recipe, list[int]], device="cpu", advance=None) -> list[Record]:
    """One record for each recipe, all trained in one program (see `topdown.training.sharing`)."""
    first = next(iter(members))
    data = load(first.dataset, device=torch.device(device), n_train=first.n_train,
                held_out=first.held_out)
    with thread_count(first):
        return _compute(members, device, data, advance)


@contextmanager
def thread_count(recipe: Recipe):
    """One thread for networks too small to share: a second one costs more than it brings."""
    before = torch.get_num_threads()
    small = recipe.batch * SPECS[recipe.dataset].features * max((*recipe.hidden, 1)) < 2e7
    torch.set_num_threads(1 if small else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _compute(members, device, data, advance) -> list[Record]:
    source = provenance.collect(device, data)
    source["trained_together"] = sum(len(seeds) for seeds in members.values())
    if len(members) == 1:
        (recipe, seeds), = members.items()
        runs = [train(recipe, seeds, device, data, progress=False, advance=advance)]
    else:
        runs = train_together(members, device, data, progress=False, advance=advance)
    return [to_record(run, {
        seed: {**source, "code": training_hash(run.recipe.rule, run.recipe.probe),
               "status": status, "seconds": round(run.seconds, 3),
               "replay": replay(run.recipe, seed, device, data)}
        for seed, status in zip(run.seeds, run.status)}) for run in runs]


@dataclass(frozen=True)
class Job:
    """Seeds of one recipe to be trained together."""

    recipe: Recipe
    seeds: tuple[int, ...]

    @property
    def work(self) -> float:
        """Floating-point operations, roughly: what the progress bar counts."""
        return len(self.seeds) * operations(self.recipe)


def operations(recipe: Recipe) -> float:
    """Multiply-adds of one seed, times two: passes, outer products, evaluation, mirroring."""
    count = recipe.n_train or SPECS[recipe.dataset].n_train
    tests = SPECS[recipe.dataset].n_test
    products = _products(recipe)
    weights, upper = sum(products), sum(products[1:])
    rule = get_rule(recipe.rule)
    passes = 2 * weights * len(rule.half_steps)
    if rule.objective == "goodness":
        passes += 2 * upper
    elif rule.feedback == "input" and len(rule.half_steps) == 1:
        passes += upper * (2 if "hebbian" in recipe.rule else 1)
    elif rule.feedback in (None, "layers"):
        passes += upper
    mirrored = recipe.epochs // recipe.mirror_every if recipe.mirror_every else 0
    mirroring = 2 * weights * (mirrored + recipe.premirror_epochs)
    return 2 * (count * (recipe.epochs * passes + mirroring) + tests * weights * recipe.epochs)


def _products(recipe: Recipe) -> list[int]:
    """Multiply-adds of one example's pass, layer by layer; a kernel is used at every place."""
    spec = SPECS[recipe.dataset]
    inputs, classes = spec.features, len(spec.classes)
    if recipe.kernels:
        shape = Shape(*spec.shape, recipe.kernel_size)
        return [math.prod(shape.grid) * shape.patch * recipe.kernels,
                shape.pooled(recipe.kernels) * classes]
    sizes = [inputs, *recipe.hidden, classes]
    return [a * b for a, b in zip(sizes[:-1], sizes[1:])]


def plan(wanted: Iterable[tuple[Recipe, list[int]]], store: Store, group: int) -> list[Job]:
    """What is missing, in groups of at most `group` seeds, each recipe once."""
    needed: dict[Recipe, set[int]] = {}
    for recipe, seeds in wanted:
        needed.setdefault(recipe, set()).update(seeds)
    jobs = []
    for recipe, seeds in needed.items():
        absent = store.missing(recipe, sorted(seeds))
        jobs += [Job(recipe, tuple(absent[k : k + group])) for k in range(0, len(absent), group)]
    return jobs


def estimated_seconds(jobs: list[Job], device="auto") -> float:
    """How long the jobs may take here: their operations over the rate of a matrix product now.

    Half of that rate is assumed to reach the training step, as `topdown bench step` finds for
    small networks; other programs on the machine make it longer.
    """
    device = choose_device(device)
    rows, inputs, n = 64, 1024, 512
    x, w = torch.rand(rows, inputs, device=device), torch.rand(inputs, n, device=device)
    for repeats in (3, 30):  # the first round warms up
        started = time.perf_counter()
        for _ in range(repeats):
            x @ w
        if device.type == "cuda":
            torch.cuda.synchronize()
        rate = repeats * 2 * rows * inputs * n / (time.perf_counter() - started)
    return sum(job.work for job in jobs) / (0.5 * rate)


def run_jobs(jobs: list[Job], store: Store, device="auto", progress=True,
             together: int = 1) -> float:
    """Compute every job not done meanwhile by another process; returns the seconds it took.

    Each group of seeds is stored as soon as it is trained: a killed run loses one group at most.
    A recipe that another process is training is put off to the end, so that several processes
    share the work of one figure. `together`: the most replicas in one program; jobs whose recipes
    may share one do, up to that number.
    """
    device, started = choose_device(device), time.perf_counter()
    queue, total = deque(jobs), sum(job.work for job in jobs)
    with tqdm(total=total / 1e12, unit="TFLOP", disable=not progress, smoothing=0.05,
              bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}") as bar:
        while queue:
            group = take(queue, together)
            bar.set_postfix_str(f"{len(jobs) - len(queue)}/{len(jobs)} {group[0].recipe.label()}")
            with ExitStack() as locks:
                free = [job for job in group if _locked(job, store, locks, wait=not queue
                                                        and len(group) == 1)]
                _run_group(free, store, device, bar)
            later = [job for job in group if job not in free]
            queue.extend(later)
            if later and not free:
                time.sleep(PAUSE)
    return time.perf_counter() - started


def take(queue: deque[Job], together: int) -> list[Job]:
    """The next job, with those behind it that may share its program; all leave the queue."""
    group = [queue.popleft()]
    for job in list(queue):
        replicas = sum(len(other.seeds) for other in (*group, job))
        recipes = [*(other.recipe for other in group), job.recipe]
        if replicas <= together and len(set(recipes)) == len(recipes) and may_share(recipes):
            queue.remove(job)
            group.append(job)
    return group


def _locked(job: Job, store: Store, locks: ExitStack, wait: bool) -> bool:
    """Whether the job is ours to train, until `locks` ends; `wait` for whoever trains it now."""
    try:
        locks.enter_context(store.lock(job.recipe, "train", timeout=-1 if wait else 0))
    except Timeout:
        return False
    return True


def _run_group(group: list[Job], store: Store, device, bar) -> None:
    """Train what is still missing of the jobs, in one program, and store it."""
    absent = {job.recipe: store.missing(job.recipe, job.seeds) for job in group}
    members = {recipe: seeds for recipe, seeds in absent.items() if seeds}
    epochs = max([1, *(recipe.epochs for recipe in members)])
    share = sum(job.work for job in group if absent[job.recipe]) / 1e12 / epochs
    if members:
        for record in compute_together(members, device, lambda: _advance(bar, share)):
            store.add(record)
    _advance(bar, sum(job.work for job in group if not absent[job.recipe]) / 1e12)


def _advance(bar, amount: float) -> None:
    bar.update(min(amount, bar.total - bar.n))


# --- replay -------------------------------------------------------------------------------------


def replay(recipe: Recipe, seed: int, device="cpu", data=None) -> dict[str, float]:
    """The first steps of a run in a few numbers that any change of its mathematics would move.

    After REPLAY_STEPS steps (preceded by as many of mirroring where the recipe has some): the
    norm of every layer's change, the mean output, and the norm of F.
    """
    if recipe.precision == "tf32" and torch.device(device).type != "cuda":
        recipe = replace(recipe, precision="fp32")  # four steps on, within REPLAY_TOLERANCE
    trainer = Trainer(recipe, [seed], device, data)
    before = [w.clone() for w in trainer.state.weights]
    with torch.no_grad():
        if recipe.premirror_epochs:
            trainer.premirror(limit=REPLAY_STEPS)
        trainer.epoch(max(recipe.mirror_every, 1), limit=REPLAY_STEPS)
    values = {f"change_layer_{layer}": (w - old).double().norm().item()
              for layer, (w, old) in enumerate(zip(trainer.state.weights, before), start=1)}
    values |= {f"norm_layer_{layer}": w.double().norm().item()
               for layer, w in enumerate(trainer.state.weights, start=1)}
    if isinstance(trainer.state.feedback, torch.Tensor):
        values["norm_feedback"] = trainer.state.feedback.double().norm().item()
    return values


def disagreement(recorded: dict[str, float], now: dict[str, float]) -> float:
    """The largest relative difference of two replays; infinite where their entries differ."""
    if recorded.keys() != now.keys():
        return math.inf
    pairs = [(recorded[k], now[k]) for k in recorded]
    return max(abs(a - b) / max(abs(a), abs(b), 1e-12) for a, b in pairs)


def verify(record: Record, device="cpu") -> float:
    """Replay the first recorded seed here; the largest relative difference from the record."""
    seed = record.seeds[0]
    return disagreement(record.provenance[seed]["replay"], replay(record.recipe, seed, device))
