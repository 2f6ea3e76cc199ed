"""Forward-Forward: its update against autograd, its labels, its predictions, its locality."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

import topdown
from topdown.random import draw_keys, generator
from topdown.recipes import Recipe
from topdown.rules import Batch, ff_gradients
from topdown.rules.forward_forward import (
    PEER_DECAY,
    Contrast,
    GoodnessOptions,
    features,
    label_goodness,
    layer_pass,
    length_normalized,
    overlay,
    total_goodness,
    wrong_labels,
)
from topdown.training.contrast import STEPS, contrastive_updates, cosine
from topdown.training.goodness import GoodnessStepper
from topdown.training.loop import initial_state, train
from topdown.training.probes import goodness_difference, modulation

SIZES = (12, 9, 8, 7)
CLASSES, ROWS = 4, 6
SMALL = Recipe(dataset="digits", rule="forward-forward", hidden=(24, 20), epochs=2, batch=32,
               lr=0.003, dropout=0.0, initialization="he_normal")


@pytest.fixture(autouse=True)
def float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def problem(seed=0, replicas=()):
    gen = torch.Generator().manual_seed(seed)
    weights = [torch.randn(*replicas, n, m, generator=gen) * (2 / m) ** 0.5
               for m, n in zip(SIZES[:-1], SIZES[1:])]
    x = torch.rand(*replicas, ROWS, SIZES[0], generator=gen)
    right = torch.randint(0, CLASSES, (*replicas, ROWS), generator=gen)
    wrong = (right + 1 + torch.randint(0, CLASSES - 1, right.shape, generator=gen)) % CLASSES
    return weights, x, *(functional.one_hot(k, CLASSES).double() for k in (right, wrong))


def with_label(x, label):
    """The overlay pixel by pixel."""
    copy = x.clone()
    for row in range(len(x)):
        for pixel in range(CLASSES):
            copy[row, pixel] = 1.0 if label[row, pixel] == 1 else 0.0
    return copy


class Ungated(torch.autograd.Function):
    """ReLU whose backward pass is the identity, as in Hinton's code and its reproductions."""

    @staticmethod
    def forward(ctx, a):
        return a.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def layer_loss(h_pos, h_neg, kind, threshold, peer, old_mean):
    """The loss of one layer, from the definition."""
    g_pos, g_neg = ((h**2).sum(1) if kind == "sum" else (h**2).mean(1) for h in (h_pos, h_neg))
    theta = threshold * h_pos.shape[1] if kind == "sum" else threshold
    loss = 0.5 * (functional.softplus(theta - g_pos) + functional.softplus(g_neg - theta)).mean()
    r = PEER_DECAY * old_mean + (1 - PEER_DECAY) * h_pos.mean(0)
    return loss + peer / (2 * (1 - PEER_DECAY)) * ((r - r.mean()) ** 2).sum()


@pytest.mark.checks("Forward-Forward", "eq-ff-update")
@pytest.mark.parametrize("kind", ("sum", "mean"))
@pytest.mark.parametrize("peer", (0.0, 0.3))
def test_update_is_the_gradient_of_each_layers_own_loss_by_autograd(kind, peer):
    weights, x, right, wrong = problem()
    means = [torch.rand(n) for n in SIZES[1:]]
    u_pos, u_neg = with_label(x, right), with_label(x, wrong)
    expected = []
    for w, old in zip(weights, means):
        leaf = w.clone().requires_grad_()
        u_pos, u_neg = (u / u.pow(2).mean(1, keepdim=True).sqrt() for u in (u_pos, u_neg))
        h_pos, h_neg = Ungated.apply(u_pos @ leaf.T), functional.relu(u_neg @ leaf.T)
        layer_loss(h_pos, h_neg, kind, 0.7, peer, old).backward()
        expected.append(leaf.grad)
        u_pos, u_neg = h_pos.detach(), h_neg.detach()
    ours = ff_gradients(weights, x, right, wrong, goodness=kind, threshold=0.7, peer=peer,
                        peer_means=means)
    for one, other in zip(ours, expected):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-13)


