#!/usr/bin/env bash
# Writes requirements.lock anew: the newest versions that pyproject.toml admits, torch held fixed.
#   bash ci/lock.sh
# Run it with the oldest Python that the project supports, so that the pins fit the newer ones too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/python.sh

# The two versions that results depend on most; raise them on purpose, not by the way.
fixed=(torch==2.13.0 torchvision==0.28.0)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(find_python)" -m venv "$work/venv"
python=$work/venv/bin/python

"$python" - > "$work/wanted.txt" <<'PY'
import tomllib
from pathlib import Path

pyproject = tomllib.loads(Path("pyproject.toml").read_text())
groups = [pyproject["build-system"]["requires"], pyproject["project"]["dependencies"]]
groups += pyproject["project"]["optional-dependencies"].values()
print(*(requirement for group in groups for requirement in group), sep="\n")
PY

"$python" -m pip install --upgrade pip
"$python" -m pip install "${fixed[@]}" -r "$work/wanted.txt"
"$python" -m pip check

{
    echo "# Written by ci/lock.sh from pyproject.toml with $("$python" --version); do not edit by hand."
    echo "# torch brings its own exactly pinned CUDA packages on machines where it wants them."
    # A local label such as +cpu names one machine's build, not the version.
    "$python" -m pip freeze --all | grep -v '^pip==' | sed 's/+[A-Za-z0-9.]*$//'
} > "$work/requirements.lock"
if grep -nvE '^(#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!]+)$' "$work/requirements.lock"; then
    echo "ci/lock.sh: the lines above are no plain 'name==version'; requirements.lock is unchanged" >&2
    exit 1
fi
mv "$work/requirements.lock" requirements.lock
echo "requirements.lock: $(grep -c == requirements.lock) packages"
