"""Results of studies that take minutes: one Parquet file a choice of settings, next to the records.

    results/theory/<study>/<key>.parquet

The metadata hold settings, versions, commit, date and seconds. The key is a hash of the settings
and of the study's version, a number to raise when its calculation changes.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from topdown.errors import RecordError
from topdown_book.store.provenance import commit
from topdown_book.store.records import results_folder, write_frame

_META = b"topdown"


def path(name: str, version: int, settings: dict) -> Path:
    """Where the result of these settings is, or would be."""
    content = json.dumps([version, settings], sort_keys=True).encode()
    key = hashlib.sha256(content).hexdigest()[:12]
    return results_folder() / "theory" / name / f"{key}.parquet"


def read(file: Path) -> tuple[pd.DataFrame, dict] | None:
    """Rows and metadata of `file`, None if there is none. RecordError if it is damaged."""
    if not file.exists():
        return None
    try:
        table = pq.read_table(file, page_checksum_verification=True, partitioning=None)
        return table.to_pandas(), json.loads(table.schema.metadata[_META])
    except Exception as error:  # any damage, wherever it surfaces, means the same to the caller
        raise RecordError(f"damaged result {file}: {error}; delete it, and it is computed again"
                          ) from error


def write(file: Path, rows: pd.DataFrame, about: dict) -> dict:
    """Keep the rows with what is known about them, which is returned."""
    about = {**about, "commit": commit()["commit"], "clean": commit()["clean"],
             "date": datetime.now(UTC).date().isoformat()}
    write_frame(file, rows, about)
    return about
