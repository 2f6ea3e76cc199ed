#!/usr/bin/env bash
# Runs the whole test suite. Arguments go to pytest:
#   bash ci/test.sh
#   bash ci/test.sh tests/pipeline/test_book.py -k toc
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh

# Two workers with one thread each: more of either only makes them wait for one another.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} MKL_NUM_THREADS=${MKL_NUM_THREADS:-1}
export NUMBA_NUM_THREADS=${NUMBA_NUM_THREADS:-1} OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
exec python -m pytest -n "${TOPDOWN_TEST_WORKERS:-2}" "$@"
