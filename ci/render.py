"""Render the executed book: python ci/render.py

Completes build/book/ (the executed notebooks are there) to a mirror of the book, and builds it with
execution off. Needs no data and no records. Any warning is an error.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml
from check_book import toc_files
from report import note

from topdown_book.page.book_records import linked

MIRROR = Path("build/book")
LAUNCH_BRANCH = "launch"
"""Where ci/launch.sh puts the notebooks with their set-up cell."""
LAUNCH = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org",
          "colab_url": "https://colab.research.google.com"}
FLAGS = ["--all", "-n", "-W", "--keep-going"]
"""--all: Sphinx warns of a page only when it reads it, so that a second build of a book that was
red could be green without."""


def mirror(root: Path, target: Path) -> None:
    """Pages, pictures and settings beside the executed notebooks; what is no longer listed goes."""
    listed = {Path(name) for name in toc_files(root)}
    for file in [*target.rglob("*.ipynb"), *target.rglob("*.md")]:
        if file.relative_to(target).with_suffix("") not in listed:
            file.unlink()
    kept = target / "results"
    texts = [file.read_text() for file in target.rglob("*.ipynb")]
    shown = {kept / name for text in texts for name in linked(text)}
    for file in set(kept.rglob("*.parquet")) - shown:
        file.unlink()
    for file in (root / "book").rglob("*"):
        copied = file.is_file() and file.suffix not in (".ipynb", ".py", ".pyc")
        if copied and ".ipynb_checkpoints" not in file.parts:
            place = target / file.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    for file in [Path("_toc.yml"), *Path().glob("CITATION.cff"), *included(root)]:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file, target / file)
    (target / "_config.yml").write_text(yaml.safe_dump(settings(root)))


def included(root: Path) -> list[Path]:
    """Files outside book/ that pages show: the sources of the rules, for instance."""
    pages = [*(root / "book").rglob("*.md"), *(root / "book").rglob("*.py")]
    found = ((page.parent / name).resolve() for page in pages
             for name in re.findall(r"\{(?:literal)?include\} *([^\s`]+)", page.read_text()))
    return sorted({file.relative_to(root.resolve()) for file in found if file.is_file()})


def settings(root: Path) -> dict:
    """The book's own settings, with execution off; with buttons, where the repository is known."""
    config = yaml.safe_load((root / "_config.yml").read_text())
    config["execute"] = {**config.get("execute", {}), "execute_notebooks": "off"}
    repository = config.setdefault("repository", {})
    repository["url"] = os.environ.get("TOPDOWN_REPOSITORY") or repository.get("url", "")
    if repository["url"]:
        repository["branch"] = LAUNCH_BRANCH
        config["launch_buttons"] = LAUNCH
        config["html"] |= {"use_repository_button": True, "use_issues_button": True}
    return config


def render(root: Path = Path(".")) -> int:
    """Build `_build/html` from the mirror; the exit code of jupyter-book."""
    mirror(root, root / MIRROR)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", MIRROR, *FLAGS,
               "--path-output", "."]
    return subprocess.run(command, cwd=root).returncode


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--note", action="store_true", help="leave a note for the report")
    given = parser.parse_args(arguments)
    started = time.time()
    if render():
        print("book: the build failed; the warnings above name the page, notebook or cell",
              file=sys.stderr)
        return 1
    if given.note:
        note("pages", "all", started, {"pages": len(toc_files(Path(".")))})
    return 0


if __name__ == "__main__":
    sys.exit(main())
