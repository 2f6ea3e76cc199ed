"""Checks on what a caller passes in; every message names the thing, its value and the remedy."""

import numpy as np

from topdown.errors import UsageError, unknown


def one_of(name, value, known):
    """Return `value` if it is in `known`; UsageError with the nearest name otherwise."""
    if value in known:
        return value
    raise UsageError(unknown(name, value, known))


def nothing_missing(rule, names):
    """UsageError if there are names of things that the rule needs and was not given."""
    if names:
        raise UsageError(f"rule {rule!r} needs {', '.join(names)}; give them by name")


def number(name, value, *, least=0.0):
    """Return a finite float of at least `least`; UsageError otherwise."""
    value = float(value)
    if not np.isfinite(value) or value < least:
        raise UsageError(f"{name} is {value:g}; give a finite number >= {least:g}")
    return value


def array(name, value, shape):
    """Return a float array (a copy) of exactly `shape`, all finite; UsageError otherwise."""
    value = np.array(value, dtype=float, order="C")
    if value.shape != shape:
        raise UsageError(
            f"{name} has shape {value.shape}, expected {shape} (K students, M teachers, C outputs)"
        )
    if not np.isfinite(value).all():
        raise UsageError(f"{name} has entries that are not finite: {value.tolist()}")
    return value


def symmetric(name, value):
    """UsageError unless the matrix is symmetric to rounding."""
    gap = np.abs(value - value.T).max()
    if gap > 1e-10 * max(1.0, np.abs(value).max()):
        raise UsageError(
            f"{name} is not symmetric (largest gap {gap:.3g}); pass ({name} + {name}.T)/2"
        )


def positive_semidefinite(name, covariance, remedy):
    """UsageError if an eigenvalue is negative beyond rounding (1e-10 of the largest)."""
    eigenvalues = np.linalg.eigvalsh(covariance)
    if eigenvalues[0] < -1e-10 * max(1.0, eigenvalues[-1]):
        raise UsageError(
            f"{name} is not positive semi-definite "
            f"(smallest eigenvalue {eigenvalues[0]:.3g}): {remedy}"
        )


def short(value):
    """A number or a matrix in a message, to four digits."""
    return np.array2string(np.asarray(value), precision=4, separator=", ").replace("\n", "")


def times(t, n=101):
    """Increasing times: an array `t` as it is, a scalar as 0 and `n` - 1 log-spaced up to it."""
    if np.ndim(t) == 0:
        return log_times(number("t", t), n)
    t = np.asarray(t, dtype=float)
    if t.ndim != 1 or not t.size or not np.isfinite(t).all() or t[0] < 0 or (np.diff(t) < 0).any():
        raise UsageError(
            f"t must be finite, >= 0 and increasing, or one final time; got {t.tolist()}"
        )
    return t


def log_times(t_end, n=101, decades=4.0):
    """0 followed by `n` - 1 times, evenly spaced in log t over `decades`, ending at `t_end`."""
    return np.concatenate([[0.0], t_end * np.logspace(-decades, 0, n - 1)])
