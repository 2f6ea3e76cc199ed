"""What the book shows of speed and memory: the numbers that `topdown bench all` has kept."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from topdown_book.bench.report import NAMES, cell, read, step_row
from topdown_book.figures import _performance_words as words
from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._performance_plots import memory_figure, scaling_figure, step_figure
from topdown_book.figures._study import Page

FIGURE = Page("Speed and memory")

COMMAND = "topdown bench all --threads 2 --out benchmarks/"
SPREAD = "Median over the rounds, with the 10 % and 90 % quantiles in brackets."


def answer(settings: dict) -> str:
    """A PEPITA step over one of BP by autograd, at the published sizes of CIFAR-10."""
    row = step_row(read("step"), (3072, 1024, 10))
    if row is None:
        return "The step has not been measured on this tree."
    return (f"On the processor named below a PEPITA step takes {row['ratio_to_bp']['median']:.2f} "
            "times as long as one of backpropagation by autograd, at the published size for "
            "CIFAR-10.")


def draw(settings: dict) -> dict[str, Drawing | Table | str]:
    """Every figure and table, and the sentences between them."""
    kept = {name: read(name) for name in NAMES}
    drawn = {"steps": (steps, "step"), "peers": (peers, "peers"), "scaling": (scaling, "scaling"),
             "processes": (processes, "memory"), "memory": (memory, "memory")}
    found = {part: replace(make(kept[name]), source=how(kept[name]))
             for part, (make, name) in drawn.items()}
    said = {axis: words.regime(kept["scaling"], axis)
            for axis in ("replicas", "width", "depth", "batch")}
    return {**found, **said, "promises": words.promises(kept["step"]),
            "whole": words.whole(kept["step"]), "kept": words.memory(kept["memory"])}


def absent(name: str) -> Table:
    """What stands in the place of numbers that nobody has measured yet."""
    said = f"not measured yet: {COMMAND}"
    rows = pd.DataFrame({"benchmark": [name], "state": [said]})
    return Table(rows, f"The benchmark {name} has not been run on this tree.", rows)


def how(result: dict | None) -> str:
    """Where, when and how the numbers were taken, in a sentence."""
    if result is None:
        return "no record in benchmarks/"
    about = result["about"]
    load = about["load_average"]
    words = (f"measured by `{about['command']}` on {about['started'][:10]} in "
             f"{about['seconds']:.0f} s on {about['device']}, {about['threads']} threads, "
             f"{about['cores']} cores, torch {about['packages']['torch']}, load average "
             f"{load['start']} before and {load['end']} after, commit "
             f"{(about['commit'] or 'unknown')[:9]}")
    changed = "" if about["clean"] else " (changed)"
    return words + changed + (" (quick: sizes of no interest)" if about["quick"] else "")


def flat(rows: list[dict]) -> pd.DataFrame:
    """The rows as a frame: quantities with a column each for median, low and high."""
    def columns(name, value):
        if isinstance(value, dict):
            return {f"{name}{'' if k == 'median' else '_' + k}": v for k, v in value.items()}
        return {name: cell(value) if isinstance(value, list) else value}

    return pd.DataFrame([{k: v for name, value in row.items()
                          for k, v in columns(name, value).items()} for row in rows])


def _table(rows: list[dict], columns: dict[str, str], caption: str, missing="") -> Table:
    cells = pd.DataFrame([{title: cell(row.get(name)) for name, title in columns.items()}
                          for row in rows])
    return Table(cells, caption, flat(rows), missing)


def steps(result: dict | None) -> Drawing | Table:
    """Every rule's step beside the three yardsticks."""
    if result is None:
        return absent("step")
    rows = flat(result["rows"])
    return Drawing(step_figure(rows), _steps_alt(rows), (
        f"One training step, batch {rows.batch.iloc[0]}, float32. (a) Time over that of BP by "
        "autograd: left of the line ours is faster. (b) Time of the usual program over ours: right "
        "of it ours is faster. (c) The limit set by arithmetic or memory over "
        "ours. Median over the rounds, bars from the 10 % to the 90 % quantile."), rows)


