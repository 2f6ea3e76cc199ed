"""Check the links of a built book: python ci/links.py FOLDER [--external]

Every link to a file of the book must lead to a file, and to an anchor that is in it. With
--external every other address is asked once; those of EXCEPTIONS are not, each for its reason.
"""

import argparse
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

EXCEPTIONS = {
    "https://doi.org/": "publishers behind it answer machines with 403",
    "https://openreview.net/": "asks for a browser",
    "https://mybinder.org/": "would start a machine",
    "https://colab.research.google.com/": "asks for an account",
}
GONE = (404, 410)
"""Only these say that a page is not there; others say that it is not for us, or not now."""


@cache
def page(file: Path) -> tuple[frozenset[str], tuple[str, ...]]:
    """The anchors of a page, and the targets of its links and pictures."""
    soup = BeautifulSoup(file.read_text(errors="replace"), "html.parser")
    anchors = {tag.get(key) for tag in soup.find_all(True) for key in ("id", "name")} - {None}
    targets = [tag[key] for name, key in (("a", "href"), ("img", "src"), ("link", "href"),
                                          ("script", "src"))
               for tag in soup.find_all(name) if tag.get(key)]
    return frozenset(anchors), tuple(dict.fromkeys(targets))


def problem(source: Path, target: str) -> str | None:
    """What is wrong with a link inside the book; None where nothing is."""
    parts = urlsplit(target)
    file = source.parent / unquote(parts.path) if parts.path else source
    if not file.exists():
        return f"leads to {target}, which is not there"
    anchor = unquote(parts.fragment)
    if anchor and file.suffix == ".html" and anchor not in page(file)[0]:
        return f"leads to {target}, but {file.name} has no place of that name"
    return None


def pages(folder: Path) -> list[Path]:
    """The pages of the book; below _static the theme keeps templates."""
    return [f for f in sorted(folder.rglob("*.html")) if "_static" not in f.parts]


def inside(folder: Path) -> list[str]:
    """Every broken link from one page of the book to another."""
    found = []
    for file in pages(folder):
        for target in page(file)[1]:
            if not urlsplit(target).scheme and not target.startswith("//"):
                wrong = problem(file, target)
                found += [f"{file.relative_to(folder)} {wrong}"] if wrong else []
    return found


def addresses(folder: Path) -> dict[str, str]:
    """Address without its fragment -> the first page that has it."""
    found: dict[str, str] = {}
    for file in pages(folder):
        for target in page(file)[1]:
            if target.startswith(("http://", "https://")) and not target.startswith(
                    tuple(EXCEPTIONS)):
                found.setdefault(target.partition("#")[0], file.relative_to(folder).as_posix())
    return found


def asked(address: str) -> str | None:
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as error:
        return f"{address} answers {error.code}" if error.code in GONE else None
    except OSError as error:
        return f"{address} does not answer: {error}"
    return None


def outside(folder: Path) -> list[str]:
    """Every address that is not there any more."""
    known = addresses(folder)
    with ThreadPoolExecutor(8) as pool:
        answers = zip(known.items(), pool.map(asked, known))
        return [f"{file}: {wrong}" for (_, file), wrong in answers if wrong]


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--external", action="store_true")
    given = parser.parse_args(arguments)
    if not (given.folder / "index.html").exists():
        print(f"links: there is no book in {given.folder}; build it with ci/book.sh")
        return 1
    found = inside(given.folder) + (outside(given.folder) if given.external else [])
    print(*(f"links: {line}" for line in found), sep="\n", end="\n" if found else "")
    print(f"links: {len(found)} broken")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
