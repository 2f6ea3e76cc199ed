#!/usr/bin/env bash
# Executes what changed of the notebooks, in the richest profile whose records are there, checks that
# every figure is there and whole, and renders the HTML book. Any warning is an error.
#   bash ci/book.sh
#   bash ci/book.sh profile=smoke figures=fig3,tab2     configuration as in ci/Snakefile
# Says of each step why it runs, and ends with a table of what ran, where and how long. Two at once
# take turns; one that was killed is simply started again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh

mkdir -p build
if command -v flock >/dev/null; then
    exec 8>build/.lock
    flock -n 8 || { echo "book: waiting for another build of this book"; flock 8; }
fi

python ci/check_book.py

# Snakemake's own lock would outlive a build that was killed; the one above does not. What has
# changed is known from hashes (ci/inputs.py), so that only their files' dates matter here, and not
# whether Snakemake finds the content of a newer file to be the same.
if ! snakemake --snakefile ci/Snakefile --cores "${TOPDOWN_CORES:-2}" --nolock --rerun-incomplete \
        --rerun-triggers mtime --max-checksum-file-size 0 --keep-going --quiet all --config "root=." "$@"; then
    echo "book: the build failed; the lines above name the page, notebook or cell" >&2
    exit 1
fi
[ "$*" ] || echo "book: _build/html/index.html"
