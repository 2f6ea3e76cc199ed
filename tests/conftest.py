"""Every test has its own store of records and one thread; data only where TOPDOWN_DATA points."""

import pytest
import torch


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPDOWN_RESULTS", str(tmp_path / "results"))
    torch.set_num_threads(1)
    return tmp_path / "results"
