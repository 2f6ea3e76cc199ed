#!/usr/bin/env bash
# Trains the records of a profile and executes its notebooks, on this machine.
#   bash ci/published.sh [PROFILE] [FIGURES]        paper, and all figures, unless said otherwise
# Says first whether the machine is fit for it. Killed and called again it goes on where it was.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh

profile=${1:-paper} figures=${2:-}
topdown doctor
bash ci/book.sh "profile=$profile" ${figures:+"figures=$figures"}
topdown verify
