"""A deep linear student, trained online: the exact ODEs of BP, AFA and PEPITA at any depth.

Student W_L ... W_2 W_1 x / sqrt D with W_1 (n, D) and small matrices above, teacher B x / sqrt D
with B (C, D), feedback F (D, C); e = student - teacher. With A = W_L ... W_2 (C, n), A_l = W_l ...
W_2 (A_1 = 1), x' = x - gamma F e / sqrt D and h'_l the activities of x':

    dW_1 = -(eta / sqrt D) f e x'.T,   dW_l = -(eta / D) A_l f e h'_(l-1).T,   1 < l < L,
    dW_L = -(eta / D) e h'_(L-1).T,    f = a = W_1 F / D,

which is PEPITA exactly (h_l - h'_l = gamma A_l a e), and AFA at gamma = 0. BP sends e back through
transposed weights instead. Everything is linear in x, so second moments close the equations for
Q = W_1 W_1.T / D, R = W_1 B.T / D, a and the upper matrices themselves; the appendix derives them.
NumPy only; arrays have the shapes above, t = samples / D.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from topdown.theory import _checks as check

RULES = ("bp", "afa", "pepita")


@dataclass(frozen=True)
class LinearState:
    """Q (n, n), R (n, C), a (n, C) and `upper` = (W_2, ..., W_L); constants T, b, G (C, C).

    T = B B.T / D, b = B F / D, G = F.T F / D.
    """

    Q: np.ndarray
    R: np.ndarray
    a: np.ndarray
    upper: tuple
    T: np.ndarray
    b: np.ndarray
    G: np.ndarray

    @property
    def heads(self):
        """A_1 = 1, A_2 = W_2, ..., A_L = A: what stands above layer 1 up to layer l."""
        found = [np.eye(len(self.Q))]
        for matrix in self.upper:
            found.append(matrix @ found[-1])
        return found

    @property
    def covariance(self):
        """Of the joint rows of (W_1, B, F), (n + 2 C, n + 2 C)."""
        return np.block([[self.Q, self.R, self.a], [self.R.T, self.T, self.b],
                         [self.a.T, self.b.T, self.G]])  # fmt: skip

    @property
    def effective_feedback(self):
        """A a (C, C): the network applied to F. It ends at b where the student learns."""
        return self.heads[-1] @ self.a

    @property
    def error_covariance(self):
        """E[e e.T] = A Q A.T - A R - (A R).T + T, (C, C)."""
        A = self.heads[-1]
        mixed = A @ self.R
        return A @ self.Q @ A.T - mixed - mixed.T + self.T

    @property
    def generalization_error(self):
        """E[|e|^2] / 2."""
        return 0.5 * np.trace(self.error_covariance)


def linear_drift(rule, state, *, eta, gamma=0.0):
    """Time derivatives (dQ, dR, da, dupper) of a `LinearState`; one rate `eta` for all layers.

    With Sigma = E[e e.T] and M = E[e lambda'.T] = A Q - R.T - gamma Sigma a.T:
    dQ = -eta (f M + M.T f.T) + eta^2 f Sigma f.T,   dR = -eta f (A R - T - gamma Sigma b.T),
    da = -eta f (A a - b - gamma Sigma G),
    dW_l = -eta A_l f M A_(l-1).T,   dW_L = -eta M A_(L-1).T
    """
    check.one_of("rule", rule, RULES)
    gamma = gamma if rule == "pepita" else 0.0
    heads, sigma = state.heads, state.error_covariance
    A = heads[-1]
    f = A.T if rule == "bp" else state.a
    M = A @ state.Q - state.R.T - gamma * sigma @ state.a.T
    pull = f @ M
    dQ = -eta * (pull + pull.T) + eta**2 * f @ sigma @ f.T
    dR = -eta * f @ (A @ state.R - state.T - gamma * sigma @ state.b.T)
    da = -eta * f @ (A @ state.a - state.b - gamma * sigma @ state.G)
    errors = _errors_above(rule, state, heads)
    return dQ, dR, da, tuple(-eta * E @ M @ h.T for E, h in zip(errors, heads))


def _errors_above(rule, state, heads):
    """For W_2, ..., W_L: the matrix by which e reaches the layer; the last one sees e itself."""
    last = np.eye(len(state.T))
    if rule != "bp":
        return [*(h @ state.a for h in heads[1:-1]), last]
    errors = [last]
    for matrix in reversed(state.upper[1:]):
        errors.insert(0, matrix.T @ errors[0])
    return errors


def linear_integrate(rule, state, *, t, eta, gamma=0.0, rtol=1e-8, atol=1e-10, runaway=1e4):
    """States at the times `t`, by an adaptive solver; the list ends where Q passes `runaway`.

    Raises ValueError for unknown rules, negative rates and overlaps that no weights have.
    """
    _check(state)
    eta, gamma = check.number("eta", eta), check.number("gamma", gamma)

    def rates(_, y):
        return _pack(*linear_drift(rule, _unpack(y, state), eta=eta, gamma=gamma))

    def too_large(_, y):
        return runaway - np.trace(_unpack(y, state).Q)

    too_large.terminal = True
    found = solve_ivp(rates, (0.0, t[-1]), _pack(state.Q, state.R, state.a, state.upper), "DOP853",
                      t_eval=t, rtol=rtol, atol=atol, events=too_large)  # fmt: skip
    return [_unpack(y, state) for y in found.y.T]


def _check(state):
    check.positive_semidefinite("the joint covariance of (W_1, B, F)", state.covariance,
                                "make R, a, b smaller or Q, T, G larger")  # fmt: skip


def _pack(Q, R, a, upper):
    return np.concatenate([x.ravel() for x in (Q, R, a, *upper)])


def _unpack(y, like):
    arrays, start = [], 0
    for model in (like.Q, like.R, like.a, *like.upper):
        arrays.append(y[start : start + model.size].reshape(model.shape))
        start += model.size
    Q, R, a, *upper = arrays
    return LinearState(Q, R, a, tuple(upper), like.T, like.b, like.G)


def linear_start(C=2, width=4, layers=3, *, seed=0, teacher=1.0, student=0.3, feedback=None):
    """A random start at D -> infinity: small student, orthogonal teacher, F with given b (C, C).

    layers: number of weight matrices, >= 2; hidden layers of `width`. feedback: b, by default a
    random Gaussian matrix. Overlaps between student, teacher and F are those of independent
    vectors but for b, plus small a of order `student`.
    """
    rng = np.random.default_rng(seed)
    b = rng.standard_normal((C, C)) if feedback is None else np.asarray(feedback, dtype=float)
    check.array("feedback", b, (C, C))
    T, Q = teacher * np.eye(C), student**2 * np.eye(width)
    a = student * rng.standard_normal((width, C)) * 0.5
    upper = [rng.standard_normal((width, width)) / np.sqrt(width) for _ in range(layers - 2)]
    upper.append(student * rng.standard_normal((C, width)) / np.sqrt(width))
    least = b.T @ b / teacher + a.T @ a / student**2
    return LinearState(Q, np.zeros((width, C)), a, tuple(upper), T, b, np.eye(C) + least)


def linear_simulate(rule, state, D, *, t, eta, gamma=0.0, seed=0):
    """The same learning at finite D, sample by sample, from exactly the same overlaps.

    Returns the states at the times `t`, rounded to whole steps.
    """
    _check(state)
    rng = np.random.default_rng(seed)
    W, B, F = _vectors(state, D, rng)
    upper, root = [w.copy() for w in state.upper], np.sqrt(D)
    found, done = [], 0
    for step in np.round(np.asarray(t) * D).astype(int):
        for x in rng.standard_normal((step - done, D)):
            _learn(rule, W, upper, B, F, x / root, eta, gamma if rule == "pepita" else 0.0)
        done = step
        found.append(LinearState(W @ W.T / D, W @ B.T / D, W @ F / D, tuple(map(np.copy, upper)),
                                 state.T, state.b, state.G))  # fmt: skip
    return found


def _vectors(state, D, rng):
    """W_1, B, F with exactly the overlaps of `state`: rows of orthonormal directions, mixed."""
    (n, C), (variance, axes) = state.R.shape, np.linalg.eigh(state.covariance)
    mix = axes * np.sqrt(np.clip(variance, 0, None))
    rows = mix @ (np.sqrt(D) * np.linalg.qr(rng.standard_normal((D, n + 2 * C)))[0].T)
    return rows[:n].copy(), rows[n : n + C], rows[n + C :].T


def _learn(rule, W, upper, B, F, x, eta, gamma):
    """One step in place; `x` is the sample / sqrt D, so that W @ x are the fields."""
    D = len(x)
    activities = [W @ x]
    for matrix in upper:
        activities.append(matrix @ activities[-1])
    e = activities[-1] - B @ x
    x = x - gamma / D * (F @ e)
    modulated = [W @ x]
    for matrix in upper[:-1]:
        modulated.append(matrix @ modulated[-1])
    signals = _signals(rule, W, upper, F, e)
    W -= eta * np.outer(signals[0], x)
    for matrix, signal, below in zip(upper, signals[1:], modulated):
        matrix -= eta / D * np.outer(signal, below)


def _signals(rule, W, upper, F, e):
    """What each layer gets for e: carried up from F, or (BP) down through transposed weights."""
    signals = [e]
    if rule == "bp":
        for matrix in reversed(upper):
            signals.insert(0, matrix.T @ signals[0])
        return signals
    carried = [W @ (F @ e) / W.shape[1]]
    for matrix in upper[:-1]:
        carried.append(matrix @ carried[-1])
    return [*carried, e]
