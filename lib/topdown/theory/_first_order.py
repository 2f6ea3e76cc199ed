"""Drift of the rules that move along -f_k g'(lambda_k) e x: BP (f=v), FA (f fixed), AFA (f=a).

Fields z = (lambda, nu, field of F), error e = sum_i u_i g(z_i) with u = (v, -v_teacher).
"""

import numpy as np

from ._integrals import I2, I3, I4, J2


def error_slopes(problem):
    """P_kj = E[g'(lambda_k) e z_j], shape (K, K+M+1); the last column is the field of F."""
    C = problem.joint_covariance(0.0)  # the variance of that field does not enter
    return I3(C, range(problem.K), None, range(problem.K + problem.M)) @ problem.readout


def squared_slopes(problem):
    """S_kl = E[g'(lambda_k) g'(lambda_l) e^2], shape (K, K), label noise included."""
    C, u, students = problem.covariance, problem.readout, range(problem.K)
    noise = problem.label_noise**2 * J2(C, students, students)
    return I4(C, students, students) @ u @ u + noise


def output_slopes(problem):
    """E[e g(lambda_k)], shape (K,): what the clean activity of the output rule averages to."""
    return I2(problem.covariance, range(problem.K)) @ problem.readout


def first_order_drift(problem, factors):
    """dQ, dR, dv, da at feedback factors f (K,).

    dQ_kl = -eta_w (f_k P_kl + f_l P_lk) + eta_w^2 f_k f_l S_kl,   dR_km = -eta_w f_k P_k,nu_m,
    da_k = -eta_w f_k P_k,F,   dv_k = -eta_v E[e g_k].
    """
    K, M, eta = problem.K, problem.M, problem.eta_w
    pull = factors[:, None] * error_slopes(problem)
    growth = np.outer(factors, factors) * squared_slopes(problem)
    return {
        "dQ": -eta * (pull[:, :K] + pull[:, :K].T) + eta**2 * growth,
        "dR": -eta * pull[:, K : K + M],
        "dv": -problem.eta_v * output_slopes(problem),
        "da": -eta * pull[:, K + M],
    }
