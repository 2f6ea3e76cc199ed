"""The closed drift of the order parameters for every rule: one table from rule to formula."""

import numpy as np

from ._first_order import first_order_moments, rates
from ._integrals import i2
from ._problem import build, check_covariance
from ._two_pass import two_pass_moments

FEEDBACK_FACTORS = {"bp": lambda p: p.v, "fa": lambda p: p.feedback, "afa": lambda p: p.a}


def drift(
    rule,
    *,
    Q,
    R,
    T,
    v,
    v_teacher,
    a,
    b,
    eta_w,
    eta_v,
    feedback=None,
    gamma=None,
    G=None,
    presynaptic="modulated",
    output_activity="modulated",
    label_noise=0.0,
):
    """Time derivatives of the order parameters of online learning as D -> infinity, t = samples/D.

    Errors e_c = sum_k v_kc g(lambda_k) - sum_m v_teacher_mc g(nu_m), c = 1..C, g = erf(./sqrt 2),
    lambda_k = w_k.x/sqrt D, nu_m = w_teacher_m.x/sqrt D; updates dw_k = -(eta_w/sqrt D) (f_k.e)
    g'(lambda_k) x, dv_kc = -(eta_v/D) e_c g(lambda_k), with f = v (`bp`), `feedback` (`fa`) or a
    (`afa`); `pepita` is the exact two-pass rule, dw_k = -(eta_w/(gamma sqrt D)) (h_k - h'_k) x'.
    The term of order eta_w^2 in dQ is included.

    Parameters
    ----------
    rule: "bp", "fa", "afa" or "pepita".
    Q (K, K), R (K, M), T (M, M): overlaps w.w/D, w.w_teacher/D, w_teacher.w_teacher/D.
    v (K, C), v_teacher (M, C): output weights. Vectors (K,), (M,) mean one output; then a, b and
        feedback are vectors too, G is a number, and dv, da come back as vectors.
    a (K, C), b (M, C): overlaps w.F_c/D and w_teacher.F_c/D with the feedback vectors (in BP and FA
        they are only tracked; None stands for no feedback vector there).
    eta_w, eta_v: learning rates of the first and second layer, >= 0, per unit of t.
    feedback (K, C): FA's fixed factors.
    gamma, G: PEPITA's feedback strength (0 gives AFA, its limit) and F_c.F_d/D (C, C) (needed only
        with a modulated presynaptic input).
    presynaptic, output_activity: "modulated" (second pass, the paper's) or "clean" (first pass) for
        the input x and the activity h in PEPITA's updates.
    label_noise: standard deviation of independent Gaussian noise on each of the teacher's outputs.
        It is not part of the generalization error.

    Returns
    -------
    dict of NumPy arrays dQ (K, K), dR (K, M), dv (K, C), da (K, C), and the number
    generalization_error.

    Raises UsageError for an unknown rule or option, mismatched shapes, negative rates, something
    the rule needs and lacks, and for PEPITA overlaps (Q, R, T) that are not positive semi-definite.
    """
    problem = build(**locals())
    if rule == "pepita":
        check_covariance(problem, with_feedback=False)
    return evaluate(problem) | {"generalization_error": error_of(problem)}


def evaluate(problem, **options):
    """dQ, dR, dv, da of a checked `Problem`; `options` go to the quadrature of PEPITA."""
    if problem.rule == "pepita" and problem.gamma > 0:
        return rates(problem, *two_pass_moments(problem, **options))
    factors = FEEDBACK_FACTORS["afa" if problem.rule == "pepita" else problem.rule](problem)
    return rates(problem, *first_order_moments(problem, problem.matrix(factors)))


def generalization_error(*, Q, R, T, v, v_teacher):
    """sum_c E[e_c^2]/2 = (1/2) sum_ijc u_ic u_jc I2(i, j), u = (v, -v_teacher).

    Shapes as in `drift`. Rounding of the cancelling terms leaves about 1e-16 (of either sign) at a
    perfect copy.
    """
    return error_of(build("bp", eta_w=0, eta_v=0, Q=Q, R=R, T=T, v=v, v_teacher=v_teacher))


def error_of(problem):
    """`generalization_error` of a checked `Problem`."""
    C, u = problem.covariance, problem.readout
    size = np.diagonal(C, axis1=-2, axis2=-1)
    return 0.5 * np.sum(u * (i2(size[..., :, None], size[..., None, :], C) @ u), axis=(-2, -1))
