"""Every test has its own store of records and one thread; data only where TOPDOWN_DATA points."""

import hashlib
import json
import os
from pathlib import Path

import pytest
import torch


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPDOWN_RESULTS", str(tmp_path / "results"))
    torch.set_num_threads(1)
    return tmp_path / "results"


@pytest.fixture
def own_cache(tmp_path_factory, monkeypatch):
    """Neither the user's cache folder nor the user's data are seen or touched."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TOPDOWN_CACHE", str(cache))
    monkeypatch.delenv("TOPDOWN_DATA", raising=False)
    return cache


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that is `tried` leaves a row for the book's table where TOPDOWN_TRIED points."""
    report = yield
    tried, folder = item.get_closest_marker("tried"), os.environ.get("TOPDOWN_TRIED")
    if tried and folder and (report.when == "call" or not report.passed):
        what, holds = tried.args
        happened = {"passed": "held", "failed": "FAILED"}.get(report.outcome, report.outcome)
        if report.skipped:
            happened = f"not tried here: {report.longrepr[2].removeprefix('Skipped: ')}"
        row = {"test": item.name, "tried": what, "holds": holds, "happened": happened,
               "seconds": round(report.duration, 1)}
        name = hashlib.sha256(item.nodeid.encode()).hexdigest()[:16]
        file = f"{item.path.stem}-{item.originalname}-{name}.json"
        Path(folder, file).write_text(json.dumps(row))
    return report
