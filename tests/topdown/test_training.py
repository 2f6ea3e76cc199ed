"""The trainer: against hand-written training, and its promises about seeds and failures."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

import topdown
from topdown.data import Dataset, load
from topdown.network import initial_weights
from topdown.random import draw_keys, dropout_mask, generator
from topdown.recipes import Recipe
from topdown.rules import RULES
from topdown.training.loop import Stepper, Trainer, apply_update, initial_state, train

SMALL = Recipe(dataset="digits", hidden=(20, 16), epochs=2, lr=0.05, feedback_scale=0.5)
SIZES = (64, 20, 16, 10)


def recipe(rule, **changes):
    hidden = (20,) if rule == "afa" else (20, 16)
    return replace(SMALL, rule=rule, hidden=hidden, **changes)


def batch(replicas=1, rows=64, seed=0, dtype=torch.float64):
    gen = torch.Generator().manual_seed(seed)
    x = torch.rand(replicas, rows, 64, generator=gen).to(dtype)
    labels = torch.randint(0, 10, (replicas, rows), generator=gen)
    return x, functional.one_hot(labels, 10).to(dtype)


@pytest.mark.parametrize("decay", (0.0, 0.01))
@pytest.mark.parametrize("rule", [r for r in RULES if r not in ("pepita-time-local",
                                                               "forward-forward")])
def test_two_steps_equal_momentum_sgd_written_out(rule, decay):
    chosen = recipe(rule, weight_decay=decay, dropout=0.0)
    state = initial_state(chosen, (64, *chosen.hidden, 10), [3], dtype=torch.float64)
    feedback = state.feedback
    if isinstance(feedback, list):
        feedback = [f[0] for f in feedback]
    elif feedback is not None:
        feedback = feedback[0]
    weights = [w[0].clone() for w in state.weights]
    velocity = [torch.zeros_like(w) for w in weights]
    stepper = Stepper(chosen, state)
    for seed in (0, 1):
        x, target = batch(seed=seed)
        stepper.step(x, target, 0.05)
        gradients = topdown.gradients(rule, weights, x[0], target[0], feedback)
        velocity = [0.9 * v + g + decay * w for v, g, w in zip(velocity, gradients, weights)]
        weights = [w - 0.05 * v for w, v in zip(weights, velocity)]
    for ours, expected in zip(state.weights, weights):
        torch.testing.assert_close(ours[0], expected)


def pass_by_hand(weights, x, masks):
    h = [x]
    for w, m in zip(weights[:-1], masks):
        h.append(torch.relu(h[-1] @ w.T) * m)
    return [*h, torch.softmax(h[-1] @ weights[-1].T, -1)]


@pytest.mark.checks("PEPITA time-local", "eq-time-local-second")
@pytest.mark.checks("PEPITA time-local, first half-step", "eq-time-local-first")
@pytest.mark.parametrize("hidden", ((20,), (20, 16)))
@pytest.mark.parametrize("masks", ("consistent", "redrawn"))
@pytest.mark.parametrize("buffers", ("separate", "shared"))
@pytest.mark.parametrize("twice", (1, 2))
def test_time_local_equals_its_two_half_steps_by_hand(hidden, masks, buffers, twice):
    chosen = replace(SMALL, rule="pepita-time-local", hidden=hidden, masks=masks, dropout=0.2,
                     momentum_buffers=buffers, decay_half_steps=twice, weight_decay=0.01)
    state = initial_state(chosen, (64, *hidden, 10), [0], dtype=torch.float64)
    w, f = [v[0].clone() for v in state.weights], state.feedback[0]
    velocity = [[torch.zeros_like(v) for v in w] for _ in range(2)]
    stepper = Stepper(chosen, state)
    gen = torch.Generator().manual_seed(1)
    for seed in (0, 1):
        keys, other = (draw_keys(gen, 1, len(hidden)) for _ in range(2))
        x, target = batch(seed=seed)
        stepper.step(x, target, 0.01, keys, other if masks == "redrawn" else None)
        m1, m2 = ([dropout_mask(k[0, i], (64, n), 0.2, torch.float64) for i, n in
                   enumerate(hidden)] for k in (keys, other))
        h = pass_by_hand(w, x[0], m1)
        e = h[-1] - target[0]

        def apply(half, post, pre, decay, w=w):
            buffer = velocity[half if buffers == "separate" else 0]
            for k in range(len(w)):
                g = post[k].T @ pre[k] / 64
                buffer[k].mul_(0.9).add_(g + decay * w[k])
                w[k] -= 0.01 * buffer[k]

        apply(0, h[1:], h, 0.01 if twice == 2 else 0.0)
        h2 = pass_by_hand(w, x[0] - e @ f.T, m2 if masks == "redrawn" else m1)
        apply(1, [-p for p in (*h2[1:-1], target[0])], h2, 0.01)
    for ours, expected in zip(state.weights, w):
        torch.testing.assert_close(ours[0], expected)


def test_time_local_meets_hebbian_as_the_rate_vanishes():
    gaps = []
    for lr in (1e-2, 1e-3, 1e-4):
        moved = []
        for rule in ("pepita-time-local", "pepita-hebbian"):
            chosen = recipe(rule, dropout=0.0, momentum=0.0)
            state = initial_state(chosen, SIZES, [0], dtype=torch.float64)
            before = [w.clone() for w in state.weights]
            Stepper(chosen, state).step(*batch(), lr)
            moved.append(torch.cat([(w - b).flatten() for w, b in zip(state.weights, before)]))
        gaps.append(float((moved[0] - moved[1]).norm() / moved[1].norm()))
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.3)
    assert gaps[1] / gaps[2] == pytest.approx(10, rel=0.05)


@pytest.mark.parametrize("rule", RULES)
def test_a_seed_alone_equals_the_same_seed_among_ten(rule):
    chosen = recipe(rule) if rule != "afa" else recipe(rule)
    among = train(chosen, range(10), progress=False)
    alone = train(chosen, [7], progress=False)
    for metric, values in alone.curves.items():
        torch.testing.assert_close(values[:, 0], among.curves[metric][:, 7], rtol=1e-3, atol=0.6,
                                   equal_nan=True)
    for ours, other in zip(alone.state.weights, among.state.weights):
        torch.testing.assert_close(ours[0], other[7], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("rule", ("pepita", "pepita-time-local"))
def test_the_same_seed_gives_the_same_curve_bit_for_bit(rule):
    chosen = replace(recipe(rule), feedback="normal", mirror_every=1, premirror_epochs=1)
    one, two = (train(chosen, [0, 1], progress=False).curves for _ in range(2))
    assert all(torch.equal(one[m].nan_to_num(), two[m].nan_to_num()) for m in one)


def test_different_seeds_differ_in_weights_feedback_order_and_masks():
    a, b = (Trainer(SMALL, [s]) for s in (0, 1))
    assert not torch.equal(a.state.weights[0], b.state.weights[0])
    assert not torch.equal(a.state.feedback, b.state.feedback)
    assert not torch.equal(a._order(), b._order())
    assert not torch.equal(a._keys("masks", 3, 2), b._keys("masks", 3, 2))


def test_every_epoch_visits_each_example_at_most_once_and_drops_the_incomplete_batch():
    trainer = Trainer(SMALL, [0])
    order = trainer._order()
    assert order.shape == (1437 // 64, 1, 64)
    assert len(order.unique()) == order.numel()


def test_an_empty_update_still_decays_the_velocity():
    w, v = [torch.ones(1, 2, 2)], [torch.ones(1, 2, 2)]
    apply_update(w, v, [[]], Recipe(momentum=0.5), 0.1, 4, 0.0)
    assert torch.equal(v[0], torch.full((1, 2, 2), 0.5))
    assert torch.allclose(w[0], torch.full((1, 2, 2), 0.95))


SCHEDULES = {0: (59, 30, 11), 1: (60, 30, 10), 2: (61, 30, 9)}


@pytest.mark.parametrize(("delay", "epochs"), SCHEDULES.items())
def test_so_many_epochs_are_trained_at_each_rate_as_text_ancestor_and_2023_code_say(
        delay, epochs, monkeypatch):
    """Counted where the rate is used: in the step."""
    used = []
    monkeypatch.setattr(Trainer, "_step", lambda self, drawn, lr, mirrors: used.append(lr))
    monkeypatch.setattr(Trainer, "evaluate", lambda self: {})
    chosen = Recipe(dataset="digits", hidden=(4,), n_train=64, decay_delay=delay)
    train(chosen, [0], progress=False)
    rates = [0.01] * epochs[0] + [0.001] * epochs[1] + [0.0001] * epochs[2]
    assert used == pytest.approx(rates)
    assert chosen.epochs_at_each_rate() == epochs


def test_a_short_run_counts_the_rates_that_it_reaches():
    assert Recipe(epochs=61, decay_delay=2).epochs_at_each_rate() == (61, 0, 0)
    assert Recipe(epochs=5, decay_epochs=(3, 4)).epochs_at_each_rate() == (2, 1, 2)


def test_training_learns_the_digits_far_above_chance():
    run = train(replace(SMALL, rule="bp", epochs=10), [0], progress=False)
    assert run.curves["test_accuracy"][-1, 0] > 90
    assert run.curves["test_accuracy"][0, 0] < 30


def test_no_hidden_layer_is_softmax_regression():
    rules = ("bp", "pepita", "pepita-hebbian")
    runs = [train(replace(SMALL, rule=r, hidden=(), feedback_scale=0.0), [0], progress=False)
            for r in rules]
    for run in runs[1:]:
        torch.testing.assert_close(run.state.weights[0], runs[0].state.weights[0])


@pytest.mark.parametrize("kind", ("he_uniform", "he_normal"))
def test_he_initialisation_has_variance_two_over_fan_in(kind):
    w = initial_weights((400, 300, 10), kind, generator(0, "weights"))
    assert w[0].var().item() == pytest.approx(2 / 400, rel=0.03)
    assert w[1].var().item() == pytest.approx(2 / 300, rel=0.1)
    if kind == "he_uniform":
        assert w[0].abs().max() <= math.sqrt(6 / 400)


@pytest.mark.parametrize("rate", (0.1, 0.5))
def test_dropout_masks_are_inverted_and_differ_by_key(rate):
    keys = draw_keys(generator(0, "masks"), 50)
    masks = dropout_mask(keys, (64, 100), rate)
    assert masks.unique().tolist() == pytest.approx([0.0, 1 / (1 - rate)])
    assert masks.mean().item() == pytest.approx(1, abs=5 / (50 * 6400) ** 0.5)
    kept = (masks > 0).double().flatten(1)
    correlation = torch.corrcoef(kept).fill_diagonal_(0)
    assert correlation.abs().max() < 5.5 / 6400**0.5
    columns = torch.corrcoef((masks > 0).double().flatten(0, 1).T).fill_diagonal_(0)
    assert columns.abs().max() < 5.5 / 3200**0.5


def test_data_given_by_hand_are_used_as_they_are():
    digits = load("digits")
    assert isinstance(digits, Dataset)
    trainer = Trainer(SMALL, [0], data=digits)
    target = trainer._gather(trainer._order()[0])
    assert target.sum().item() == 64
    assert trainer.stepper.x.min() >= 0 and trainer.stepper.x.max() <= 1


def test_cool_down_is_flat_to_the_middle_and_then_falls_linearly_to_one_step_above_zero():
    chosen = Recipe(epochs=10, lr=1.0, decay_epochs=(), cool_down=True)
    rates = [chosen.learning_rate(epoch) for epoch in range(1, 11)]
    assert rates == pytest.approx([1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2])
    assert replace(chosen, cool_down=False).learning_rate(10) == 1
    odd = replace(chosen, epochs=5)
    assert [odd.learning_rate(e) for e in range(1, 6)] == pytest.approx([1, 1, 1, 0.8, 0.4])


def test_fan_out_initialisation_has_variance_one_over_fan_out():
    w = initial_weights((400, 300, 10), "fan_out_normal", generator(0, "weights"))
    assert w[0].var().item() == pytest.approx(1 / 300, rel=0.02)
