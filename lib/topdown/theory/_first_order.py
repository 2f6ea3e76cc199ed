"""Drift of the rules that move along -(f_k.e) g'(lambda_k) x: BP (f=v), FA (f fixed), AFA (f=a).

Fields z = (lambda, nu, fields of F), errors e_c = sum_i u_ic g(z_i) with u = (v, -v_teacher).
Arrays may have a leading axis of states; one output is C = 1.
"""

import numpy as np

from ._integrals import averages, j2
from ._problem import build


def first_order_moments(problem, factors):
    """P_kj = E[g'_k (f_k.e) z_j] (K, K+M+C), S_kl = E[g'_k g'_l (f_k.e)(f_l.e)] (K, K) with label
    noise, and E[e_c g_k] (K, C), at feedback factors f (K, C).
    """
    lead = problem.Q.shape[:-2]
    states = problem.covariance, problem.feedback_overlaps, factors, problem.readout
    flat = (np.ascontiguousarray(x).reshape(-1, *x.shape[-2:]) for x in states)
    pull, growth, output = (x.reshape(*lead, *x.shape[1:]) for x in averages(*flat))
    if problem.label_noise:
        Q, size = problem.Q, np.diagonal(problem.Q, axis1=-2, axis2=-1)
        slopes = j2(size[..., :, None], size[..., None, :], Q)
        growth = growth + problem.label_noise**2 * (factors @ factors.swapaxes(-1, -2)) * slopes
    return pull, growth, output


def rates(problem, pull, growth, output):
    """dQ, dR, dv, da from the averages of any rule.

    dQ_kl = -eta_w (P_kl + P_lk) + eta_w^2 S_kl,   dR_km = -eta_w P_k,nu_m,
    da_kc = -eta_w P_k,F_c,   dv_kc = -eta_v E[e_c g_k].
    """
    K, M, eta = problem.K, problem.M, problem.eta_w
    student = pull[..., :K]
    return {
        "dQ": -eta * (student + student.swapaxes(-1, -2)) + eta**2 * growth,
        "dR": -eta * pull[..., K : K + M],
        "dv": -problem.eta_v * problem.as_given(output),
        "da": -eta * problem.as_given(pull[..., K + M :]),
    }


def micro_noise(*, F2=1.0, **given):
    """Noise in a(t) in the micro scaling of F: its covariance (K, K) per unit time, for AFA.

    With kappa = sqrt D and F2 = |F_c|^2/D, da_kc = drift dt - eta_w dB_kc with Cov(dB_kc, dB_lc) =
    F2 E[g'_k g'_l (a_k.e)(a_l.e)] dt at any D, the same for every output c, and no covariance
    between outputs whose F_c are orthogonal; this returns eta_w^2 times it. In the macro scaling
    the same noise is D times weaker. Keywords as in `drift` (rule "afa").
    """
    problem = build("afa", **given)
    growth = first_order_moments(problem, problem.matrix(problem.a))[1]
    return F2 * problem.eta_w**2 * growth
