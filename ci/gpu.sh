#!/usr/bin/env bash
# All that the owner of a GPU has to do: check it against the CPU's records, measure its speed, train
# the published sizes for so many hours, and pack what is new into one file to send back.
#   bash ci/gpu.sh [HOURS] [FOLDER]           8 hours, and build/gpu, unless said otherwise
#   TOPDOWN_DEVICE=cpu TOPDOWN_PROFILE=smoke bash ci/gpu.sh 0.01 build/tried     a dry run
# Killed and called again it goes on where it was: what is done has a mark in FOLDER. Works with the
# environment of ci/env.sh, or with PYTHON=python3 that has torch, pandas, PyArrow, SciPy,
# scikit-learn, tqdm and typer, without a network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

hours=${1:-8} folder=$(mkdir -p "${2:-build/gpu}" && cd "${2:-build/gpu}" && pwd)
device=${TOPDOWN_DEVICE:-cuda} profile=${TOPDOWN_PROFILE:-paper}
if [ -z "${PYTHON:-}" ]; then
    source ci/env.sh
    PYTHON=python
fi
export PYTHONPATH="$PWD/lib${PYTHONPATH:+:$PYTHONPATH}"

topdown() { "$PYTHON" -m topdown_book "$@"; }

once() {  # once NAME COMMAND...: unless its mark is there; what it prints is kept
    local name=$1
    shift
    if [ -f "$folder/$name.done" ]; then
        echo "gpu: $name is done"
        return
    fi
    echo "gpu: $name"
    "$@" 2>&1 | tee "$folder/$name.txt"
    date -u +%FT%TZ > "$folder/$name.done"
}

topdown doctor | tee "$folder/doctor.txt" || true
once check topdown verify --device "$device" --sample 40  # some of every data set and rule
once speed topdown bench step --rule all --device "$device" ${TOPDOWN_QUICK:+--quick} --out "$folder/benchmarks"

# What is recorded is not trained again; the bundle holds what has come since the first call.
[ -f "$folder/started" ] || touch "$folder/started"
echo "gpu: training for $hours hours"
topdown run all --profile "$profile" --device "$device" \
    --hours "$hours" 2>&1 | tee -a "$folder/training.txt"

results=${TOPDOWN_RESULTS:-results}
(cd "$results" && find . -name '[!.]*.parquet' -newer "$folder/started" -print0 |
    xargs -0r cp --parents -t "$(mkdir -p "$folder/results" && echo "$folder/results")")
tar -C "$folder" -czf "$folder.tar.gz" .
echo "gpu: send $folder.tar.gz; unpacked, it is taken over by: topdown import-records results"