def test_with_peer_normalisation_the_update_differs():
    plain, peer = (ff_gradients(*problem(), peer=k) for k in (0.0, 0.3))
    assert all((a - b).norm() > 1e-4 for a, b in zip(plain, peer))


@pytest.mark.checks("Peer normalisation", "eq-ff-peer")
def test_peer_normalisation_pulls_a_silent_unit_up_until_it_is_active_again():
    weights, x, right, wrong = problem()
    silent = -weights[0][0].abs()  # the inputs are not negative, so it is silent for all data
    weights[0][0] = silent
    plain, pulled = (ff_gradients(weights, x, right, wrong, peer=k)[0] for k in (0.0, 0.3))
    assert not plain[0].any()
    inputs = length_normalized(overlay(x, right))
    assert (inputs @ -pulled[0] > 0).all()  # a step of gradient descent raises a of every row
    for _ in range(200):
        weights[0] -= 0.3 * ff_gradients(weights, x, right, wrong, peer=0.3)[0]
    assert (inputs @ weights[0][0]).max() > 0


def test_kappa_in_the_unit_of_a_mean_square_loss_is_lambda_times_two_tenths_over_n():
    weights, x, right, wrong = problem()
    n, lambda_ = SIZES[1], 0.7
    leaf = weights[0].clone().requires_grad_()
    r = (1 - PEER_DECAY) * Ungated.apply(length_normalized(overlay(x, right)) @ leaf.T).mean(0)
    (lambda_ * ((r.mean() - r) ** 2).mean()).backward()
    plain, peer = (ff_gradients(weights, x, right, wrong, peer=k)[0]
                   for k in (0.0, lambda_ * 0.2 / n))
    torch.testing.assert_close(peer - plain, leaf.grad)


def test_no_gradient_crosses_a_layer():
    weights, x, right, wrong = problem()
    before = ff_gradients(weights, x, right, wrong)
    above = ff_gradients([weights[0], 3 * weights[1] + 1, weights[2]], x, right, wrong)
    torch.testing.assert_close(above[0], before[0], rtol=0, atol=0)
    assert (above[1] - before[1]).norm() > 1e-3 and (above[2] - before[2]).norm() > 1e-3


def test_the_length_of_a_layers_activity_is_hidden_from_the_next():
    weights, x, right, wrong = problem()
    before = ff_gradients(weights, x, right, wrong)
    longer = ff_gradients([5 * weights[0], *weights[1:]], x, right, wrong)
    torch.testing.assert_close(longer[1:], before[1:])
    rows = length_normalized(torch.randn(5, 11))
    torch.testing.assert_close(rows.square().mean(1), torch.ones(5))


def test_equal_data_in_both_passes_at_the_threshold_cancel():
    weights, x, right, _ = problem()
    first = torch.relu(length_normalized(overlay(x, right)) @ weights[0].T)
    one = ff_gradients(weights[:1], x[:1], right[:1], right[:1],
                       threshold=float(first[0].square().mean()))
    assert one[0].abs().max() < 1e-12


def test_labels_replace_the_first_pixels_and_nothing_else():
    _, x, right, _ = problem()
    assert torch.equal(overlay(x, right), with_label(x, right))


def test_wrong_labels_are_wrong_uniform_and_the_seeds_own():
    right = functional.one_hot(torch.arange(4000) % 10, 10).double().expand(3, -1, -1)
    keys = draw_keys(generator(0, "negatives"), 3)
    wrong = wrong_labels(right, keys)
    assert (wrong * right).sum() == 0 and torch.equal(wrong.sum(-1), torch.ones(3, 4000))
    shifts = (wrong.argmax(-1) - right.argmax(-1)) % 10
    assert shifts.flatten().bincount(minlength=10)[1:].double().std() < 4 * (12000 / 9) ** 0.5
    assert torch.equal(wrong_labels(right[1:2], keys[1:2])[0], wrong[1])
    assert not torch.equal(wrong[0], wrong[1])


