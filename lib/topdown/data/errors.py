"""The errors of the data package: everything that can be wrong with data ends in a DataError."""

from topdown.errors import UsageError


class DataError(ValueError):
    """A data set, a file of it or a request for it is wrong; the text says what and what to do."""


class DataNotFoundError(DataError, FileNotFoundError):
    """A known data set is not in the folder looked in; the text says how to get it."""


class UnknownDataError(DataError, UsageError):
    """There is no data set of that name; the text names the nearest."""
