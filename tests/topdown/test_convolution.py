"""The convolutional rules: against autograd, against loops over places, and against dense rules."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from topdown.recipes import CONVOLUTIONAL, Recipe
from topdown.rules._batch import summed
from topdown.training.convolution import Shape, forward, patches, update
from topdown.training.loop import Trainer, train

SHAPE, KERNELS, CLASSES, ROWS = Shape(2, 9, 8, 3), 4, 5, 6
SMALL = Recipe(dataset="digits", hidden=(), kernels=6, kernel_size=3, epochs=3, batch=32, lr=0.01,
               dropout=0.0, initialization="he_normal")


def problem(replicas=(), seed=0):
    gen = torch.Generator().manual_seed(seed)
    m = SHAPE.pooled(KERNELS)
    weights = [torch.randn(*replicas, KERNELS, SHAPE.patch, generator=gen).double() / 3,
               torch.randn(*replicas, CLASSES, m, generator=gen).double() / m**0.5]
    x = torch.rand(*replicas, ROWS, 144, generator=gen).double()
    target = torch.eye(CLASSES).double()[torch.arange(ROWS) % CLASSES].expand(*replicas, -1, -1)
    return weights, x, target, torch.randn(*replicas, 144, CLASSES, generator=gen).double() / 9


def gradients(rule, weights, x, target, feedback):
    return summed(update(rule, weights, x, target, feedback, SHAPE)[0], weights, ROWS)


def torch_pass(kernels, dense, x):
    maps = functional.conv2d(x.view(-1, 2, 9, 8), kernels.view(KERNELS, 2, 3, 3)).relu()
    return maps, functional.max_pool2d(maps, 2).flatten(1) @ dense.T


def test_the_pass_equals_convolution_and_pooling_of_torch():
    weights, x, *_ = problem()
    maps, logits = torch_pass(*weights, x)
    ours = forward(weights, x, SHAPE)
    torch.testing.assert_close(ours.activity, maps.flatten(2).mT)
    torch.testing.assert_close(ours.output, logits.softmax(1))


def test_a_patch_is_what_the_kernel_sees():
    _, x, *_ = problem()
    found = patches(x, SHAPE).view(ROWS, 7, 6, 2, 3, 3)
    images = x.view(ROWS, 2, 9, 8)
    torch.testing.assert_close(found[3, 4, 2], images[3, :, 4:7, 2:5])


def test_bp_is_the_gradient_of_cross_entropy_by_autograd():
    weights, x, target, feedback = problem()
    leaves = [w.clone().requires_grad_() for w in weights]
    functional.cross_entropy(torch_pass(*leaves, x)[1], target).backward()
    for ours, leaf in zip(gradients("bp", weights, x, target, feedback), leaves):
        torch.testing.assert_close(ours, leaf.grad)


def test_fa_with_the_dense_weights_as_feedback_is_bp():
    weights, x, target, _ = problem()
    for ours, bp in zip(gradients("fa", weights, x, target, weights[1]),
                        gradients("bp", weights, x, target, None)):
        torch.testing.assert_close(ours, bp)


@pytest.mark.parametrize("rule", ("pepita", "pepita-hebbian"))
def test_pepita_equals_its_sum_over_places_by_loops(rule):
    weights, x, target, feedback = problem()
    maps, logits = torch_pass(*weights, x)
    y = logits.softmax(1)
    x2 = x - (y - target) @ feedback.T
    maps2, _ = torch_pass(*weights, x2)
    first = torch.zeros_like(weights[0])
    for b in range(ROWS):
        for i in range(7):
            for j in range(6):
                u, v = (p.view(-1, 2, 9, 8)[b, :, i : i + 3, j : j + 3].flatten()
                        for p in (x, x2))
                h, h2 = maps[b, :, i, j], maps2[b, :, i, j]
                first += (torch.outer(h - h2, v) if rule == "pepita"
                          else torch.outer(h, u) - torch.outer(h2, v)) / ROWS
    pooled, pooled2 = (functional.max_pool2d(m, 2).flatten(1) for m in (maps, maps2))
    second = ((y - target).T @ pooled2 if rule == "pepita"
              else y.T @ pooled - target.T @ pooled2) / ROWS
    ours = gradients(rule, weights, x, target, feedback)
    torch.testing.assert_close(ours[0], first)
    torch.testing.assert_close(ours[1], second)


@pytest.mark.parametrize("rule", CONVOLUTIONAL)
def test_replicas_are_trained_as_if_alone(rule):
    weights, x, target, feedback = problem((3,))
    feedback = weights[1] + 0.1 if rule == "fa" else feedback
    together = gradients(rule, weights, x, target, feedback)
    for r in range(3):
        alone = gradients(rule, [w[r] for w in weights], x[r], target[r], feedback[r])
        for one, all_ in zip(alone, together):
            torch.testing.assert_close(all_[r], one)


@pytest.mark.parametrize("rule", CONVOLUTIONAL)
def test_a_seed_alone_equals_the_same_seed_among_three(rule):
    chosen = replace(SMALL, rule=rule, epochs=1)
    among, alone = train(chosen, range(3), progress=False), train(chosen, [2], progress=False)
    for ours, other in zip(alone.state.weights, among.state.weights):
        torch.testing.assert_close(ours[0], other[2], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("rule", CONVOLUTIONAL)
def test_every_rule_learns_the_digits(rule):
    run = train(replace(SMALL, rule=rule, epochs=6), [0], progress=False)
    assert run.curves["test_accuracy"][-1, 0] > 80 > 30 > run.curves["test_accuracy"][0, 0]


def test_a_kernel_of_the_right_shape_is_drawn():
    state = Trainer(SMALL, [0, 1]).state
    assert [tuple(w.shape) for w in state.weights] == [(2, 6, 9), (2, 10, 6 * 9)]


@pytest.mark.parametrize("changes", (dict(rule="dfa"), dict(hidden=(8,)), dict(dropout=0.1),
                                     dict(sign=1)))
def test_what_does_not_go_with_a_convolution_is_refused(changes):
    with pytest.raises(ValueError, match="rule=.dfa.|(hidden|dropout|sign) must be"):
        replace(SMALL, **changes)


def kernel_step(kernel_update):
    """The kernels' change in one step of plain gradient descent at rate 1 on a batch of 20."""
    chosen = replace(SMALL, batch=20, momentum=0.0, kernel_update=kernel_update)
    stepper = Trainer(chosen, [0]).stepper
    gen = torch.Generator().manual_seed(0)
    x, before = torch.rand(1, 20, 64, generator=gen), stepper.state.weights[0].clone()
    stepper.step(x, torch.eye(10)[torch.arange(20) % 10][None], 1.0)
    return (stepper.state.weights[0] - before).double()


def test_the_ancestors_kernels_move_against_the_rule_by_its_part_of_batch_times_places():
    rule, ancestor = kernel_step("rule"), kernel_step("ancestor")
    cosine = (rule * ancestor).sum() / (rule.norm() * ancestor.norm())
    assert cosine == pytest.approx(-1, abs=1e-3)
    assert rule.norm() / ancestor.norm() == pytest.approx(20 * 6 * 6, rel=1e-2)  # 8 - 3 + 1 = 6


def test_on_mnist_with_batches_of_20_that_part_is_the_measured_11520():
    assert 20 * Shape(1, 28, 28, 5).grid[0] ** 2 == 11520


def test_frozen_kernels_stay_while_the_dense_layer_learns_even_under_weight_decay():
    chosen = replace(SMALL, kernel_update="frozen", weight_decay=0.1, epochs=1)
    before, after = Trainer(chosen, [0]).state, train(chosen, [0], progress=False).state
    assert torch.equal(before.weights[0], after.weights[0])
    assert (before.weights[1] - after.weights[1]).norm() > 0.1


def test_a_kernel_update_without_kernels_is_refused():
    with pytest.raises(ValueError, match="kernel_update='frozen' needs a convolution"):
        Recipe(kernel_update="frozen")