@pytest.mark.checks("Prediction by goodness", "eq-ff-prediction")
@pytest.mark.parametrize("kind", ("sum", "mean"))
@pytest.mark.parametrize("replicas", ((), (2,)))
def test_goodness_of_every_label_equals_a_pass_per_label(kind, replicas):
    weights, x, *_ = problem(replicas=replicas)
    found = label_goodness(weights, x, CLASSES, kind)
    for label in range(CLASSES):
        u = overlay(x, torch.eye(CLASSES)[label].expand(*x.shape[:-1], CLASSES))
        for layer, w in enumerate(weights):
            h = torch.relu(length_normalized(u) @ w.mT)
            g = (h**2).sum(-1) if kind == "sum" else (h**2).mean(-1)
            torch.testing.assert_close(found[layer][..., label], g)
            u = h
    assert torch.equal(total_goodness(weights, x, CLASSES, kind, "all"), sum(found))
    assert torch.equal(total_goodness(weights, x, CLASSES, kind), sum(found[1:]))


def test_one_hidden_layer_is_judged_by_itself_and_read_out_alone():
    weights, x, *_ = problem()
    one = weights[:1]
    by_all = total_goodness(one, x, CLASSES, "sum", "all")
    assert torch.equal(total_goodness(one, x, CLASSES), by_all)
    assert features(one, x, CLASSES).shape == (ROWS, 9)
    assert features(weights, x, CLASSES).shape == (ROWS, 8 + 7)


def test_a_training_step_is_momentum_sgd_on_both_half_steps():
    chosen = replace(SMALL, weight_decay=0.01, ff_peer_normalization=0.2)
    state = initial_state(chosen, (64, 24, 20), [3], dtype=torch.float64)
    stepper = GoodnessStepper(chosen, state, 10)
    weights, means = [w[0].clone() for w in state.weights], None
    velocity = [torch.zeros_like(w) for w in weights]
    gen = torch.Generator().manual_seed(0)
    for _ in range(2):
        x = torch.rand(1, 32, 64, generator=gen)
        right = functional.one_hot(torch.randint(0, 10, (1, 32), generator=gen), 10).double()
        keys = draw_keys(gen, 1, 2)
        wrong = wrong_labels(right, keys[:, 0])[0]
        gradients = ff_gradients(weights, x[0], right[0], wrong, peer=0.2, peer_means=means)
        stepper.step(x, right, 0.02, second_keys=keys)
        means = [m[0] for m in state.peer_means]
        velocity = [0.9 * v + g + 0.01 * w for v, g, w in zip(velocity, gradients, weights)]
        weights = [w - 0.02 * v for w, v in zip(weights, velocity)]
    for ours, expected in zip(state.weights, weights):
        torch.testing.assert_close(ours[0], expected)


@pytest.mark.parametrize("changes", (dict(), dict(ff_prediction="readout"), dict(dropout=0.2),
                                     dict(ff_peer_normalization=0.03)))
def test_a_seed_alone_equals_the_same_seed_among_three(changes):
    torch.set_default_dtype(torch.float32)
    chosen = replace(SMALL, **changes)
    among, alone = train(chosen, range(3), progress=False), train(chosen, [2], progress=False)
    for ours, other in zip(alone.state.weights, among.state.weights):
        torch.testing.assert_close(ours[0], other[2], rtol=1e-3, atol=1e-5)
    assert not torch.equal(among.state.weights[0][0], among.state.weights[0][2])


@pytest.mark.parametrize("prediction", ("all-but-first", "all", "readout"))
def test_it_learns_the_digits_far_above_chance(prediction):
    torch.set_default_dtype(torch.float32)
    run = train(replace(SMALL, epochs=8, hidden=(64, 64), ff_prediction=prediction), [0],
                progress=False)
    assert run.curves["test_accuracy"][0, 0] < 35
    assert run.curves["test_accuracy"][-1, 0] > 80


