"""Feedback matrices: distributions, mirroring, rescaling, angles."""

import math

import pytest
import torch

from topdown import feedback as fb
from topdown.network import initial_weights
from topdown.random import counter_normal, draw_keys, generator

SIZES = (300, 200, 150, 10)


@pytest.mark.checks("Normal, factorised F", "eq-f-normal")
@pytest.mark.parametrize("sizes", ((300, 10), (300, 200, 10), SIZES))
def test_product_of_factors_has_the_stated_standard_deviation(sizes):
    target = fb.standard_deviation(0.05, sizes[0])
    spreads = [fb.product(fb.normal_factors(sizes, 0.05, generator(s, "feedback"))).std().item()
               for s in range(20)]
    assert sum(spreads) / 20 == pytest.approx(target, rel=0.05)


@pytest.mark.checks("Uniform F", "eq-f-uniform")
def test_uniform_feedback_has_the_same_standard_deviation_and_stays_in_its_bounds():
    f = fb.uniform_feedback(SIZES, 0.05, generator(0, "feedback"))
    assert f.shape == (300, 10)
    assert f.std().item() == pytest.approx(fb.standard_deviation(0.05, 300), rel=0.05)
    assert f.abs().max() <= 0.05 * math.sqrt(6 / 300)


def test_the_published_standard_deviations():
    assert fb.standard_deviation(0.05, 3072) == pytest.approx(0.001276, abs=5e-7)
    assert fb.standard_deviation(0.05, 784) == pytest.approx(0.002525, abs=5e-7)


def mirrored(steps, through="preactivation", rate=0.1, decay=0.5, sizes=(40, 30, 20, 10)):
    weights = [w[None].double() for w in initial_weights(sizes, "he_normal",
                                                         generator(0, "weights"))]
    factors = [b[None].double() for b in fb.normal_factors(sizes, 0.05, generator(0, "feedback"))]
    draw = generator(0, "mirroring")
    spread = fb.standard_deviation(0.05, sizes[0])
    feedback = fb.product(factors)
    for _ in range(steps):
        fb.mirror(factors, weights, rate, decay, draw_keys(draw, 1, len(weights)), rows=64,
                  through=through)
        feedback = fb.rescale(factors, spread)
    return weights, factors, feedback


def test_mirroring_alone_turns_f_towards_the_weights():
    start = fb.alignment_angles(*mirrored(0)[::2])["angle_total"].item()
    end = fb.alignment_angles(*mirrored(400)[::2])["angle_total"].item()
    assert start > 80
    assert end < 55


def test_mirroring_through_the_softmax_aligns_the_output_factor_less():
    angles = [fb.alignment_angles(w, f, b)["angle_layer_3"].item() for w, b, f in
              (mirrored(200), mirrored(200, through="activation"))]
    assert angles[0] + 10 < angles[1]


@pytest.mark.checks("Weight mirroring", "eq-mirror")
def test_the_mean_mirroring_step_is_noise_variance_times_the_transposed_weights():
    w = [torch.randn(1, 6, 8, dtype=torch.float64)]
    total, draw = torch.zeros(1, 8, 6, dtype=torch.float64), generator(0, "mirroring")
    for _ in range(4000):
        b = [torch.zeros(1, 8, 6, dtype=torch.float64)]
        fb.mirror(b, w, 1.0, 0.0, draw_keys(draw, 1, 1), noise=0.1, rows=64)
        total += b[0]
    expected = 0.01 * w[0].mT * 63 / 64  # one degree of freedom goes to the centring
    assert (total / 4000 - expected).norm() < 0.02 * expected.norm()


@pytest.mark.checks("Rescaling of F", "eq-rescale")
def test_rescaling_restores_the_spread_by_one_common_factor():
    factors = [b.double() for b in fb.normal_factors(SIZES, 0.05, generator(0, "feedback"))]
    before = [3 * b for b in factors]
    after = [b.clone() for b in before]
    feedback = fb.rescale(after, 0.01)
    assert feedback.std().item() == pytest.approx(0.01)
    torch.testing.assert_close(fb.product(after), feedback)
    ratios = [(a / b).flatten() for a, b in zip(after, before)]
    for ratio in ratios:
        torch.testing.assert_close(ratio, ratios[0][:1].expand_as(ratio))


def test_angles_of_equal_opposite_and_perpendicular_matrices():
    a = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    b = torch.tensor([[0.0, 3.0], [1.0, 0.0]])
    for other, angle in ((a, 0), (-2 * a, 180), (b, 90)):
        assert fb.alignment_angle(a, other).item() == pytest.approx(angle, abs=1e-5)
    assert fb.alignment_angle(a, 0 * a).isnan()


@pytest.mark.checks("Alignment angle", "eq-angle")
def test_feedback_equal_to_the_product_of_the_weights_has_angle_zero_everywhere():
    weights = initial_weights(SIZES, "he_normal", generator(0, "weights"))
    factors = [w.mT for w in weights]
    angles = fb.alignment_angles(weights, fb.product(factors), factors)
    layers = [angles[f"angle_layer_{k}"].item() for k in (1, 2, 3)]
    assert max(angles["angle_total"].item(), *layers) < 1e-3


def test_counter_based_normal_numbers_are_standard_and_independent():
    draws = counter_normal(draw_keys(generator(0, "mirroring"), 40), (64, 100)).double()
    count = draws.numel()
    assert abs(draws.mean().item()) < 4.5 / count**0.5
    assert draws.var().item() == pytest.approx(1, abs=4.5 * (2 / count) ** 0.5)
    assert (draws**4).mean().item() == pytest.approx(3, abs=4.5 * (96 / count) ** 0.5)
    flat = draws.flatten(1)
    assert torch.corrcoef(flat).fill_diagonal_(0).abs().max() < 5.5 / 6400**0.5
