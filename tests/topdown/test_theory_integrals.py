"""The closed Gaussian integrals against quadrature over the fields that occur in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_theory_brute_force import g, gaussian_grid, random_state, slope

from topdown.theory import I2, I3, I4, J2


@pytest.fixture(scope="module")
def C():
    s = random_state(2, 3, seed=1, size=1.3)
    return np.block([[s["Q"], s["R"]], [s["R"].T, s["T"]]])


def average(C, indices, functions):
    """E[prod_n f_n(z_i_n)], integrated over the distinct fields only."""
    distinct = sorted(set(indices))
    z, weights = gaussian_grid(C[np.ix_(distinct, distinct)])
    factors = [f(z[distinct.index(i)]) for f, i in zip(functions, indices)]
    return np.prod(factors, axis=0) @ weights


def identity(z):
    return z


PAIRS = [(0, 1), (2, 2), (4, 0)]
TRIPLES = [(0, 1, 2), (1, 1, 3), (1, 3, 1), (3, 1, 1), (2, 2, 2)]
QUADRUPLES = [(0, 1, 2, 3), (0, 0, 1, 2), (0, 1, 2, 2), (0, 1, 0, 1), (1, 0, 0, 4)]
QUADRUPLES += [(2, 2, 3, 3), (2, 3, 3, 3), (3, 3, 3, 2), (4, 4, 4, 4)]


@pytest.mark.checks("Gaussian integrals I2, J2", "eq-app-i2")
@pytest.mark.parametrize("ij", PAIRS)
def test_I2_and_J2_equal_quadrature(C, ij):
    assert I2(C)[ij] == pytest.approx(average(C, ij, (g, g)), abs=1e-10)
    assert J2(C)[ij] == pytest.approx(average(C, ij, (slope, slope)), abs=1e-10)


@pytest.mark.checks("Gaussian integral I3", "eq-app-i3")
@pytest.mark.parametrize("ijk", TRIPLES)
def test_I3_equals_quadrature_also_for_repeated_indices(C, ijk):
    assert I3(C)[ijk] == pytest.approx(average(C, ijk, (slope, identity, g)), abs=1e-10)


@pytest.mark.checks("Gaussian integral I4", "eq-app-i4")
@pytest.mark.parametrize("ijkl", QUADRUPLES)
def test_I4_equals_quadrature_also_for_repeated_indices(C, ijkl):
    assert I4(C)[ijkl] == pytest.approx(average(C, ijkl, (slope, slope, g, g)), abs=1e-10)


def test_integrals_hold_for_a_singular_covariance():
    loading = np.array([[1.0, 0.2], [0.3, 0.8], [1.3, 1.0]])  # the third field is the sum
    x, weights = gaussian_grid(np.eye(2))
    z, C = loading @ x, loading @ loading.T
    expected = (slope(z[2]) * slope(z[0]) * g(z[1]) * g(z[2])) @ weights
    assert I4(C)[2, 0, 1, 2] == pytest.approx(expected, abs=1e-10)
    assert I3(C)[2, 1, 0] == pytest.approx((slope(z[2]) * z[1] * g(z[0])) @ weights, abs=1e-10)


def test_a_part_of_a_tensor_is_that_part_of_the_whole(C):
    assert np.array_equal(I3(C, [1, 0], None, [4]), I3(C)[[1, 0]][:, :, [4]])
    assert np.array_equal(I4(C, [0], [2, 1]), I4(C)[[0]][:, [2, 1]])


def test_I3_does_not_depend_on_the_variance_of_its_linear_field(C):
    wider = C.copy()
    wider[4, 4] += 100
    assert np.array_equal(I3(C, [0, 1], [4], [2, 3]), I3(wider, [0, 1], [4], [2, 3]))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 30))
def test_integrals_stay_within_the_bounds_of_their_integrands(seed, size):
    s = random_state(2, 1, seed, size)
    C = np.block([[s["Q"], s["R"]], [s["R"].T, s["T"]]])
    assert np.abs(I2(C)).max() <= 1
    assert J2(C).max() <= 2 / np.pi
    assert np.abs(I4(C)).max() <= 2 / np.pi
    assert np.linalg.eigvalsh(I2(C))[0] > -1e-12
