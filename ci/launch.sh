#!/usr/bin/env bash
# Puts this commit, with a set-up cell in every notebook, on the branch that the launch buttons open.
#   TOPDOWN_REPOSITORY=https://host/owner/name bash ci/launch.sh [--push]
# Without --push the branch is only made here. The working tree is left as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/env.sh
: "${TOPDOWN_REPOSITORY:?is not set: the address that the set-up cell installs from}"

work=$(mktemp -d)
trap 'git worktree remove --force "$work/tree" 2>/dev/null; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/tree"
python=$(command -v python)
(
    cd "$work/tree"
    "$python" ci/launch.py "$TOPDOWN_REPOSITORY"
    git add book
    git -c user.name=launch -c user.email=launch@localhost commit --quiet \
        --message "Notebooks with a set-up cell"
    git branch --force launch HEAD
)
if [ "${1:-}" = --push ]; then
    git push --force origin launch
fi
