"""Wrong input is refused with the name, the value and the remedy; the theory needs no torch."""

import subprocess
import sys

import numpy as np
import pytest

from topdown.theory import alignment_cosine, default_init, drift, integrate, simulate

STATE = default_init() | dict(eta_w=0.1, eta_v=0.1, feedback=[1.0, 1.0], gamma=0.1)


def run_drift(rule, **state):
    return drift(rule, **state)


def run_integrate(rule, **state):
    return integrate(rule, t=[1.0], **state)


def run_simulate(rule, **state):
    return simulate(rule, 20, t=[1.0], **state)


EVERYWHERE = pytest.mark.parametrize("call", [run_drift, run_integrate, run_simulate])


@EVERYWHERE
@pytest.mark.parametrize(
    "rule, change, message",
    [
        ("pepitta", {}, "unknown rule 'pepitta'; did you mean 'pepita'"),
        ("afa", {"eta_w": -0.1}, "eta_w is -0.1"),
        ("bp", {"eta_v": np.nan}, "eta_v is nan"),
        ("pepita", {"gamma": -1.0}, "gamma is -1"),
        ("bp", {"label_noise": -1.0}, "label_noise is -1"),
        ("bp", {"R": np.zeros((2, 3))}, r"R has shape \(2, 3\), expected \(2, 2\)"),
        ("afa", {"a": [1.0]}, r"a has shape \(1,\), expected \(2,\)"),
        ("fa", {"feedback": None}, "rule 'fa' needs feedback"),
        ("pepita", {"gamma": None, "G": None}, "rule 'pepita' needs gamma"),
        ("pepita", {"presynaptic": "cleen"}, "presynaptic 'cleen'; did you mean 'clean'"),
        ("pepita", {"output_activity": "x"}, "unknown output_activity 'x'"),
        ("bp", {"Q": np.array([[np.inf, 0], [0, 1.0]])}, "Q has entries that are not finite"),
    ],
)
def test_wrong_values_are_named(call, rule, change, message):
    with pytest.raises(ValueError, match=message):
        call(rule, **STATE | change)


@pytest.mark.parametrize("call", [run_integrate, run_simulate])
@pytest.mark.parametrize(
    "change, message",
    [
        ({"R": np.ones((2, 2))}, r"\(Q, R, T\) is not positive semi-definite .* smaller"),
        ({"G": 0.5}, r"G=0.5\) is not positive semi-definite .* G larger \(at least"),
        ({"Q": np.array([[1.0, 0.5], [0.4, 1.0]])}, "Q is not symmetric"),
        ({"eta": 0.1}, "unknown parameter for afa 'eta'; did you mean 'eta_w'"),
        ({"T": None}, "needs T"),
        ({"a": None}, "rule 'afa' needs a"),
    ],
)
def test_impossible_overlaps_and_unknown_names_are_refused(call, change, message):
    with pytest.raises(ValueError, match=message):
        call("afa", **STATE | change)


@pytest.mark.parametrize("t", [[-1.0], [2.0, 1.0], [np.nan], [], -3.0])
def test_impossible_times_are_refused(t):
    with pytest.raises(ValueError, match="^t "):
        integrate("bp", t=t, **STATE)


def test_a_simulation_too_small_for_its_vectors_is_refused():
    with pytest.raises(ValueError, match=r"D is 4; K \+ M \+ C = 5"):
        simulate("bp", 4, t=[1.0], **STATE)
    with pytest.raises(ValueError, match="unknown scaling 'nano'"):
        simulate("bp", 40, t=[1.0], scaling="nano", **STATE)


def test_a_start_beyond_the_runaway_limit_is_refused():
    with pytest.raises(ValueError, match="runaway limit"):
        integrate("bp", t=[1.0], runaway=0.01, **STATE)


def test_drift_accepts_lists_and_leaves_its_arguments_alone():
    state = {k: np.asarray(x).tolist() for k, x in STATE.items()}
    before = repr(state)
    assert np.array_equal(drift("pepita", **state)["dQ"], drift("pepita", **STATE)["dQ"])
    assert repr(state) == before


def test_the_theory_does_not_import_torch():
    code = "import sys, topdown.theory; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    assert alignment_cosine([1.0], [1.0]) == 1
