"""topdown: the library of the companion to *Forward Learning with Top-Down Feedback* (ICLR 2024).

The names below load on first use, so `topdown.theory` works without torch being imported.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("topdown")
except PackageNotFoundError:  # used from the source tree, for example on a GPU machine
    __version__ = "0.1.0"

_WHERE = {
    "gradients": "topdown.rules",
    "Recipe": "topdown.recipes",
    "train": "topdown.training.loop",
}
_MODULES = "data feedback network properties recipes rules slowness theory training".split()

__all__ = ["__version__", *_WHERE, *_MODULES]


def __getattr__(name):
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    if name in _MODULES:
        return import_module(f"topdown.{name}")
    known = ", ".join(__all__)
    raise AttributeError(f"module 'topdown' has no attribute {name!r} (known: {known})")
