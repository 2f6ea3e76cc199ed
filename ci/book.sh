#!/usr/bin/env bash
# Executes the notebooks, in the richest profile whose results are there, and builds the HTML book.
# Any warning is an error: a failed notebook, a broken link or reference, a page left out.
#   bash ci/book.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh

python ci/check_book.py

# The execution cache knows a notebook's cells, not the library and the records behind them.
fingerprint() { python ci/fingerprint.py lib "${TOPDOWN_RESULTS:-results}" requirements.lock; }
kept=_build/.inputs
if [ "$(fingerprint)" != "$(cat "$kept" 2>/dev/null)" ]; then
    [ ! -e "$kept" ] || echo "book: library, records or versions changed; executing every notebook"
    rm -rf _build/.jupyter_cache "$kept"
fi

# Sphinx warns about a page only when it reads it, so with --all a second build cannot be green
# where the first was red.
if ! jupyter-book build . --all -n -W --keep-going; then
    echo "book: the build failed; the warnings above name the page, notebook or cell" >&2
    exit 1
fi
# Taken only now: executing the notebooks may have added records.
fingerprint > "$kept"
echo "book: _build/html/index.html"
