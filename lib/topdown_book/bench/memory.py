"""Peak memory of a training process, and the activations that a rule keeps against depth.

`process` rows: a fresh process for every case; its highest resident memory less what it held before
the network was made (after a step of a tiny one, so that no library is counted). `depth` rows: the
bytes that the allocator had handed out at the highest point of one step, less those at its start;
of the library, of autograd, and of a step that keeps no more than the rule needs, beside the
closed form of the latter.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from topdown_book.bench._contestants import autograd_step, our_step
from topdown_book.bench._limit import FLOAT_BYTES
from topdown_book.bench._measure import quantiles
from topdown_book.bench._problem import Problem
from topdown_book.bench._streaming import Streaming, kept
from topdown_book.bench.scaling import smallest
from topdown_book.bench.step import every_rule

SIZES, BATCH = (3072, 1024, 10), 64
DEPTHS, WIDTH, INPUTS, ROWS = (1, 2, 3, 5, 7, 10), 256, 784, 1024
MAKERS = {"ours": lambda p: our_step(p, 1), "autograd": lambda p: autograd_step(p, 1)}
CHILD_SECONDS = 600


def bench_memory(count: int = 2, rounds: int = 2, quick: bool = False) -> list[dict]:
    """`process` rows for every rule and for autograd, then `depth` rows."""
    sizes = (64, 32, 10) if quick else SIZES
    problems = [("ours", problem) for problem in every_rule(sizes, BATCH)]
    problems.append(("autograd", Problem("bp", sizes, BATCH)))
    if quick:
        problems, rounds = problems[-1:], 1
    rows = [_process_row(who, problem, count, rounds) for who, problem in problems]
    width, batch = (16, 32) if quick else (WIDTH, ROWS)
    networks = [(INPUTS, *(width,) * depth, 10) for depth in ((2,) if quick else DEPTHS)]
    return rows + _child("depth", networks, batch, count)


def _child(*case):
    """What `main` below prints of this case in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "topdown_book.bench.memory", json.dumps(case)],
                          check=True, capture_output=True, text=True, timeout=CHILD_SECONDS)
    return json.loads(done.stdout.splitlines()[-1])


def main(case: str) -> None:
    """Measure one case and print the result as JSON."""
    kind, *rest, count = json.loads(case)
    torch.set_num_threads(count)
    print(json.dumps(_all_depths(*rest) if kind == "depth" else process_peak(*rest)))


# --- a process ----------------------------------------------------------------------------------


def _process_row(who: str, problem: Problem, count: int, rounds: int) -> dict:
    case = "process", who, problem.rule, problem.sizes, problem.batch, count
    peaks = [_child(*case) for _ in range(rounds)]
    states = 2 + (problem.rule == "pepita-time-local")
    return {"kind": "process", "who": who, "rule": problem.rule, "sizes": list(problem.sizes),
            "batch": problem.batch, "threads": count, "rounds": rounds,
            "state_bytes": FLOAT_BYTES * states * problem.weights,
            "peak_bytes": quantiles(peaks)}


def process_peak(who: str, rule: str, sizes, batch: int) -> int:
    """Train a little: bytes by which this process's resident memory rises at most."""
    problem = Problem(rule, tuple(sizes), batch)
    _steps(MAKERS[who](smallest(problem)), 3)
    before = resident(reset=True)
    _steps(MAKERS[who](problem), 5)
    return resident() - before


def _steps(step, count: int) -> None:
    for _ in range(count):
        step()


def resident(reset: bool = False) -> int:
    """Bytes of the highest resident memory since the last reset (Linux), or since the start."""
    if reset and Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return 1024 * next(int(x.split()[1]) for x in lines if x.startswith("VmHWM"))
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# --- a step -------------------------------------------------------------------------------------


def _all_depths(networks, batch: int) -> list[dict]:
    return [row for sizes in networks for row in depth_rows(sizes, batch)]


def depth_rows(sizes, batch: int) -> list[dict]:
    """Bytes of activations for every rule at one depth."""
    sizes = tuple(sizes)
    rows = []
    for problem in every_rule(sizes, batch):
        rows.append(_depth_row("ours", problem, step_peak(our_step(problem, 1))))
        if hasattr(Streaming, problem.method):
            rows.append(_depth_row("least", problem, streaming_peak(problem)))
    problem = Problem("bp", sizes, batch)
    return [*rows, _depth_row("autograd", problem, step_peak(autograd_step(problem, 1)))]


def _depth_row(who: str, problem: Problem, peak: int) -> dict:
    hidden, width = len(problem.sizes) - 2, problem.sizes[1]
    formula = FLOAT_BYTES * problem.batch * width * kept(problem.rule, hidden)
    return {"kind": "depth", "who": who, "rule": problem.rule, "sizes": list(problem.sizes),
            "batch": problem.batch, "depth": hidden, "activation_bytes": peak,
            "closed_form_bytes": formula if who == "least" else None,
            "weight_bytes": FLOAT_BYTES * problem.weights}


def streaming_peak(problem: Problem) -> int:
    """Bytes at the highest point of a step that keeps no more than the rule needs."""
    step = Streaming(problem)
    x, target = torch.rand(problem.batch, problem.sizes[0]), torch.zeros(
        problem.batch, problem.sizes[-1])
    target[:, 0] = 1
    return step_peak(lambda: step(x, target))


def step_peak(step) -> int:
    """The most bytes handed out by PyTorch's allocator during a step, less those at its start."""
    step()  # what is made once, at the first step, is no activation
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        step()
    events = [e for e in seen.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = peak = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
    return peak


if __name__ == "__main__":
    main(sys.argv[1])
