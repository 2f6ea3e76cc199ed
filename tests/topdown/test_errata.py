"""Every option that stands for an erratum of the released code does what the page says, exactly."""

from dataclasses import replace

import pytest
import torch

from topdown.feedback import (
    alignment_angle,
    mirror,
    oracle_feedback,
    standard_deviation,
    uniform_feedback,
)
from topdown.network import forward, initial_weights
from topdown.random import draw_keys, dropout_mask, generator
from topdown.recipes import Recipe
from topdown.rules import Batch, get_rule, make_options
from topdown.training.loop import Stepper, Trainer, apply_update, initial_state, train

SIZES = (64, 20, 16, 10)
SMALL = Recipe(dataset="digits", hidden=(20, 16), epochs=2, lr=0.05, feedback_scale=0.5)


def network(seed=0, sizes=SIZES):
    gen = torch.Generator().manual_seed(seed)
    return [w.double() for w in initial_weights(sizes, "he_normal", gen)]


def pixels(rows=50, seed=1):
    return torch.rand(rows, SIZES[0], generator=torch.Generator().manual_seed(seed)).double()


def test_row_2_batch_normalisation_lets_outputs_depend_on_company_but_never_the_prediction():
    weights, x = network(), pixels()
    together = forward(weights, x, normalization="batch").output
    alone = torch.cat([forward(weights, row[None], normalization="batch").output for row in x])
    assert (together - alone).abs().max() > 1e-3
    assert torch.equal(together.argmax(1), alone.argmax(1))
    ratio = (together.log() - together.log().mean(1, keepdim=True)) / (
        alone.log() - alone.log().mean(1, keepdim=True))
    torch.testing.assert_close(ratio, ratio[:, :1].expand(-1, 10))  # logits of a row share a factor


def test_row_2_sample_normalisation_does_not_depend_on_company():
    weights, x = network(), pixels()
    together = forward(weights, x, normalization="sample").output
    alone = torch.cat([forward(weights, row[None], normalization="sample").output for row in x])
    torch.testing.assert_close(together, alone)


def test_row_2_the_size_of_test_batches_changes_the_loss_but_not_the_accuracy():
    curves = [train(replace(SMALL, normalization="batch", evaluation_rows=rows), [0],
                    progress=False).curves for rows in (None, 8)]
    assert torch.equal(curves[0]["test_accuracy"], curves[1]["test_accuracy"])
    assert (curves[0]["test_loss"] - curves[1]["test_loss"]).abs()[-1] > 1e-3


@pytest.mark.parametrize("rule", ("pepita-time-local", "pepita"))
def test_row_4_redrawn_masks_are_others_in_the_second_pass(rule):
    chosen = replace(SMALL, rule=rule, masks="redrawn", dropout=0.3)
    stepper = Trainer(chosen, [0]).stepper
    assert stepper.second_draw == "second masks"
    assert Trainer(replace(chosen, masks="consistent"), [0]).stepper.second_draw is None
    gen = torch.Generator().manual_seed(0)
    keys, other = (draw_keys(gen, 1, 2) for _ in range(2))
    one, two = stepper.masks(keys), stepper.masks(other)
    assert not torch.equal(one[0], two[0])
    x = torch.rand(1, 64, 64)
    target = torch.eye(10)[torch.randint(0, 10, (1, 64))]
    batch = Batch(stepper.state.weights, x, target, stepper.state.feedback, stepper.options, one,
                  two)
    terms = get_rule(rule).half_steps[-1](batch)[1][0]
    silent = dropout_mask(other[:, 0], (64, 20), 0.3) == 0
    assert (terms.pre[silent] == 0).all()
    assert (terms.pre[dropout_mask(keys[:, 0], (64, 20), 0.3) == 0] != 0).any()


@pytest.mark.parametrize("through", ("preactivation", "activation"))
def test_row_7_through_softmax_the_output_factor_learns_a_tenth_and_hidden_ones_half(through):
    classes, rows = 10, 200_000
    weights = [torch.randn(1, 12, 8), torch.randn(1, classes, 12)]
    factors = [torch.zeros(1, 8, 12), torch.zeros(1, 12, classes)]
    mirror(factors, weights, 1.0, 0.0, draw_keys(generator(0, "mirroring"), 1, 2), noise=0.01,
           rows=rows, through=through)
    if through == "preactivation":
        expected = [w.mT for w in weights]
    else:
        centred = torch.eye(classes) - 1 / classes
        expected = [weights[0].mT / 2, weights[1].mT @ centred / classes]
    for b, mean in zip(factors, expected):
        assert (b / 1e-4 - mean).norm() / mean.norm() < 0.1


