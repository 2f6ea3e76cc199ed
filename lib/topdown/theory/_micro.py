"""Fluctuations of the adaptive feedback that stay of order one when F is micro-scaled."""

import numpy as np

from ._first_order import squared_slopes
from ._problem import build


def micro_noise(*, F2=1.0, **given):
    """Covariance (K, K) per unit time of the noise in a(t): AFA with kappa = sqrt D, F2 = |F|^2/D.

    da_k = drift dt - eta_w a_k dB_k with Cov(dB_k, dB_l) = F2 E[g'_k g'_l e^2] dt, at any D; this
    returns eta_w^2 a_k a_l F2 E[g'_k g'_l e^2]. In the macro scaling the same noise is D times
    weaker. Keywords as in `drift` (rule "afa").
    """
    problem = build("afa", **given)
    step = problem.eta_w * problem.a
    return F2 * np.outer(step, step) * squared_slopes(problem)
