"""From recipes to records: train what the store lacks, and replay what it holds."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import torch
from filelock import Timeout

from topdown.data import load
from topdown.data.specs import SPECS
from topdown.errors import UsageError
from topdown.recipes import Recipe
from topdown.training.loop import Run, Trainer, train
from topdown.training.sharing import may_share, train_together
from topdown_book.store import provenance
from topdown_book.store.checkpoints import Keeper
from topdown_book.store.checkpoints import path as checkpoint_path
from topdown_book.store.costs import machine, operations
from topdown_book.store.dependencies import training_hash
from topdown_book.store.progress import Progress
from topdown_book.store.records import Record, Store

__all__ = ["Job", "choose_device", "compute", "operations", "plan", "replay", "run_jobs", "verify"]
PAUSE = 0.5
"""Seconds before looking again for a job that no other process is training."""
REPLAY_STEPS = 4
REPLAY_TOLERANCE = 2e-3
"""Relative: rounding of other matrix products, amplified by a few steps of ReLU and softmax."""


def choose_device(name: str = "auto") -> torch.device:
    """`auto`: the first CUDA device, else the CPU. UsageError for a device that is not here."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(f"device {str(name)!r} cannot be used here; use cpu, or auto, and see "
                         "topdown doctor") from error
    return torch.device(name)


def most_together(device: torch.device) -> int:
    """Replicas in one program: on a CPU they gain nothing by it, on a GPU nearly all."""
    return 1 if device.type == "cpu" else 100


def to_record(run: Run, entries: dict[int, dict]) -> Record:
    """The rows and the provenance of a finished run; a diverged seed's end with that epoch."""
    return Record(run.recipe, run.to_frame(), entries).ended()


def compute(recipe: Recipe, seeds: list[int], device="cpu", keeper=None) -> Record:
    """Train `seeds` together and return their record, fingerprint included."""
    return compute_together({recipe: seeds}, device, keeper)[0]


def compute_together(members: dict[Recipe, list[int]], device="cpu", keeper=None) -> list[Record]:
    """One record for each recipe, all trained in one program (see `topdown.training.sharing`)."""
    first = next(iter(members))
    data = load(first.dataset, device=torch.device(device), n_train=first.n_train,
                held_out=first.held_out)
    with thread_count(first):
        return _compute(members, device, data, keeper)


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


def _compute(members, device, data, keeper) -> list[Record]:
    source = provenance.collect(device, data)
    source["trained_together"] = sum(len(seeds) for seeds in members.values())
    codes = {recipe: training_hash(recipe.rule, recipe.probe) for recipe in members}
    if keeper is not None:
        keeper.source |= {
            "code": list(codes.values()), "seeds": list(members.values()),
            "torch": source["packages"]["torch"],
            **{name: source[name] for name in ("device", "data_checksum")}}
    if len(members) == 1:
        (recipe, seeds), = members.items()
        runs = [train(recipe, seeds, device, data, progress=False, keeper=keeper)]
    else:
        runs = train_together(members, device, data, progress=False, keeper=keeper)
    if keeper is not None and keeper.resumed:
        source["resumed_after_epochs"] = keeper.resumed
    return [to_record(run, {
        seed: {**source, "code": codes[run.recipe],
               "status": status, "seconds": round(run.seconds, 3),
               "replay": replay(run.recipe, seed, device, data)}
        for seed, status in zip(run.seeds, run.status)}) for run in runs]


@dataclass(frozen=True)
class Job:
    """Seeds of one recipe to be trained together."""

    recipe: Recipe
    seeds: tuple[int, ...]

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


def run_jobs(jobs: list[Job], store: Store, device="auto", progress=True,
             together: int = 1) -> float:
    """Compute every job not done meanwhile by another process; returns the seconds it took.

    Each group of seeds is stored as soon as it is trained, and goes on from its last checkpoint
    where it was stopped. A job that another process is training is put off to the end, so that
    several processes share the work. `together`: the most replicas in one program; jobs whose
    recipes may share one do, up to that number.
    """
    device, started = choose_device(device), time.perf_counter()
    total = sum(seconds_of(job, device) for job in jobs)
    with Progress(total, progress and bool(jobs)) as shown:
        train_all(jobs, store, device, together, lambda *news: shown.report(0, *news))
    return time.perf_counter() - started


def seconds_of(job: Job, device) -> float:
    """What the job costs here when this machine has nothing else to do; the unit of progress."""
    return machine(str(device)).seconds(job.recipe, len(job.seeds))


def train_all(jobs: list[Job], store: Store, device, together: int, report) -> None:
    """The work of `run_jobs`; `report(doing, seconds done, seconds skipped)` after every epoch."""
    queue = deque(jobs)
    while queue:
        group = take(queue, together)
        with ExitStack() as locks:
            free = [job for job in group if _locked(job, store, locks, wait=not queue
                                                    and len(group) == 1)]
            _run_group(free, store, device, report)
        later = [job for job in group if job not in free]
        queue.extend(later)
        if later and not free:
            time.sleep(PAUSE)


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
    with ExitStack() as mine:
        try:
            for seed in job.seeds:
                mine.enter_context(store.lock(job.recipe, f"train-{seed}", -1 if wait else 0))
        except Timeout:
            return False
        locks.enter_context(mine.pop_all())
    return True


def _run_group(group: list[Job], store: Store, device, report) -> None:
    """Train what is still missing of the jobs, in one program, and store it."""
    absent = {job.recipe: store.missing(job.recipe, job.seeds) for job in group}
    members = {recipe: seeds for recipe, seeds in absent.items() if seeds}
    report("", 0.0, sum(seconds_of(job, device) for job in group if not absent[job.recipe]))
    if not members:
        return
    total = sum(seconds_of(job, device) for job in group if absent[job.recipe])
    watch = _Watch(members, total, report)
    keeper = Keeper(checkpoint_path(store, members), watch)
    for record in compute_together(members, device, keeper):
        store.add(record)
    keeper.remove()


class _Watch:
    """Turns the epochs of one program into reports."""

    def __init__(self, members, total: float, report):
        self.first = next(iter(members))
        listed = [f"seed {', '.join(map(str, seeds))}" for seeds in members.values()]
        more = f" and {len(members) - 1} more recipes" if len(members) > 1 else ""
        self.label = f"{self.first.label()} {listed[0]}{more}"
        self.share, self.report = total / max(self.first.epochs, 1), report

    def __call__(self, epoch: int, done: int, skipped: int = 0) -> None:
        self.report(f"{self.label}, epoch {epoch} of {self.first.epochs}", done * self.share,
                    skipped * self.share)


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
