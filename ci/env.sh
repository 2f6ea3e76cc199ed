#!/usr/bin/env bash
# Makes the environment .venv at the project's root, with exactly the versions of requirements.lock.
#   bash ci/env.sh           make it, or do nothing where it is complete and up to date
#   source ci/env.sh         the same, and put its Python first on PATH
# Needs Python 3.11+ and, the first time or after a change of the lock, a network.
#
# A stamp inside .venv says what it was made from. It is removed before anything is changed and
# written last, so a set-up that was interrupted has none, and is started over from nothing.

if [ "${BASH_SOURCE[0]}" != "$0" ]; then
    topdown_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    bash "$topdown_root/ci/env.sh" || return 1
    export PATH="$topdown_root/.venv/bin:$PATH"
    export VIRTUAL_ENV="$topdown_root/.venv"
    # Kernels come from this environment, also where the user registered others of the same name.
    export JUPYTER_PREFER_ENV_PATH=1
    unset PYTHONHOME
    return 0
fi

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/python.sh
python=.venv/bin/python
stamp=.venv/topdown.stamp

# Scripts in a venv hold its absolute path: a moved or copied .venv counts as another one.
stamp_of() {
    "$1" - <<'PY'
import hashlib, os, sys
digest = hashlib.sha256()
for name in ("requirements.lock", "pyproject.toml"):
    with open(name, "rb") as file:
        digest.update(file.read())
print(sys.version.split()[0], os.getcwd())
print(digest.hexdigest())
PY
}

# Two scripts may start at once: the second waits, then finds the work done.
if command -v flock >/dev/null; then
    exec 9>.venv.lock
    flock 9
fi

wanted="" made=""
if [ -f "$stamp" ]; then
    made=$(cat "$stamp")
    wanted=$(stamp_of "$python") || wanted=""
fi
if [ -n "$wanted" ] && [ "$wanted" = "$made" ]; then
    exit 0
fi

trap 'echo "environment: set-up failed; run it again once the cause above is gone" >&2' ERR
if [ -n "$wanted" ] && [ "${wanted%%$'\n'*}" = "${made%%$'\n'*}" ]; then
    echo "environment: requirements.lock or pyproject.toml changed; bringing .venv up to date"
    rm -f "$stamp"
else
    echo "environment: making .venv (once; a few minutes)"
    base=$(find_python)
    "$base" -m venv --clear .venv
fi
"$python" -m pip install -qq --requirement requirements.lock
# The lock brings setuptools, so the package itself needs neither isolation nor a network.
"$python" -m pip install -qq --no-deps --no-build-isolation --editable .
"$python" -m pip check
stamp_of "$python" > "$stamp.part"
mv "$stamp.part" "$stamp"
