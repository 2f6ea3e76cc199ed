"""The oracle with orthogonal weights (FOTON): where it is backpropagation, and that it stays so."""

from dataclasses import replace

import pytest
import torch

from topdown import feedback as fb
from topdown import gradients
from topdown.network import initial_weights, orthogonalized
from topdown.random import generator
from topdown.recipes import Recipe
from topdown.training.loop import train

FOTON = Recipe(dataset="digits", hidden=(32, 24), epochs=3, batch=64, lr=0.05, dropout=0.1,
               initialization="orthogonal", orthogonal=True, feedback="oracle",
               feedback_scale=0.5**0.5, presynaptic="clean", decay_epochs=())


def always_active(sizes):
    """Orthonormal rows without negative entries: one block of inputs a row."""
    weights = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        weights.append(torch.eye(n).double().repeat_interleave(m // n, 1) / (m / n) ** 0.5)
    return weights


def test_with_orthogonal_weights_and_no_unit_silent_the_oracle_is_backpropagation():
    gen = torch.Generator().manual_seed(0)
    weights = always_active((24, 12, 6))
    weights.append(torch.linalg.qr(torch.randn(6, 3, generator=gen).double())[0].mT.contiguous())
    x = 2 + torch.rand(5, 24, generator=gen).double()
    target = torch.eye(3).double()[[0, 1, 2, 0, 1]]
    exact = fb.oracle_feedback(weights, fb.standard_deviation(0.5**0.5, 24)).clone()
    product = fb.product([w.mT for w in weights])
    ours = gradients("pepita", weights, x, target, product, presynaptic="clean")
    for one, bp in zip(ours, gradients("bp", weights, x, target)):
        torch.testing.assert_close(one, bp)
    ratio = (exact.norm() / product.norm()).item()
    assert ratio == pytest.approx(1, rel=0.05)  # scale 1/sqrt(2) is the product itself


def test_one_step_towards_orthogonality_squares_a_small_distance():
    gen = torch.Generator().manual_seed(1)
    w = torch.linalg.qr(torch.randn(40, 16, generator=gen).double())[0].mT
    near = w + 1e-3 * torch.randn(w.shape, generator=gen).double()
    before = (torch.linalg.svdvals(near) - 1).abs().max()
    after = (torch.linalg.svdvals(orthogonalized(near)) - 1).abs().max()
    assert before > 1e-3
    assert after <= 1.6 * before**2


def test_orthogonal_initialisation_has_orthonormal_rows_or_columns():
    for w in initial_weights((30, 12, 20, 5), "orthogonal", generator(0, "weights")):
        gram = w @ w.mT if w.shape[0] < w.shape[1] else w.mT @ w
        torch.testing.assert_close(gram, torch.eye(len(gram)), rtol=0, atol=1e-5)


def test_the_weights_stay_orthogonal_while_they_learn_and_without_the_option_they_do_not():
    kept, free = (train(replace(FOTON, orthogonal=o), [0], progress=False) for o in (True, False))

    def distance(run):
        return max((torch.linalg.svdvals(w[0]) - 1).abs().max() for w in run.state.weights)

    assert distance(kept) < 0.05 < 5 * distance(kept) < distance(free)
    assert kept.curves["test_accuracy"][-1, 0] > 60


def test_orthogonal_weights_that_do_not_start_so_are_refused():
    with pytest.raises(ValueError, match="set initialization='orthogonal'"):
        Recipe(orthogonal=True)
    with pytest.raises(ValueError, match="forward-forward has no orthogonal weights"):
        replace(FOTON, rule="forward-forward", feedback="uniform")
