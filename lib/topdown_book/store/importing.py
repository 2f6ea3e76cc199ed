"""Take over records made elsewhere: each is checked whole, then its new seeds join ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from topdown.errors import RecordError, UsageError
from topdown_book.store.records import Record, Store, read

ORIGIN = ("status", "code", "replay", "commit", "packages", "device", "data_checksum")
"""What must be known of every seed: how it ended, and what made it."""

_END = re.compile(r"diverged in epoch (\d+)")
"""After which no more epochs are needed."""


@dataclass(frozen=True)
class Imported:
    """What became of one file: its new seeds, those already there, or why it is refused."""

    path: Path
    label: str = ""
    new: tuple[int, ...] = ()
    present: tuple[int, ...] = ()
    refused: str = ""

    def __str__(self) -> str:
        if self.refused:
            return f"refused   {self.path}: {self.refused}"
        words = [f"seeds {list(seeds)} {what}" for seeds, what in
                 ((self.new, "new"), (self.present, "already there")) if seeds]
        return f"{'imported' if self.new else 'present':9s} {self.path} ({self.label}): " + (
            "; ".join(words))


def import_records(folder: Path, store: Store) -> Iterator[Imported]:
    """Take over every record below `folder`, laid out as a store; one `Imported` a file.

    UsageError where the folder holds none. A record is replaced whole or left as it was.
    """
    source = Store(folder)
    files = source.files()
    if not files:
        raise UsageError(f"no records in {folder}: expected {folder}/<data set>/<rule>-<key>"
                         ".parquet, as in `results/`")
    for path in files:
        try:
            yield _import(path, source, store)
        except RecordError as error:
            yield Imported(path, refused=str(error))


def _import(path: Path, source: Store, store: Store) -> Imported:
    record = read(path)
    check(record)
    if path != source.path(record.recipe):
        raise RecordError(f"its recipe belongs to {source.path(record.recipe).name}")
    present = store.load(record.recipe)
    known = [] if present is None else [s for s in record.seeds if s in present.provenance]
    for seed in known:
        if not _agree(record, present, seed):
            raise RecordError(f"seed {seed} is already there with other values; ours is kept")
    new = [seed for seed in record.seeds if seed not in known]
    if new:
        store.add(record.only(new))
    return Imported(path, record.recipe.label(), tuple(new), tuple(known))


def check(record: Record) -> None:
    """RecordError where a seed lacks its origin, or an epoch of a metric."""
    if sorted(record.curves.seed.unique()) != record.seeds:
        raise RecordError("its curves and its provenance are not of the same seeds")
    for seed, entry in record.provenance.items():
        absent = [name for name in ORIGIN if not entry.get(name)]
        if absent:
            raise RecordError(f"seed {seed} does not say its {', '.join(absent)}")
    for (seed, metric), rows in record.curves.groupby(["seed", "metric"]):
        end = _END.fullmatch(record.provenance[seed]["status"])
        last = int(end[1]) if end else record.recipe.epochs
        if not set(range(last + 1)) <= set(rows.epoch) or rows.epoch.duplicated().any():
            raise RecordError(f"{metric} of seed {seed} has not every epoch from 0 to {last}")


def _agree(one: Record, other: Record, seed: int) -> bool:
    a, b = (r.curves[r.curves.seed == seed].set_index(["metric", "epoch"]).value.sort_index()
            for r in (one, other))
    return a.equals(b)
