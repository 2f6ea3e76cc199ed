"""Speed and memory, as ratios whose sides are measured side by side in one run.

`step`: one training step of every rule against three yardsticks. `scaling`: time per sample against
replicas, width, depth and batch. `memory`: peaks, and what must be kept against depth. `peers`:
other packages. Each returns rows for one JSON file and one table; see `benchmarks/README.md`.
"""

from topdown_book.bench._problem import Problem
from topdown_book.bench.memory import bench_memory
from topdown_book.bench.peers import bench_peers
from topdown_book.bench.report import FOLDER, read, to_text, write
from topdown_book.bench.scaling import bench_scaling
from topdown_book.bench.step import bench_step, bench_steps

__all__ = ["FOLDER", "Problem", "bench_memory", "bench_peers", "bench_scaling", "bench_step",
           "bench_steps", "read", "to_text", "write"]
