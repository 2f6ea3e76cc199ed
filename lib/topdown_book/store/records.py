"""The store of results: one Parquet file a recipe, all its seeds inside.

    results/<data set>/<rule>-<key of the recipe>.parquet

Rows are (seed, epoch, metric, value); the file's metadata hold the recipe, the provenance of every
seed and a checksum over all of it. The curves of a seed that diverged end in that epoch, with its
accuracies at chance level: a network of NaN predicts one class. A file is only ever replaced whole
(written beside, then renamed), so a reader or a killed run never meets half a record; writers of
one recipe take turns by a lock that the system releases when its holder dies.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from topdown.data.specs import SPECS
from topdown.errors import RecordError, StoreError
from topdown.recipes import Recipe
from topdown_book.store.provenance import SOURCE_ROOT

FORMAT = 1
COLUMNS = {"seed": "int32", "epoch": "int32", "metric": "string", "value": "float64"}
_META = b"topdown"
_TYPES = dict.fromkeys((pa.string(), pa.large_string()), pd.StringDtype())
_DIVERGED = re.compile(r"diverged in epoch (\d+)")
log = logging.getLogger("topdown")


class NewerRecord(RecordError):
    """A record that a later version has written: it is not damaged, and never replaced."""


@dataclass(frozen=True)
class Record:
    """What is known of one recipe: `curves` (seed, epoch, metric, value), `provenance` per seed."""

    recipe: Recipe
    curves: pd.DataFrame
    provenance: dict[int, dict]

    @property
    def seeds(self) -> list[int]:
        return sorted(self.provenance)

    def only(self, seeds) -> Record:
        """The record of these of its seeds."""
        return Record(self.recipe, self.curves[self.curves.seed.isin(seeds)],
                      {seed: self.provenance[seed] for seed in seeds})

    @property
    def diverged(self) -> dict[int, int]:
        """The epoch in which a seed diverged, for those that did."""
        found = {s: _DIVERGED.search(str(p.get("status"))) for s, p in self.provenance.items()}
        return {seed: int(match[1]) for seed, match in found.items() if match}

    def ended(self) -> Record:
        """The same, curves of diverged seeds as above; older files hold NaN from that epoch on."""
        if not self.diverged:
            return self
        last, curves = self.curves.seed.map(self.diverged), self.curves
        chance = 100 / len(SPECS[self.recipe.dataset].classes)
        guesses = (curves.epoch == last) & curves.metric.str.endswith("accuracy")
        curves = curves.assign(value=curves.value.mask(guesses, chance))
        return Record(self.recipe, curves[~(curves.epoch > last)], self.provenance)

    def at(self, metric: str, epoch: int) -> pd.Series:
        """Value per seed after `epoch`; that of its last epoch for a seed that diverged before."""
        rows = self.curves[self.curves.metric == metric]
        wanted = epoch
        if self.diverged:
            wanted = rows.seed.map(self.diverged).fillna(epoch).clip(upper=epoch)
        return rows[rows.epoch == wanted].set_index("seed").value

    def merged(self, other: Record) -> Record:
        """Both records' seeds; a seed of `other` replaces one of the same number here."""
        kept = self.curves[~self.curves.seed.isin(other.seeds)]
        curves = pd.concat([kept, other.curves], ignore_index=True)
        return Record(self.recipe, curves, {**self.provenance, **other.provenance})


def results_folder() -> Path:
    """TOPDOWN_RESULTS (`~` is one's home), or `results/` of the source tree or working folder."""
    if os.environ.get("TOPDOWN_RESULTS"):
        return Path(os.path.expanduser(os.environ["TOPDOWN_RESULTS"])).resolve()
    in_tree = (SOURCE_ROOT / "pyproject.toml").exists()
    return (SOURCE_ROOT if in_tree else Path.cwd()) / "results"


