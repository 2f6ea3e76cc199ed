"""The built book in Debian's Chromium. Without either of them the tests are skipped, and say so."""

from __future__ import annotations

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from learn_page import playwright

BOOK = Path(__file__).parents[2] / "_build" / "html"
PAGES = sorted(p.relative_to(BOOK).as_posix() for p in BOOK.glob("book/**/*.html"))
DESKTOP, PHONE = dict(width=1280, height=800), dict(width=390, height=844)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items):
    """Pages are shared out by file: each worker opens one browser."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM or not (BOOK / "index.html").exists():
        pytest.skip("no Chromium, or the book is not built (ci/book.sh)")
    pytest.importorskip("playwright.sync_api")
    opened = playwright().chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield opened
    opened.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address():
    """The book on a local server, as readers have it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=BOOK))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture
def visit(browser, address):
    """Open a page of the book; `page.wrong` holds what went wrong on it, `page.loads` its loads."""
    contexts = []

    def opened(name: str, size=DESKTOP, scheme="light"):
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.wrong, page.loads = [], []
        page.on("console", lambda said: page.wrong.append(said.text)
                if said.type == "error" else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("requestfailed", lambda request: page.wrong.append(f"failed: {request.url}"))
        page.on("response", lambda answer: page.loads.append(answer))
        page.goto(address + name, wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()
