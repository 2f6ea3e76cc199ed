"""Print one hash of names and contents of files and folders: python ci/fingerprint.py PATH..."""

import hashlib
import sys
from pathlib import Path

digest = hashlib.sha256()
for top in map(Path, sys.argv[1:]):
    for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
print(digest.hexdigest())
