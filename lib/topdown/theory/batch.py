"""Many starts at once: the ODEs of BP, FA and AFA for a batch of states on a common clock.

The closed integrals are elementwise in the covariance, so a trailing batch axis goes through them;
a hundred states then cost little more than one.
"""

import numpy as np
from scipy.integrate import solve_ivp

from . import _checks as check
from ._integrals import I2, I3, I4

RULES = ("bp", "fa", "afa")
NAMES = ("Q", "R", "v", "a", "b")


def integrate_batch(rule, *, t, T, v_teacher, eta_w, eta_v, feedback=None, rtol=1e-7, atol=1e-10,
                    **states):  # fmt: skip
    """Trajectories of n states: dict of Q (n, times, K, K), R, v, a and generalization_error.

    states: Q (K, K), R (K, M), v (K,), a (K,), b (M,), each with or without a leading axis n.
    Other keywords as in `drift`; FA's `feedback` is common to all. Positive semi-definiteness is
    not checked. ValueError for names or shapes that do not fit.
    """
    check.one_of("rule", rule, RULES)
    start, K, M, n = _batched(states, np.asarray(v_teacher, dtype=float))
    fixed = dict(T=np.asarray(T, dtype=float), v_teacher=np.asarray(v_teacher, dtype=float),
                 b=start.pop("b"), feedback=feedback, rates=(eta_w, eta_v))  # fmt: skip
    shapes = {name: value.shape for name, value in start.items()}
    y = np.concatenate([value.ravel() for value in start.values()])
    found = solve_ivp(lambda _, y: _rates(rule, _split(y, shapes), fixed), (0.0, t[-1]), y,
                      "DOP853", t_eval=t, rtol=rtol, atol=atol)  # fmt: skip
    order = [_split(y, shapes) | fixed for y in found.y.T]
    result = {name: np.stack([np.moveaxis(o[name], -1, 0) for o in order], axis=1)
              for name in shapes}  # fmt: skip
    return result | {"generalization_error": np.stack([_error(o) for o in order], axis=1)}


def _batched(states, v_teacher):
    """Arrays with a trailing axis of the batch, and K, M, n."""
    missing = [name for name in NAMES if name not in states]
    if missing:
        raise ValueError(f"integrate_batch needs {', '.join(missing)}; give them by name")
    for name in states:
        check.one_of("state", name, NAMES)
    arrays = {name: np.asarray(states[name], dtype=float) for name in NAMES}
    K, M = arrays["v"].shape[-1], len(v_teacher)
    shapes = dict(Q=(K, K), R=(K, M), v=(K,), a=(K,), b=(M,))
    for name, shape in shapes.items():
        if arrays[name].shape[-len(shape) :] != shape or arrays[name].ndim > len(shape) + 1:
            raise ValueError(f"{name} has shape {arrays[name].shape}, expected {shape} or (n, ...)")
    n = max(len(arrays[k]) if arrays[k].ndim > len(shapes[k]) else 1 for k in NAMES)
    wide = {name: np.broadcast_to(arrays[name], (n, *shapes[name])) for name in NAMES}
    return {name: np.moveaxis(value, 0, -1).copy() for name, value in wide.items()}, K, M, n


def _split(y, shapes):
    arrays, place = {}, 0
    for name, shape in shapes.items():
        arrays[name] = y[place : place + np.prod(shape)].reshape(shape)
        place += np.prod(shape)
    return arrays


def _fields(s):
    """Covariance of (lambda, nu), readout u, and covariances with the field of F; batch last."""
    n = s["v"].shape[-1]
    T = np.repeat(s["T"][..., None], n, axis=-1)
    C = np.concatenate([np.concatenate([s["Q"], s["R"]], axis=1),
                        np.concatenate([s["R"].swapaxes(0, 1), T], axis=1)])  # fmt: skip
    u = np.concatenate([s["v"], -np.repeat(s["v_teacher"][:, None], n, axis=1)])
    return C, u


def _error(s):
    C, u = _fields(s)
    return 0.5 * np.einsum("ijn,in,jn->n", I2(C), u, u)


def _rates(rule, state, fixed):
    """The equations of `first_order_drift` for the whole batch, flattened."""
    s = state | fixed
    (C, u), K, (eta_w, eta_v) = _fields(s), len(s["v"]), fixed["rates"]
    f = {"bp": s["v"], "afa": s["a"]}.get(rule)
    f = np.asarray(s["feedback"], dtype=float)[:, None] * np.ones_like(s["v"]) if f is None else f
    n, students = len(C), range(K)
    overlaps = np.concatenate([s["a"], s["b"]])[:, None]
    joint = np.concatenate([np.concatenate([C, overlaps], axis=1), np.concatenate(
        [overlaps.swapaxes(0, 1), np.zeros((1, 1, C.shape[-1]))], axis=1)])  # fmt: skip
    slopes = np.einsum("kjin,in->kjn", I3(joint, students, None, range(n)), u)
    squares = np.einsum("klijn,in,jn->kln", I4(C, students, students), u, u)
    pull = f[:, None] * slopes
    dQ = -eta_w * (pull[:, :K] + pull[:, :K].swapaxes(0, 1)) + eta_w**2 * f[:, None] * f * squares
    dv = -eta_v * np.einsum("kin,in->kn", I2(C, students), u)
    parts = (dQ, -eta_w * pull[:, K:n], dv, -eta_w * pull[:, n])
    return np.concatenate([part.ravel() for part in parts])
