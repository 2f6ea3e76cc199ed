"""Do the records still hold? Each seed's first steps are replayed by the present code.

A change of the library makes the records that it trained "earlier code". Where the replay agrees,
`adopt` notes the hash of the present code in the record, with the one it was trained by beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from topdown.errors import RecordError
from topdown_book.store.dependencies import training_hash
from topdown_book.store.provenance import commit
from topdown_book.store.records import Record, Store, read


@dataclass(frozen=True)
class Verified:
    """What became of one file: the largest relative difference of a replay, or why there is none.

    damaged: it cannot be read; skipped: its data are not here; adopted: seeds of earlier code.
    """

    path: Path
    difference: float = 0.0
    damaged: str = ""
    skipped: str = ""
    adopted: tuple[int, ...] = ()


def verify_all(store: Store, device="cpu", adopt: bool = False,
               sample: int | None = None) -> Iterator[Verified]:
    """Every record of the store, one after another; a damaged one does not stop the others.

    sample: only so many, spread evenly over data sets and rules.
    """
    from topdown.data import DataNotFoundError

    files = store.files()
    if sample is not None:
        files = files[:: max(1, math.ceil(len(files) / sample))]
    for path in files:
        try:
            yield _verified(path, store, device, adopt)
        except RecordError as error:
            yield Verified(path, damaged=str(error))
        except DataNotFoundError as error:
            yield Verified(path, skipped=str(error))


def _verified(path: Path, store: Store, device, adopt: bool) -> Verified:
    from topdown_book.store.running import REPLAY_TOLERANCE, disagreement, replay

    record = read(path)
    if path != store.path(record.recipe):
        raise RecordError(f"foreign record {path}: its recipe belongs to "
                          f"{store.path(record.recipe).name}; rename or remove it")
    code = training_hash(record.recipe.rule, record.recipe.probe)
    earlier = [s for s in record.seeds if record.provenance[s].get("code") != code]
    asked = earlier if adopt else record.seeds[:1]
    worst = max((disagreement(record.provenance[seed]["replay"],
                              replay(record.recipe, seed, device)) for seed in asked), default=0.0)
    if not (adopt and earlier and worst <= REPLAY_TOLERANCE):
        return Verified(path, worst)
    store.add(_adopted(record, earlier, code))
    return Verified(path, worst, adopted=tuple(earlier))


def _adopted(record: Record, seeds: list[int], code: str) -> Record:
    """The record with `code` noted for `seeds`; `trained_by` keeps the hash of the code before."""
    changed = {}
    for seed in seeds:
        entry = record.provenance[seed]
        changed[seed] = {**entry, "code": code, "adopted_at": commit()["commit"],
                         "trained_by": entry.get("trained_by", entry.get("code"))}
    return Record(record.recipe, record.curves, {**record.provenance, **changed})