@pytest.mark.parametrize(("call", "words"), [
    (lambda: topdown.gradients("forward-forward", *problem()[:3]), "ff_gradients"),
    (lambda: ff_gradients(*problem(), goodness="norm"), "goodness='norm'"),
    (lambda: replace(SMALL, hidden=()), "at least one width"),
    (lambda: replace(SMALL, ff_prediction="first"), "ff_prediction='first'"),
])
def test_a_wrong_call_is_an_error_that_names_the_thing(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- the paper's link ---------------------------------------------------------------------------


def link_problem():
    weights, x, right, wrong = problem()
    gen = torch.Generator().manual_seed(5)
    output = torch.randn(CLASSES, SIZES[-1], generator=gen)
    feedback = 0.3 * torch.randn(SIZES[0], CLASSES, generator=gen)
    return [*weights, output], x, right, wrong, feedback


@pytest.mark.checks("From PEPITA-Hebbian to Forward-Forward", "eq-ff-update")
def test_the_ladder_starts_at_pepita_hebbian_and_ends_at_forward_forward():
    weights, x, right, wrong, feedback = link_problem()
    ladder = contrastive_updates(weights, x, right, wrong, feedback)
    assert tuple(ladder) == STEPS
    hebbian = topdown.gradients("pepita-hebbian", weights, x, right, feedback)
    for ours, expected in zip(ladder[STEPS[0]], hebbian[:-1]):
        torch.testing.assert_close(ours, expected)
    for ours, expected in zip(ladder[STEPS[-1]], ff_gradients(weights[:-1], x, right, wrong)):
        torch.testing.assert_close(ours, expected)


def test_the_steps_between_equal_their_formulas_by_hand():
    weights, x, right, wrong, feedback = link_problem()
    ladder = contrastive_updates(weights, x, right, wrong, feedback)
    h = x
    for w in weights[:-1]:
        h = torch.relu(h @ w.T)
    e = torch.softmax(h @ weights[-1].T, 1) - right
    clean, modulated = x, x - e @ feedback.T
    for layer, w in enumerate(weights[:-1]):
        u, v = (p / p.square().mean(1, keepdim=True).sqrt() for p in (clean, modulated))
        clean, modulated = torch.relu(u @ w.T), torch.relu(v @ w.T)
        n = w.shape[0]
        p_neg = 1 / (1 + torch.exp(n - (clean**2).sum(1, keepdim=True)))
        p_pos = 1 / (1 + torch.exp((modulated**2).sum(1, keepdim=True) - n))
        plain = (clean.T @ u - modulated.T @ v) / ROWS
        weighted = ((p_neg * clean).T @ u - (p_pos * modulated).T @ v) / ROWS
        torch.testing.assert_close(ladder[STEPS[1]][layer], plain)
        torch.testing.assert_close(ladder[STEPS[2]][layer], weighted)


def test_label_pairs_without_weights_are_forward_forward_where_every_verdict_is_even():
    weights, x, right, wrong, feedback = link_problem()
    small = [1e-4 * w for w in weights[:1]]
    even = contrastive_updates([*small, torch.randn(CLASSES, 9)], x, right, wrong, feedback,
                               GoodnessOptions(threshold=0.0))
    torch.testing.assert_close(2 * even[STEPS[4]][0], even[STEPS[3]][0], rtol=1e-5, atol=1e-10)


def test_cosine_is_one_for_multiples_and_minus_one_for_opposites():
    a = torch.randn(3, 4, 5)
    torch.testing.assert_close(cosine(a, 2 * a), torch.ones(3))
    torch.testing.assert_close(cosine(a, -a), -torch.ones(3))


@pytest.mark.parametrize(("rule", "probe"), [("forward-forward", "goodness_difference"),
                                             ("forward-forward", "modulation"),
                                             ("pepita", "modulation"),
                                             ("pepita-hebbian", "contrast")])
def test_a_probe_records_finite_values_and_leaves_the_training_as_it_is(rule, probe):
    torch.set_default_dtype(torch.float32)
    chosen = replace(SMALL, rule=rule, epochs=1)
    probed = train(replace(chosen, probe=probe), [0, 1], progress=False).curves
    plain = train(chosen, [0, 1], progress=False).curves
    new = probed.keys() - plain.keys()
    assert new and all(probed[m].isfinite().all() for m in new)
    for metric, values in plain.items():
        torch.testing.assert_close(probed[metric], values, equal_nan=True)


def test_modulation_of_the_input_is_the_size_of_f_e_against_x():
    weights, x, right, _, feedback = link_problem()
    batch = Batch(weights, x, right, feedback)
    expected = (batch.error @ feedback.T).norm(dim=1) / x.norm(dim=1)
    torch.testing.assert_close(modulation(batch)["modulation_layer_0"], expected)


def test_goodness_difference_of_forward_forward_is_that_of_its_first_layer():
    weights, x, right, wrong = problem()
    good = [goodness[torch.arange(ROWS), label.argmax(1)]
            for goodness, label in zip([label_goodness(weights, x, CLASSES)[0]] * 2,
                                       (right, wrong))]
    torch.testing.assert_close(goodness_difference(Contrast(weights, x, right, wrong)),
                               good[0] - good[1])


def test_contrast_is_refused_where_there_is_no_feedback():
    with pytest.raises(ValueError, match="probe='contrast'"):
        replace(SMALL, probe="contrast")


def test_biases_are_a_unit_that_is_always_on_with_gradients_by_autograd_and_a_share_in_goodness():
    weights, x, right, wrong = problem()
    biased = [torch.cat([w, 0.3 * torch.randn(len(w), 1)], dim=1) for w in weights]
    u_pos, u_neg = with_label(x, right), with_label(x, wrong)
    ours = ff_gradients(biased, x, right, wrong)
    for own, w in zip(ours, biased):
        leaf, bias = w[:, :-1].clone().requires_grad_(), w[:, -1].clone().requires_grad_()
        u_pos, u_neg = (u / u.pow(2).mean(1, keepdim=True).sqrt() for u in (u_pos, u_neg))
        h_pos, h_neg = (functional.relu(u @ leaf.T + bias) for u in (u_pos, u_neg))
        layer_loss(h_pos, h_neg, "sum", 1.0, 0.0, 0.0).backward()
        torch.testing.assert_close(own, torch.cat([leaf.grad, bias.grad[:, None]], dim=1))
        u_pos, u_neg = h_pos.detach(), h_neg.detach()
    by_label = label_goodness(biased, x, CLASSES)
    under_right = layer_pass(biased, overlay(x, right)).activities
    for goodness, h in zip(by_label, under_right):
        torch.testing.assert_close((goodness * right).sum(1), h.square().sum(1))


def test_biases_start_at_zero_and_learn():
    torch.set_default_dtype(torch.float32)
    run = train(replace(SMALL, ff_biases=True), [0], progress=False)
    assert [w.shape[-1] for w in run.state.weights] == [65, 25]
    assert not initial_state(run.recipe, (64, 24, 20), [0]).weights[0][..., -1].any()
    assert run.state.weights[0][..., -1].abs().max() > 1e-4


def test_the_read_outs_decay_shrinks_it_and_leaves_the_layers_alone():
    torch.set_default_dtype(torch.float32)
    plain, decayed = (train(replace(SMALL, ff_prediction="readout", ff_readout_decay=d), [0],
                            progress=False).state for d in (0.0, 0.1))
    assert decayed.readout.norm() < 0.9 * plain.readout.norm()
    assert all(torch.equal(a, b) for a, b in zip(plain.weights, decayed.weights))