def _steps_alt(rows: pd.DataFrame) -> str:
    first = rows[rows.sizes == rows.sizes.iloc[0]]
    listed = ", ".join(f"{row.rule} {row.ratio_to_bp:.2f}" for row in first.itertuples())
    return (f"Three panels of ratios for every rule. Time over that of BP by autograd for "
            f"{first.sizes.iloc[0]}: {listed}.")


def peers(result: dict | None) -> Table:
    """Other packages beside ours, or why not."""
    if result is None:
        return absent("peers")
    columns = {"package": "package", "version": "version", "rule": "rule", "sizes": "network",
               "ms_per_step": "ours, ms per step", "peer_ms_per_step": "theirs, ms per step",
               "speedup": "theirs / ours", "note": "theirs", "problem": "why not"}
    broken = any(row["problem"] for row in result["rows"])
    return _table(result["rows"], columns, (
        "A step of other packages on the same network and batch, without dropout, beside ours, "
        f"measured in turns. {SPREAD}"),
        "a package that is absent or does not work has no numbers" if broken else "")


def processes(result: dict | None) -> Table:
    """Peak memory of a training process."""
    if result is None:
        return absent("memory")
    rows = [row for row in result["rows"] if row["kind"] == "process"]
    shown = [{"what": "BP by autograd" if row["who"] == "autograd" else row["rule"],
              "network": row["sizes"], "state": row["state_bytes"] / 1e6,
              "peak": {k: v / 1e6 for k, v in row["peak_bytes"].items()}} for row in rows]
    columns = {"what": "rule", "network": "network", "state": "weights and velocities, MB",
               "peak": "peak of the process, MB"}
    table = _table(shown, columns, (
        f"Peak resident memory of a process that trains, batch {rows[0]['batch']}, above what it "
        f"held with the library loaded; a fresh process for every run. {SPREAD}"))
    return Table(table.cells, table.caption, flat(rows))


def scaling(result: dict | None) -> Drawing | Table:
    """Time per sample against replicas, width, depth and batch."""
    if result is None:
        return absent("scaling")
    rows = flat(result["rows"])
    return Drawing(scaling_figure(rows), _scaling_alt(rows), (
        "Time per sample of a PEPITA step (ours) and of BP by autograd; bars from the 10 % to the "
        "90 % quantile. Broken lines: what no step can undercut, by arithmetic, by products of its "
        f"own shapes, by bandwidth, by dispatch. {_networks(rows)}."), rows)


def _networks(rows: pd.DataFrame) -> str:
    parts = []
    for axis, one in rows.groupby("axis", sort=False):
        first, last = one.sizes.iloc[0], one.sizes.iloc[-1]
        name = first if first == last else f"{first} to {last}"
        parts.append(f"{axis} {name}" + ("" if axis == "batch" else f", batch {one.batch.iloc[0]}"))
    return "; ".join(parts)


def _scaling_alt(rows: pd.DataFrame) -> str:
    parts = []
    for axis, one in rows.groupby("axis", sort=False):
        ends = (f"{row.ours_us_per_sample:.3g} microseconds at {row.value}"
                for row in (one.iloc[0], one.iloc[-1]))
        parts.append(f"{axis}: from {' to '.join(ends)}")
    return f"Four panels of time per sample of a PEPITA step against {'; '.join(parts)}."


def memory(result: dict | None) -> Drawing | Table:
    """Activations against depth: what a rule must keep, and what is kept."""
    if result is None:
        return absent("memory")
    rows = flat([row for row in result["rows"] if row["kind"] == "depth"])
    first = rows.iloc[0]
    return Drawing(memory_figure(rows), _memory_alt(rows), (
        "Memory of one step beside weights, velocities, feedback and the batch; hidden layers of "
        f"{first.sizes.split('-')[1]} units, batch {first.batch}. (a) A step that keeps no more "
        "than the rule needs: markers measured at the allocator, lines the closed form. (b) The "
        "library, which keeps both passes, and BP by autograd, gradients counted in."), rows,
        "only the least has a closed form")


def _memory_alt(rows: pd.DataFrame) -> str:
    least = rows[(rows.who == "least") & (rows.depth == rows.depth.max())]
    listed = ", ".join(f"{row.rule} {row.activation_bytes / 1e6:.1f}" for row in least.itertuples())
    return (f"Two panels of activation memory in megabytes against depth. With {rows.depth.max()} "
            f"hidden layers a step that keeps the least needs: {listed}.")
