"""Initial states, random feedback vectors and the rule that says which of them can learn."""

import numpy as np

from topdown.errors import UsageError

from ._checks import number


def default_init(K=2, M=2, *, outputs=None, student=0.25, feedback=0.5, agree=True, seed=0):
    """A generic, misaligned start with K student and M teacher units, as keywords of `drift`.

    Teacher: T = 1, v_teacher = (1, .9, .81, ...), b = (1, .8, .64, ...). Student: nearly random
    first layer of size Q_kk near `student`, small output weights that oppose a, so every angle has
    a long way to go; a alternates in sign, so the copy reached is not the teacher itself.

    Parameters
    ----------
    outputs: number of outputs C; the numbers above then are lengths along random unit rows, those
        of b at about 30 degrees from the teacher's. None: one output, as vectors.
    student: scale of Q_kk. feedback: largest |a_k|.
    agree: whether b_m.v_teacher_m > 0 for all m, the condition for learning; if False the last b
        changes its sign. An array of M signs gives those of b_m.v_teacher_m.
    seed: of the small random overlaps.

    Returns a dict with Q, R, T, v, v_teacher, a, b and the smallest round G that fits.
    """
    rng = np.random.default_rng(seed)
    number("student", student, least=1e-12)
    signs = np.where(np.arange(M) < M - (agree is False), 1.0, -1.0)
    signs = signs if isinstance(agree, bool) else np.sign(np.asarray(agree, dtype=float))
    if signs.shape != (M,) or not signs.all():
        raise UsageError(f"agree is {agree!r}; give True, False or {M} signs")
    T, v_teacher, b = np.eye(M), 0.9 ** np.arange(M), signs * 0.8 ** np.arange(M)
    cosines = 0.1 * rng.standard_normal((K, K + M)) / np.sqrt((K + M) / 4)
    size = np.sqrt(student * 0.9 ** np.arange(K))
    near = np.eye(K) + np.tril(cosines[:, :K], -1) + np.tril(cosines[:, :K], -1).T
    Q, R = near * np.outer(size, size), size[:, None] * cosines[:, K:]
    a = feedback * (-1.0) ** np.arange(K) * 0.8 ** np.arange(K)
    v = -0.2 * np.sign(a) * (1 + 0.5 * rng.random(K))
    least = 1.0
    if outputs is not None:
        v, v_teacher, a, b = _spread(outputs, v, v_teacher, a, b, rng)
        least = np.eye(outputs)
    overlaps, C = np.concatenate([a, b]), np.block([[Q, R], [R.T, T]])
    G = np.ceil(1 + np.linalg.eigvalsh(np.atleast_2d(overlaps.T @ np.linalg.solve(C, overlaps))))
    return dict(Q=Q, R=R, T=T, v=v, v_teacher=v_teacher, a=a, b=b, G=float(G[-1]) * least)


def unit_rows(n, C, rng, orthogonal=False):
    """n random unit vectors of C components, as rows (n, C); orthogonal where C >= n allows."""
    rows = rng.standard_normal((n, C))
    if orthogonal:
        rows = np.linalg.qr(rows.T)[0].T * np.where(rng.random(n) < 0.5, -1, 1)[:, None]
    return rows / np.linalg.norm(rows, axis=1)[:, None]


def _spread(C, v, v_teacher, a, b, rng):
    """Lengths along random unit rows (the teacher's orthogonal if M <= C); v and a share theirs."""
    student = unit_rows(len(v), C, rng)
    teacher = unit_rows(len(b), C, rng, orthogonal=len(b) <= C)
    near = teacher + 0.5 * unit_rows(len(b), C, rng) * (C > 1)
    near /= np.linalg.norm(near, axis=1)[:, None]
    return (x[:, None] * rows for x, rows in
            zip((v, v_teacher, a, b), (student, teacher, student, near)))  # fmt: skip


def random_feedback(n, *, Q, R, T, G=1.0, seed=0, **_):
    """`n` draws of (a (n, K), b (n, M)) for F of independent Gaussian entries.

    Their covariance is G [Q R; R' T]: the overlaps in the micro scaling with |F|^2/D = G. Each of
    several outputs is one such draw. Other keywords of `drift` are accepted and ignored.
    """
    Q, R, T = (np.asarray(x, dtype=float) for x in (Q, R, T))
    variance, axes = np.linalg.eigh(np.block([[Q, R], [R.T, T]]))
    root = axes * np.sqrt(G * np.clip(variance, 0, None))
    draws = np.random.default_rng(seed).standard_normal((n, len(root))) @ root.T
    return draws[:, : len(Q)], draws[:, len(Q) :]


def can_learn(b, v_teacher):
    """Selection rule of one output: b_m v_teacher_m > 0 for every m (last axis); chance 2^-M.

    For several outputs see `copies_attract`. At a copy, linear stability needs a_k v_k =
    b_m v_teacher_m > 0, and a keeps its signs. An argument for K = M, supported by integration; not
    a proof.
    """
    return (np.asarray(b) * np.asarray(v_teacher) > 0).all(axis=-1)
