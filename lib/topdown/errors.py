"""Errors that are the user's to fix: each text names the thing, its value and the remedy."""

from difflib import get_close_matches


class UsageError(ValueError):
    """A name, a type or a value that was asked for is wrong."""


class DataError(ValueError):
    """A data set, a file of it or a request for it is wrong."""


class DataNotFoundError(DataError, FileNotFoundError):
    """A known data set is not in the folder looked in; the text says how to get it."""


class UnknownDataError(DataError, UsageError):
    """There is no data set of that name; the text names the nearest."""


class StoreError(OSError):
    """The store of records cannot be read or written."""


class RecordError(ValueError):
    """A file of the store is damaged, or is not a record."""


def unknown(kind: str, name, known) -> str:
    """The text of an error about an unknown name, with the nearest known one."""
    known = [str(k) for k in known]
    near = get_close_matches(str(name), known, 1) or get_close_matches(str(name).lower(), known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {kind} {name!r}{hint} (known: {', '.join(known) or 'none'})"
