#!/usr/bin/env bash
# Puts one-line defects into a copy of the library, one at a time: the tests must notice each.
#   bash ci/mutants.sh [--only WORDS] [--table FILE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh
exec python ci/mutants.py "$@"