@pytest.mark.parametrize("mean", (0.0, 3**0.5))
def test_row_16_a_mean_of_root_three_makes_every_entry_of_uniform_feedback_positive(mean):
    f = uniform_feedback((3072, 10, 10), 0.05, generator(0, "feedback"), mean)
    deviation = standard_deviation(0.05, 3072)
    assert f.mean().item() / deviation == pytest.approx(mean, abs=5 / 30720**0.5)
    assert f.std().item() == pytest.approx(deviation, rel=0.02)
    assert (f.min() >= 0) == (mean > 0)


def test_row_16_needs_uniform_feedback():
    with pytest.raises(ValueError, match="feedback_mean=1.0 needs uniform"):
        Recipe(feedback="normal", feedback_mean=1.0)


def test_row_17_fan_out_for_fan_in_is_a_factor_of_root_inputs_over_classes():
    inputs, classes = 3072, 10
    assert (6 / classes) ** 0.5 / (6 / inputs) ** 0.5 == pytest.approx(17.5, abs=0.05)
    small, large = (uniform_feedback((inputs, 5, classes), s, generator(0, "feedback"))
                    for s in (0.05, 0.05 * (inputs / classes) ** 0.5))
    assert large.abs().max().item() == pytest.approx(0.05 * (6 / classes) ** 0.5, rel=1e-3)
    assert alignment_angle(small, large) < 0.1


def batch_of(masks=None, **options):
    x = pixels(6)
    target = torch.eye(10).double()[torch.arange(6)]
    gen = torch.Generator().manual_seed(2)
    feedback = 0.1 * torch.randn(64, 10, generator=gen).double()
    return Batch(network(), x, target, feedback, make_options(**options), masks)


def test_row_18_the_second_pass_error_and_the_mask_applied_twice_by_hand():
    gen = torch.Generator().manual_seed(3)
    masks = [2.0 * (torch.rand(6, n, generator=gen) < 0.5).double() for n in (20, 16)]
    vanilla, other, twice = (get_rule("pepita").half_steps[0](batch_of(masks, **options)) for
                             options in ({}, {"output_error": "second"},
                                         {"difference_mask": "twice"}))
    batch = batch_of(masks)
    modulated = batch.modulated_pass()
    torch.testing.assert_close(other[-1][0].post, modulated.output - batch.target)
    torch.testing.assert_close(vanilla[-1][0].post, batch.first_pass().output - batch.target)
    for layer in (0, 1):
        torch.testing.assert_close(twice[layer][0].post, vanilla[layer][0].post * masks[layer])
        torch.testing.assert_close(other[layer][0].post, vanilla[layer][0].post)


# --- the upper bound of mirroring: feedback="oracle" ---------------------------------------------


def test_oracle_feedback_is_the_transposed_product_at_the_usual_size():
    weights = network()
    f = oracle_feedback(weights, 0.01)
    assert f.std().item() == pytest.approx(0.01)
    assert alignment_angle(f, (weights[2] @ weights[1] @ weights[0]).T) < 1e-4


def test_oracle_feedback_follows_the_weights_at_every_step():
    chosen = replace(SMALL, feedback="oracle", dropout=0.0, lr=0.01, feedback_scale=0.05)
    run = train(chosen, [0, 1], progress=False)
    assert run.curves["angle_total"].max() < 0.1
    state = initial_state(chosen, SIZES, [0])
    stepper = Stepper(chosen, state)
    before = state.feedback.clone()
    target = torch.eye(10)[torch.arange(64) % 10][None]
    stepper.step(torch.rand(1, 64, 64), target, 0.05)
    assert not torch.equal(stepper.state.feedback, before)
    assert torch.equal(stepper.stacked[:, 64:], stepper.state.feedback.mT)


def update_by(recipe, rates, gradient):
    """Weights after a step at each rate, always with the same outer products."""
    w, v = [torch.ones(1, 2, 2).double()], [torch.zeros(1, 2, 2).double()]
    rows = torch.eye(2).double()[None]
    for lr in rates:
        apply_update(w, v, [[(gradient * rows, rows)]] if gradient else [[]], recipe, lr, 2, 0.1)
        yield w[0].clone()
        gradient = 0.0


