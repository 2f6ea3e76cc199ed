#!/usr/bin/env bash
# Puts new records into a branch of their own and opens a change with them, where there are any.
#   bash ci/propose.sh "Title of the change"
# Wants git with a remote named origin, and the host's command line gh, logged in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

git add results
if git diff --cached --quiet; then
    echo "propose: no new records"
    exit 0
fi
branch=records/$(date -u +%Y-%m-%d-%H%M)
git switch --create "$branch"
git -c user.name=records -c user.email=records@localhost commit --quiet --message "$1"
git push --set-upstream origin "$branch"
gh pr create --head "$branch" --title "$1" --body-file <(cat build/report.txt 2>/dev/null || echo "$1")