class Store:
    """Records below one folder. quiet: damage is not logged, since another process does it."""

    def __init__(self, root: str | Path | None = None, quiet: bool = False):
        self.root = results_folder() if root is None else Path(os.path.expanduser(root)).resolve()
        self.quiet = quiet

    def path(self, recipe: Recipe) -> Path:
        return self.root / recipe.dataset / f"{recipe.rule}-{recipe.key}.parquet"

    def load(self, recipe: Recipe) -> Record | None:
        """The record of `recipe`; None where there is none, or a damaged one (logged once).

        NewerRecord where a later version has written it.
        """
        try:
            return read(self.path(recipe), recipe)
        except FileNotFoundError:
            return None
        except NewerRecord:
            raise
        except RecordError as error:
            if not self.quiet:
                _warn_once(f"{error}; it will be computed again")
            return None

    def missing(self, recipe: Recipe, seeds) -> list[int]:
        """The seeds of `seeds` that the store does not hold."""
        record = self.load(recipe)
        return [s for s in seeds if record is None or s not in record.provenance]

    def add(self, record: Record) -> Path:
        """Join the record's seeds to those already stored. StoreError if it cannot be written."""
        path = self.path(record.recipe)
        with self.lock(record.recipe, "write"):
            for left in path.parent.glob(f".{path.name}.*"):  # by a writer that was killed
                left.unlink(missing_ok=True)
            present = self.load(record.recipe)
            write(path, record if present is None else present.merged(record))
        return path

    @contextmanager
    def lock(self, recipe: Recipe, purpose: str, timeout: float = -1):
        """Exclusive among processes; released by the system if its holder is killed.

        StoreError, before anything is trained, where the record could not be written.
        """
        path = self.root / ".locks" / f"{recipe.key}.{purpose}"
        with _as_store_error(self.path(recipe)):
            for folder in (path.parent, self.path(recipe).parent):
                folder.mkdir(parents=True, exist_ok=True)
                if not os.access(folder, os.W_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            held = FileLock(path)
            held.acquire(timeout=timeout)
        try:
            yield
        finally:
            held.release()

    def files(self) -> list[Path]:
        """Every record file of the store."""
        return sorted(self.root.glob("*/*.parquet"))


@cache
def _warn_once(text: str) -> None:
    log.warning(text)


@contextmanager
def _as_store_error(path: Path):
    try:
        yield
    except (Timeout, RecordError, FileNotFoundError):
        raise
    except (OSError, NotImplementedError) as error:  # the second: no locks on this file system
        raise StoreError(f"cannot write {path}: {getattr(error, 'strerror', '') or error}; free "
                         "some space, or set TOPDOWN_RESULTS to a folder that can be written"
                         ) from error


def write(path: Path, record: Record) -> None:
    """Write the whole record beside `path`, then rename it into place."""
    curves = record.curves.astype(COLUMNS).sort_values(["seed", "metric", "epoch"],
                                                       ignore_index=True)
    write_frame(path, curves, {
        "format": FORMAT, "recipe": record.recipe.to_dict(),
        "provenance": {str(s): record.provenance[s] for s in record.seeds}})


def write_frame(path: Path, frame: pd.DataFrame, meta: dict) -> None:
    """Replace `path` by a Parquet file of the frame with `meta` and a checksum, or leave it."""
    meta = {**meta, "sha256": _checksum(frame, meta)}
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({_META: json.dumps(meta).encode()})
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with _as_store_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)
            with open(temporary, "rb+") as stream:
                os.fsync(stream.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def read(path: Path, recipe: Recipe | None = None) -> Record:
    """The record in `path`. RecordError where the file is damaged or of another recipe."""
    if not path.exists():
        raise FileNotFoundError(path)
    file = path.stat()
    found = _decoded(path, file.st_mtime_ns, file.st_size, file.st_ino)
    if recipe is not None and found.recipe != recipe:
        raise RecordError(f"damaged record {path}: it holds another recipe, "
                          f"{found.recipe.changes()}")
    provenance = {seed: dict(entry) for seed, entry in found.provenance.items()}
    return Record(found.recipe, found.curves.copy(), provenance)


@cache
def _decoded(path: Path, written: int, size: int, inode: int) -> Record:
    """What the file holds, decoded and checked once for all figures that show it."""
    curves, meta = read_frame(path, COLUMNS)
    if isinstance(meta.get("format"), int) and meta["format"] > FORMAT:
        raise NewerRecord(f"{path} has format {meta['format']}, this version reads up to {FORMAT}; "
                          "update topdown, or set TOPDOWN_RESULTS to another folder")
    try:
        if meta["format"] != FORMAT:
            raise RecordError(f"its format is {meta['format']}, not {FORMAT}")
        found = Recipe.from_dict(meta["recipe"])
        provenance = {int(seed): entry for seed, entry in meta["provenance"].items()}
    except Exception as error:
        raise RecordError(f"damaged record {path}: {error}") from error
    return Record(found, curves, provenance).ended()


def read_frame(path: Path, columns: dict[str, str]) -> tuple[pd.DataFrame, dict]:
    """What `write_frame` has written, its columns of these types. RecordError where damaged."""
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read(use_threads=False)  # a record is too small to be divided
        meta = json.loads(table.schema.metadata[_META])
        frame = table.to_pandas(types_mapper=_TYPES.get, use_threads=False)
        if frame.dtypes.to_dict() != columns:  # a conversion takes longer than the reading
            frame = frame.astype(columns)
        if meta.pop("sha256") != _checksum(frame, meta):
            raise RecordError("its checksum does not agree with its content")
    except Exception as error:  # any damage, wherever it surfaces, means the same to the caller
        raise RecordError(f"damaged record {path}: {error}") from error
    return frame, meta


def _checksum(curves: pd.DataFrame, meta: dict) -> str:
    digest = hashlib.sha256(json.dumps(meta, sort_keys=True).encode())
    rows = pd.util.hash_pandas_object(curves, index=False, categorize=False)
    digest.update(rows.to_numpy().tobytes())
    return digest.hexdigest()
