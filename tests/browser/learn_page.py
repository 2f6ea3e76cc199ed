"""Pages in a browser: Debian's Chromium, driven by Playwright, without a network."""

import atexit
import re
import shutil
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DESK, PHONE = (1280, 900), (390, 844)


def widgets_only(source: str, folder: Path) -> Path:
    """A page of a book's raw HTML alone, beside _static as in the built book."""
    shutil.copytree(ROOT / "book" / "_static", folder / "_static", dirs_exist_ok=True)
    text = (ROOT / "book" / source).read_text()
    blocks = re.findall(r"```\{raw\} html\n(.*?)\n```", text, re.DOTALL)
    formulas = re.findall(r":::\{container\} (learn-formula \S+)", text)
    boxes = "".join(f'<div class="{names}">{names}</div>' for names in formulas)
    file = folder / "book" / f"{Path(source).stem}.html"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"<!DOCTYPE html><html><meta charset=utf-8>"
                    f"<meta name=viewport content='width=device-width'><body>{boxes}"
                    f"{''.join(blocks)}</body></html>")
    return file


def widget_page(drawn, name: str, folder: Path) -> Path:
    """A drawing's widget as the book has it: what a notebook shows, taken apart by Sphinx."""
    from bs4 import BeautifulSoup

    from topdown_book.page import markup
    from topdown_book.site.figures import Figures

    class Alone(Figures):
        def __init__(self):
            self.files = folder / "book"

        def keep(self, name, content):
            self.files.mkdir(exist_ok=True, parents=True)
            (self.files / name).write_bytes(content)
            return name

        env = type("env", (), {"docname": f"book/{name}"})

    shutil.copytree(ROOT / "book" / "_static", folder / "_static", dirs_exist_ok=True)
    part = BeautifulSoup(markup.widget(drawn), "html.parser").find(attrs={"data-widget": True})
    file = folder / "book" / f"{name}.html"
    text = Alone().widget(part, name)
    file.write_text("<!DOCTYPE html><html><meta charset=utf-8><meta name=viewport "
                    f"content='width=device-width'><body>{text}</body></html>")
    return file


@cache
def playwright():
    """One a process: a second one beside it is an error of Playwright's."""
    from playwright.sync_api import sync_playwright

    started = sync_playwright().start()
    atexit.register(started.stop)
    return started


@contextmanager
def opened(file: Path, size=DESK, **options):
    """The page, opened from the file system; errors of its scripts fail the test."""
    errors = []
    browser = playwright().chromium.launch(executable_path=CHROMIUM, args=[
        "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"])
    page = browser.new_page(viewport=dict(width=size[0], height=size[1]), **options)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(90_000)
    page.goto(file.as_uri())
    try:
        yield page
    finally:
        browser.close()
    ours = [e for e in errors if "THEBE_JS_URL" not in e]  # the theme declares it twice
    assert not ours, ours
