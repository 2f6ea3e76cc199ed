#!/usr/bin/env bash
# Checks every link of the built book (_build/html): files and anchors; --external: also addresses.
#   bash ci/links.sh [--external]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh
python ci/links.py _build/html "$@"
