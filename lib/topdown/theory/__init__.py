"""The theory of two-layer networks: order parameters, their ODEs, and learning at finite D.

NumPy, SciPy and numba only. t = samples / D, e = student - teacher, g(z) = erf(z / sqrt 2).
"""

from ._alignment import (
    Copy,
    alignment_angle,
    alignment_angles,
    alignment_cosine,
    degenerate_solution,
    expected_solution,
)
from ._checks import log_times
from ._drift import drift, generalization_error
from ._integrals import I2, I3, I4, J2
from ._integrate import Trajectory, integrate
from ._micro import micro_noise
from ._problem import RULES
from ._simulate import Simulation, simulate
from ._start import can_learn, default_init, random_feedback
from ._weights import order_parameters

__all__ = [
    "I2",
    "I3",
    "I4",
    "J2",
    "RULES",
    "Copy",
    "Simulation",
    "Trajectory",
    "alignment_angle",
    "alignment_angles",
    "alignment_cosine",
    "can_learn",
    "default_init",
    "degenerate_solution",
    "drift",
    "expected_solution",
    "generalization_error",
    "integrate",
    "log_times",
    "micro_noise",
    "order_parameters",
    "random_feedback",
    "simulate",
]
