# Sourced. find_python prints the first Python of 3.11 or newer that really runs.
find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    echo "topdown needs Python 3.11 or newer with the venv module;" \
         "none found (tried ${PYTHON:-python3}, python3.13, python3.12, python3.11)." \
         "Install one, or name it: PYTHON=/path/to/python bash ci/..." >&2
    return 1
}
