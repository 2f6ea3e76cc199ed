#!/usr/bin/env bash
# The library as a user gets it: built as a wheel, installed in an environment of its own in another
# folder, and tested from there, without the packages of the companion. Tests that read the book stay.
#   bash ci/wheel.sh              newest versions
#   bash ci/wheel.sh --lowest     the lowest that pyproject.toml allows, those of the companion too
# TOPDOWN_LEAVE=torch,torchvision keeps some from being lowered (they take 3 GB of a download).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/python.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(find_python)" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install -q "packaging>=24" pytest hypothesis
"$python" -m pip wheel -q --no-deps --wheel-dir "$folder" .
: > "$folder/lowest"
tests=$(grep -L -E "topdown_book|^import pandas|\"book\"" tests/topdown/test_*.py tests/contract/test_*.py)
if [ "${1:-}" = --lowest ]; then
    "$python" ci/floors.py companion figures --leave "${TOPDOWN_LEAVE:-}" > "$folder/lowest"
    tests="$tests tests/topdown_book/test_records.py tests/topdown_book/test_published_first.py"
fi
"$python" -m pip install -q "$folder"/topdown-*.whl -r "$folder/lowest"
"$python" -m pip check

cp --parents $tests tests/conftest.py tests/topdown/*.py pyproject.toml "$folder"
cd "$folder"
export OMP_NUM_THREADS=1
"$python" -c 'import topdown; assert "site-packages" in topdown.__file__, topdown.__file__'
"$python" -m pytest -q -m "not slow" $tests
