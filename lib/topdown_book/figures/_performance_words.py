"""What the kept measurements of speed and memory say, in sentences whose numbers are computed."""

from __future__ import annotations

import numpy as np

from topdown_book import figures
from topdown_book.bench.report import cell, number, step_row

PROMISES = (
    ((3072, 1024, 10), "ratio_to_bp", "at most", 1.0, "times BP by autograd"),
    ((3072, 1024, 10), "speedup_over_usual", "at least", 1.6, "times faster than the usual recipe"),
    ((3072, 1024, 10), "fraction_of_limit", "at least", 0.65, "of the limit"),
    ((784, 1024, 10), "ratio_to_bp", "at most", 1.1, "times BP by autograd"),
)
"""What the project set out to reach for a PEPITA step on a CPU, batch 64."""


def promises(result: dict | None) -> str:
    """Each aim with what was measured, and whether it is met."""
    if result is None:
        return ""
    words = []
    for sizes, name, side, aim, what in PROMISES:
        row = step_row(result, sizes)
        value = row[name]["median"]
        met = value <= aim if side == "at most" else value >= aim
        words.append(f"- {'-'.join(map(str, sizes))}: {cell(row[name])} {what}; aim: {side} "
                     f"{aim:g}, {'met' if met else '**not met**'}")
    return "A PEPITA step beside the aims of this project:\n\n" + "\n".join(words)


def whole(result: dict | None) -> str:
    """The published sizes: runs, operations, the time here, and the rate that makes it an hour."""
    from topdown_book.store.costs import operations

    row, words = step_row(result, (3072, 1024, 10)), []
    for what, names in (("The figures and tables of the paper", _of_the_paper()),
                        ("With our own questions and the errata", figures.experiments())):
        recipes = published_recipes(names)
        total = sum(len(seeds) * operations(recipe) for recipe, seeds in recipes.items())
        runs = sum(map(len, recipes.values()))
        needs = f"in one hour that takes {total / 3600 / 1e12:.0f} · 10¹² operations per second"
        if row is not None:
            rate = 1e9 * row["gflops"]["median"] * row["fraction_of_limit"]["median"]
            needs = f"on the processor above that is {total / rate / 86400:.0f} days, {needs}"
        words.append(f"- {what}: {len(recipes)} recipes, {runs} runs, {total / 1e15:.0f} · 10¹⁵ "
                     f"operations; {needs}.")
    return "\n".join(words)


def _of_the_paper() -> list[str]:
    return [name for name in figures.experiments() if name.startswith(("fig", "tab"))]


def published_recipes(names) -> dict:
    """Every distinct recipe of these experiments' published profiles, with its seeds."""
    found: dict = {}
    for name in names:
        experiment = figures.get(name)
        settings = {**experiment.profiles["paper"], "profile": "paper"}
        for case in experiment.cases(settings):
            seeds = list(range(settings["seeds"]))
            found[case.recipe] = max(found.get(case.recipe, []), seeds, key=len)
    return found


def regime(result: dict | None, axis: str) -> str:
    """What bounds a step along one axis, and how far from the bound it stays."""
    if result is None:
        return ""
    rows = [row for row in result["rows"] if row["axis"] == axis]
    times = [row["ours_us_per_sample"]["median"] for row in rows]
    fractions = [row["fraction_of_limit"]["median"] for row in rows]
    ratios = [row["ratio_to_bp"]["median"] for row in rows]
    bounds = _spans([(row["bound_by"], row["value"]) for row in rows])
    where = ", ".join(f"{bound} at {values}" for bound, values in bounds)
    return (f"From {axis} {rows[0]['value']} to {rows[-1]['value']} the time per sample goes from "
            f"{number(times[0])} to {number(times[-1])} µs, a factor of "
            f"{number(times[-1] / times[0])}. The largest bound is {where}. The limit is "
            f"{_range(fractions)} of our time, and our time {_range(ratios)} times that of BP by "
            "autograd.")


def _range(values: list[float]) -> str:
    return " to ".join(dict.fromkeys((number(min(values)), number(max(values)))))


def _spans(pairs: list[tuple[str, int]]) -> list[tuple[str, str]]:
    """Neighbours with the same bound together: [("dispatch", "1 to 4"), ...]."""
    spans: list[tuple[str, list[int]]] = []
    for bound, value in pairs:
        if spans and spans[-1][0] == bound:
            spans[-1][1].append(value)
        else:
            spans.append((bound, [value]))
    return [(bound, f"{v[0]} to {v[-1]}" if len(v) > 1 else str(v[0])) for bound, v in spans]


def memory(result: dict | None) -> str:
    """Which rules need more with depth, from the measurement."""
    if result is None:
        return ""
    least = [row for row in result["rows"] if row.get("who") == "least"]
    depths = sorted({row["depth"] for row in least})
    if len(depths) < 3:
        return ""
    growth = {row["rule"]: row["activation_bytes"] / _at(least, row["rule"], depths[1])
              for row in least if row["depth"] == depths[-1]}
    off = max(abs(row["activation_bytes"] / row["closed_form_bytes"] - 1) for row in least)
    flat, rising = ([rule for rule, g in growth.items() if (g < 1.05) is same]
                    for same in (True, False))
    factors = [growth[rule] for rule in rising] or [np.nan]
    return (f"From {depths[1]} to {depths[-1]} hidden layers the least memory of "
            f"{', '.join(rising) or 'no rule'} grows {_range(factors)} times; that of "
            f"{', '.join(flat) or 'no rule'} stays as it is. "
            f"Measured bytes exceed the closed form by at most {100 * off:.0f} % (arrays as long "
            f"as the output).")


def _at(rows, rule: str, depth: int) -> float:
    return next(r["activation_bytes"] for r in rows if r["rule"] == rule and r["depth"] == depth)
