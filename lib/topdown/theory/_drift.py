"""The closed drift of the order parameters for every rule: one table from rule to formula."""

from ._first_order import first_order_drift
from ._integrals import I2
from ._problem import build, check_covariance
from ._two_pass import two_pass_drift

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

    Student e = sum_k v_k g(lambda_k) - sum_m v_teacher_m g(nu_m), g = erf(./sqrt 2), lambda_k =
    w_k.x/sqrt D, nu_m = w_teacher_m.x/sqrt D; updates dw_k = -(eta_w/sqrt D) f_k g'(lambda_k) e x,
    dv_k = -(eta_v/D) e g(lambda_k), with f = v (`bp`), `feedback` (`fa`) or a (`afa`); `pepita` is
    the exact two-pass rule, dw_k = -(eta_w/(gamma sqrt D)) (h_k - h'_k) x'. The term of order
    eta_w^2 in dQ is included.

    Parameters
    ----------
    rule: "bp", "fa", "afa" or "pepita".
    Q (K, K), R (K, M), T (M, M): overlaps w.w/D, w.w_teacher/D, w_teacher.w_teacher/D.
    v (K,), v_teacher (M,): output weights.
    a (K,), b (M,): overlaps w.F/D and w_teacher.F/D with the feedback vector (in BP and FA they are
        only tracked; None stands for no feedback vector there).
    eta_w, eta_v: learning rates of the first and second layer, >= 0, per unit of t.
    feedback (K,): FA's fixed factors.
    gamma, G: PEPITA's feedback strength (0 gives AFA, its limit) and |F|^2/D (needed only with a
        modulated presynaptic input).
    presynaptic, output_activity: "modulated" (second pass, the paper's) or "clean" (first pass) for
        the input x and the activity h in PEPITA's updates.
    label_noise: standard deviation of Gaussian noise on the teacher's output. It is not part of the
        generalization error.

    Returns
    -------
    dict of NumPy arrays dQ (K, K), dR (K, M), dv (K,), da (K,) and generalization_error, a scalar.

    Raises ValueError for an unknown rule or option, mismatched shapes, negative rates, something
    the rule needs and lacks, and for PEPITA overlaps (Q, R, T) that are not positive semi-definite.
    """
    problem = build(**locals())
    if rule == "pepita":
        check_covariance(problem, with_feedback=False)
    return evaluate(problem)


def evaluate(problem, **options):
    """`drift` of a checked `Problem`; `options` go to the quadrature of PEPITA."""
    if problem.rule == "pepita" and problem.gamma > 0:
        rates = two_pass_drift(problem, **options)
    else:
        factors = FEEDBACK_FACTORS["afa" if problem.rule == "pepita" else problem.rule]
        rates = first_order_drift(problem, factors(problem))
    return {**rates, "generalization_error": error_of(problem)}


def generalization_error(*, Q, R, T, v, v_teacher):
    """E[e^2]/2 = (1/2) sum_ij u_i u_j I2(i, j), u = (v, -v_teacher); shapes as in `drift`.

    Rounding of the cancelling terms leaves about 1e-16 (of either sign) at a perfect copy.
    """
    return error_of(build("bp", eta_w=0, eta_v=0, Q=Q, R=R, T=T, v=v, v_teacher=v_teacher))


def error_of(problem):
    """`generalization_error` of a checked `Problem`."""
    u = problem.readout
    return 0.5 * u @ I2(problem.covariance) @ u
