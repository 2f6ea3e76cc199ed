"""Progress: a bar on a terminal, a line a minute in a log, one output in a notebook."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager

from tqdm import tqdm

LINES_EVERY = 60.0
"""Seconds between two lines in a log."""
_BAR = "{desc}{percentage:3.0f} %|{bar}| {elapsed}<{remaining}"
_LINE = "{desc}{percentage:.0f} % of all, {elapsed} so far, {remaining} left"


class _Lines:
    """For tqdm, a file in which every state of the bar is a line of its own."""

    def write(self, text: str) -> None:
        if text := text.strip("\r\n "):
            print(f"topdown: {text}", file=sys.stderr, flush=True)

    def flush(self) -> None:
        """Each line has been flushed."""


class _Output:
    """For tqdm, a file that is one output of a notebook's cell, replaced by each new state."""

    def __init__(self):
        from IPython.display import display

        self.handle = display({"text/plain": ""}, raw=True, display_id=True)

    def write(self, text: str) -> None:
        if text := text.strip("\r\n "):
            self.handle.update({"text/plain": text}, raw=True)

    def flush(self) -> None:
        """Each state has been sent."""


def bar(total: float, shown: bool = True, description: str = "") -> tqdm:
    """A tqdm bar of `total` units of work, in the form that suits where stderr leads."""
    if not shown:
        return tqdm(total=total, disable=True)
    if _in_notebook():
        where = dict(file=_Output(), mininterval=1, bar_format=_LINE)
    elif sys.stderr.isatty():
        where = dict(bar_format=_BAR)
    else:
        where = dict(file=_Lines(), mininterval=LINES_EVERY, delay=LINES_EVERY, bar_format=_LINE)
    return tqdm(total=total, desc=description, miniters=0, smoothing=0.05, **where)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and "IPKernelApp" in getattr(ipython.get_ipython(), "config", {})


@contextmanager
def at_work(doing: str):
    """A line a minute while something runs whose steps cannot be counted."""
    over, started = threading.Event(), time.monotonic()

    def say() -> None:
        while not over.wait(LINES_EVERY):
            minutes = (time.monotonic() - started) / 60
            print(f"topdown: {doing}, {minutes:.0f} min so far", file=sys.stderr, flush=True)

    thread = threading.Thread(target=say, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Progress:
    """Many runs in one bar: `report` what one of several workers does, and how much is done."""

    def __init__(self, total: float, shown: bool = True):
        self.bar, self.doing = bar(total, shown), {}

    def report(self, worker: int, doing: str, amount: float, skipped: float = 0.0) -> None:
        """`amount` of work is done; `skipped` was done before, or by others, and took no time."""
        self.doing[worker] = doing
        self.bar.total = max(self.bar.total - skipped, self.bar.n)
        self.bar.set_description_str(" | ".join(filter(None, self.doing.values())) + ": ", False)
        self.bar.update(min(amount, self.bar.total - self.bar.n))

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_) -> None:
        self.bar.close()
