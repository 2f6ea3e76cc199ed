"""The theory of two-layer networks: order parameters, their ODEs, and learning at finite D.

NumPy, SciPy and numba only. t = samples / D, e = student - teacher, g(z) = erf(z / sqrt 2). K
student and M teacher units, C outputs: matrices (K, C), (M, C); vectors stand for one output.
"""

from ._alignment import (
    Copy,
    alignment_angle,
    alignment_angles,
    alignment_cosine,
    degenerate_solution,
    expected_solution,
    final_copies,
)
from ._checks import log_times
from ._drift import drift, generalization_error
from ._first_order import micro_noise
from ._integrals import I2, I3, I4, J2, J4
from ._integrate import Trajectory, integrate, integrate_many
from ._problem import RULES
from ._simulate import Simulation, simulate
from ._stability import copies_attract, copy_rates
from ._start import can_learn, default_init, random_feedback, unit_rows
from ._weights import order_parameters

__all__ = [
    "I2",
    "I3",
    "I4",
    "J2",
    "J4",
    "RULES",
    "Copy",
    "Simulation",
    "Trajectory",
    "alignment_angle",
    "alignment_angles",
    "alignment_cosine",
    "can_learn",
    "copies_attract",
    "copy_rates",
    "default_init",
    "degenerate_solution",
    "drift",
    "expected_solution",
    "final_copies",
    "generalization_error",
    "integrate",
    "integrate_many",
    "log_times",
    "micro_noise",
    "order_parameters",
    "random_feedback",
    "simulate",
    "unit_rows",
]