def test_row_21_a_rate_inside_the_velocity_still_moves_the_weights_after_it_has_fallen():
    """After a fall to zero the published form stops, the ancestor's goes on by mu v."""
    for holds in (False, True):
        first, second = update_by(Recipe(momentum=0.5, velocity_holds_rate=holds), (0.2, 0.0), 3.0)
        moved = 0.2 * (3.0 / 2 * torch.eye(2) + 0.1)  # lr (G + wd W)
        torch.testing.assert_close(first[0], 1 - moved.double())
        torch.testing.assert_close(second[0], 1 - (1.5 if holds else 1.0) * moved.double())


def test_row_21_at_a_constant_rate_both_forms_are_the_same():
    chosen = replace(SMALL, rule="bp", decay_epochs=(), weight_decay=0.01)
    ours, other = (train(replace(chosen, velocity_holds_rate=holds), [0], progress=False)
                   for holds in (False, True))
    for a, b in zip(ours.state.weights, other.state.weights):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


def test_row_22_epochs_of_premirroring_are_taken_from_those_before_the_decay():
    published = Recipe(feedback="normal", premirror_epochs=2)
    assert published.epochs_at_each_rate() == (59, 30, 11)
    counted = published.with_premirroring_counted()
    assert counted.epochs_at_each_rate() == (57, 30, 11) and counted.premirror_epochs == 2
    assert Recipe().with_premirroring_counted() == Recipe()


@pytest.mark.parametrize("rule", ("bp", "fa"))
def test_row_23_masks_at_the_end_leave_them_out_of_the_errors_on_their_way(rule):
    gen = torch.Generator().manual_seed(3)
    masks = [2.0 * (torch.rand(6, n, generator=gen) < 0.5).double() for n in (20, 16)]
    drawn = [torch.randn(n, m, generator=gen).double() for n, m in ((16, 20), (10, 16))]

    def update(how, masks):
        batch = batch_of(masks, backward_masks=how)
        batch.feedback = drawn
        return batch, [terms[0] for terms in get_rule(rule).half_steps[0](batch)]

    batch, found = update("end", masks)
    weights, x = batch.weights, batch.x
    carriers = weights[1:] if rule == "bp" else drawn
    h = x
    a, inputs = [], [x]
    for w, m in zip(weights[:-1], masks):
        a.append(h @ w.T)
        h = torch.relu(a[-1]) * m
        inputs.append(h)
    e = torch.softmax(h @ weights[-1].T, -1) - batch.target
    chain_2 = (e @ carriers[1]) * (a[1] > 0)
    chain_1 = (chain_2 @ carriers[0]) * (a[0] > 0)
    for outer, post, pre in zip(found, (chain_1 * masks[0], chain_2 * masks[1], e), inputs):
        torch.testing.assert_close(outer.post, post)
        torch.testing.assert_close(outer.pre, pre)
    _, usual = update("chain", masks)
    torch.testing.assert_close(found[1].post, usual[1].post)  # the topmost hidden layer
    assert (found[0].post - usual[0].post).norm() > 0.1 * usual[0].post.norm()
    without = [update(how, None)[1] for how in ("chain", "end")]
    for one, other in zip(*without):
        assert torch.equal(one.post, other.post)


def mirror_step(through, dropout=0.0, rows=200_000, normalization=None):
    weights = [torch.randn(1, 12, 8, generator=generator(0, "weights")), torch.ones(1, 10, 12)]
    factors = [torch.zeros(1, 8, 12), torch.zeros(1, 12, 10)]
    mirror(factors, weights, 1.0, 0.0, draw_keys(generator(0, "mirroring"), 1, 2), noise=0.01,
           rows=rows, through=through, dropout=dropout)
    return weights[0], factors[0] / 1e-4


def test_row_25_dropout_while_mirroring_keeps_the_mean_step():
    """An inverted mask that knew of the noise would not."""
    w, b = mirror_step("released", dropout=0.5)
    assert (b - w.mT / 2).norm() / (w / 2).norm() < 0.1


def test_row_25_dropout_while_mirroring_silences_some_units_for_a_sample():
    _, kept = mirror_step("released", rows=1)
    _, dropped = mirror_step("released", dropout=0.5, rows=1)
    silent = (dropped == 0).all(-2) & (kept != 0).any(-2)
    assert silent.any()
    torch.testing.assert_close(dropped[..., ~silent[0]], 2 * kept[..., ~silent[0]])


def test_row_25_one_mean_for_all_noise_leaves_each_column_its_own():
    """One row, centred column by column, is no noise at all; less the mean of all it is some."""
    assert (mirror_step("activation", rows=1)[1] == 0).all()
    assert (mirror_step("released", rows=1)[1] != 0).any()
