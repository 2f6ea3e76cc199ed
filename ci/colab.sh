#!/usr/bin/env bash
# What a reader does on Colab, in a clean environment: the set-up cell, then a figure.
#   bash ci/colab.sh [FIGURE]
# Colab brings its own torch and NumPy, so that the ranges of pyproject.toml count there, not the lock.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
figure=${1:-fig3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
export PATH="$work/venv/bin:$PATH" TOPDOWN_RESULTS="$work/results" JUPYTER_PREFER_ENV_PATH=1
pip install --quiet ipykernel                      # what Colab has
pip install --quiet ".[companion,figures,tune]" "papermill>=2.7"  # the set-up cell
cd book
papermill "$figure.ipynb" "$work/$figure.ipynb" --kernel python3 --no-progress-bar -p profile smoke
echo "colab: $figure runs in a clean environment"
