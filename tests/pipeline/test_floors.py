"""The lowest versions that ci/wheel.sh installs are those that pyproject.toml declares."""

import runpy
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
floors = runpy.run_path(str(ROOT / "ci" / "floors.py"))["floors"]
PROJECT = {"dependencies": ["a>=1.2,<2", "B_c>=3"], "optional-dependencies": {"x": ["d>=4.0.1"]}}


def test_every_package_is_pinned_to_its_lowest_version():
    assert floors(PROJECT) == ["a==1.2", "b-c==3"]
    assert floors(PROJECT, ["x"], leave=["a"]) == ["b-c==3", "d==4.0.1"]


def test_a_package_without_a_lowest_version_is_named():
    with pytest.raises(SystemExit, match="d<5 states no lowest version"):
        floors(PROJECT | {"optional-dependencies": {"x": ["d<5"]}}, ["x"])


def test_every_dependency_of_this_project_declares_a_lowest_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = floors(project, ["companion", "figures", "tune"])
    assert len(lines) >= len(project["dependencies"]) + 5
