"""Rows with where they come from: as a JSON file, and as a table of text."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

from topdown_book.store import provenance

FOLDER = provenance.SOURCE_ROOT / "benchmarks"
"""Where the numbers that the book shows are kept."""
NAMES = ("step", "scaling", "memory", "peers")
DIGITS = 3


def run(name: str, bench: Callable[..., list[dict]], count: int, **options) -> dict:
    """{"about": ..., "rows": ...} of one benchmark; `about` says where, when, how, and how busy."""
    load, started = load_average(), time.perf_counter()
    about = provenance.collect(options.get("device", "cpu"))
    rows = bench(count, **options)
    about |= {
        "benchmark": name, "command": f"topdown bench {name}", "threads": count,
        "cores": os.cpu_count(), "system": platform.platform(terse=True),
        "seconds": round(time.perf_counter() - started, 1),
        "load_average": {"start": load, "end": load_average()}, **options,
    }
    return {"about": about, "rows": _rounded(rows)}


def load_average() -> float | None:
    """Runnable processes, averaged over a minute; unknown on some systems."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def write(folder: Path, result: dict) -> Path:
    """Keep a result as `<name>.json` in `folder`."""
    path = Path(folder) / f"{result['about']['benchmark']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    about = json.dumps(result["about"], indent=1, sort_keys=True)
    rows = ",\n".join(json.dumps(row) for row in result["rows"])
    path.write_text(f'{{"about": {about},\n"rows": [\n{rows}\n]}}\n')
    return path


def read(name: str, folder: Path = FOLDER) -> dict | None:
    """What `topdown bench NAME --out FOLDER` has kept; None if nothing."""
    path = Path(folder) / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def step_row(result: dict | None, sizes: tuple[int, ...], rule: str = "pepita") -> dict | None:
    """What was measured of a step of `rule` in a network of these sizes; None if nothing."""
    return next((row for row in (result or {"rows": []})["rows"]
                 if (row["rule"], tuple(row["sizes"])) == (rule, sizes)), None)


def _rounded(value):
    """Floats to four significant digits: more would be noise, and files are kept in git."""
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


# --- text -----------------------------------------------------------------------------------------

_CONSTANT = ("batch", "threads", "rounds", "requirements", "replicas")


def to_text(rows: list[dict]) -> str:
    """A table for each kind of row; quantities as median (10 % to 90 % quantile)."""
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        groups.setdefault(tuple(k for k in row if k not in _CONSTANT), []).append(row)
    return "\n\n".join(_table(list(names), members) for names, members in groups.items())


def _table(names: list[str], rows: list[dict]) -> str:
    lines = [names, *([cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(names))]
    return "\n".join("  ".join(text.ljust(w) for text, w in zip(line, widths)).rstrip()
                     for line in lines)


def cell(value) -> str:
    """A value for reading: quantiles with their spread, sizes joined by dashes."""
    if isinstance(value, dict):
        low, middle, high = (number(value[k]) for k in ("low", "median", "high"))
        return f"{middle} ({low} to {high})"
    if isinstance(value, list):
        return "-".join(map(str, value))
    return number(value) if isinstance(value, float) else "" if value is None else str(value)


def number(value: float) -> str:
    """Three significant digits, without exponents for sizes that occur here."""
    text = f"{value:.{DIGITS}g}"
    return f"{value:.0f}" if "e" in text and abs(value) >= 1 else text
