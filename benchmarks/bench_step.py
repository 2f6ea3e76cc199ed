"""Time the steps that the project makes promises about, and keep the numbers of that run.

    python benchmarks/bench_step.py            prints a table, writes benchmarks/step.json

Every ratio is measured side by side in one run (see `topdown.bench`); run it on a quiet machine.
"""

import json
from pathlib import Path

from topdown.bench import Problem, bench_step
from topdown.cli import bench_table
from topdown.provenance import collect

PROBLEMS = (
    Problem("pepita", (3072, 1024, 10), 64),
    Problem("pepita", (784, 1024, 10), 64),
    Problem("pepita-hebbian", (3072, 1024, 10), 64),
    Problem("pepita", (3072, 1024, 1024, 1024, 10), 64),
    Problem("bp", (3072, 1024, 10), 64),
)


def main() -> None:
    results = []
    for problem in PROBLEMS:
        results.append(bench_step(problem, threads=2))
        print(bench_table(results[-1]), flush=True)
    kept = {"machine": collect("cpu"), "steps": results}
    Path(__file__).with_name("step.json").write_text(json.dumps(kept, indent=1) + "\n")


main()
