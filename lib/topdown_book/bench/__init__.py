"""Speed and memory, as ratios whose sides are measured side by side in one run.

`step`: one training step of every rule against three yardsticks. `scaling`: time per sample against
replicas, width, depth and batch. `memory`: peaks, and what must be kept against depth. `peers`:
other packages. Each returns rows for one JSON file and one table; see `benchmarks/README.md`.
"""
