#!/usr/bin/env bash
# Tries what the page on reliability tells of, and writes its table anew: book/reliability.csv
#   bash ci/reliability.sh
# As root more can be tried (file systems that are full or read-only).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh

TOPDOWN_TRIED=$(mktemp -d)
export TOPDOWN_TRIED OMP_NUM_THREADS=1
trap 'rm -rf "$TOPDOWN_TRIED"' EXIT
failed=0
python -m pytest -q -m tried tests || failed=$?
python ci/reliability.py "$TOPDOWN_TRIED" book/reliability.csv
exit "$failed"
