"""Speed and memory, as ratios whose sides are measured side by side in one run.

`step`: one training step of every rule against three yardsticks. `scaling`: time per sample against
replicas, width, depth and batch. `memory`: peaks, and what must be kept against depth. `peers`:
other packages. Each returns rows for one JSON file and one table; see `benchmarks/README.md`.
"""

from importlib import import_module

_WHERE = {"Problem": "_problem", "bench_memory": "memory", "bench_peers": "peers",
          "bench_scaling": "scaling", "bench_step": "step", "bench_steps": "step"}
__all__ = [*_WHERE]


def __getattr__(name):  # on first use, so that what reads `report` needs no torch
    if name not in _WHERE:
        raise AttributeError(f"no {name!r} in {__name__} (known: {', '.join(_WHERE)})")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
