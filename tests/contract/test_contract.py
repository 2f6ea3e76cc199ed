"""What every rule of the registry must do: a new rule is tried here without another line of test.

    oracle        one update equals autograd, or the rule's formula written out sample by sample
    permutation   hidden units in another order learn the same, in that order
    duplication   a batch in which every row stands twice teaches what the batch teaches
    replicas      networks trained side by side learn what each learns alone
    no feedback   hidden layers learn nothing from F = 0 (or B = 0), the output layer the delta rule
    again         a run repeated is the same, bit for bit

A rule without an oracle fails the first of them.
"""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from topdown.recipes import Recipe
from topdown.rules import RULES, Batch, feedback_shapes, get_rule, summed
from topdown.rules.forward_forward import Contrast, forward_forward
from topdown.training import train

NAMES = tuple(RULES)
LR, ROWS, CLASSES = 0.1, 6, 4


@pytest.fixture(autouse=True)
def float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def problem(name, seed=0):
    """weights, x, target, feedback: two hidden layers, or one where the rule has no more."""
    rule, gen = get_rule(name), torch.Generator().manual_seed(seed)
    sizes = [11, 9, CLASSES] if name == "afa" else [11, 9, 8, CLASSES]
    sizes = sizes[:-1] if rule.objective == "goodness" else sizes
    weights = [torch.randn(n, m, generator=gen) / m**0.5 for m, n in zip(sizes[:-1], sizes[1:])]
    x = torch.rand(ROWS, sizes[0], generator=gen)
    target = functional.one_hot(torch.arange(ROWS) % CLASSES, CLASSES).double()
    made = [0.3 * torch.randn(s, generator=gen) for s in feedback_shapes(rule, sizes)]
    return weights, x, target, made[0] if rule.feedback == "input" else made


def updated(name, weights, x, target, feedback, lr=LR):
    """Minus the change of every layer over lr: G, or the sum of both half-steps' G."""
    rule, now = get_rule(name), [w.clone() for w in weights]
    if rule.objective == "goodness":
        contrast = Contrast(now, x, target, target.roll(1, -1))
        return summed(forward_forward(contrast), now, x.shape[-2])
    batch = Batch(now, x, target, feedback)
    for half_step in rule.half_steps:
        for w, g in zip(now, summed(half_step(batch), now, x.shape[-2])):
            w.sub_(lr * g)
    return [(w - new) / lr for w, new in zip(weights, now)]


def assert_close(ours, theirs, rtol=1e-8):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs):
        torch.testing.assert_close(one, other, rtol=rtol, atol=1e-10)


# --- oracles: G_l of each rule, for one sample, h a list of its activities ----------------------


def activities(weights, x):
    h = [x]
    for w in weights[:-1]:
        h.append(torch.clamp(w @ h[-1], min=0))
    return [*h, torch.softmax(weights[-1] @ h[-1], 0)]


def by_autograd(weights, x, t, feedback):
    leaves = [w.clone().requires_grad_() for w in weights]
    loss = -(t * torch.log(activities(leaves, x)[-1])).sum()
    return torch.autograd.grad(loss, leaves)


def by_carriers(weights, x, t, carriers):
    h = activities(weights, x)
    deltas = [h[-1] - t]
    for layer in range(len(weights) - 1, 0, -1):
        deltas.insert(0, (carriers[layer - 1].T @ deltas[0]) * (h[layer] > 0))
    return [torch.outer(d, below) for d, below in zip(deltas, h)]


def directly(weights, h, signal, t, feedback):
    deltas = [(b.T @ signal) * (a > 0) for b, a in zip(feedback, h[1:])]
    return [torch.outer(d, below) for d, below in zip([*deltas, h[-1] - t], h)]


def dfa(weights, x, t, feedback):
    h = activities(weights, x)
    return directly(weights, h, h[-1] - t, t, feedback)


def drtp(weights, x, t, feedback):
    return directly(weights, activities(weights, x), t, t, feedback)


def both_passes(weights, x, t, f):
    h = activities(weights, x)
    return h, activities(weights, x - f @ (h[-1] - t))


def pepita(weights, x, t, f):
    h, m = both_passes(weights, x, t, f)
    posts = [a - b for a, b in zip(h[1:-1], m[1:-1])] + [h[-1] - t]
    return [torch.outer(post, below) for post, below in zip(posts, m)]


def hebbian(weights, x, t, f):
    h, m = both_passes(weights, x, t, f)
    clean = [torch.outer(a, below) for a, below in zip(h[1:], h)]
    other = [torch.outer(a, below) for a, below in zip([*m[1:-1], t], m)]
    return [a - b for a, b in zip(clean, other)]


def afa(weights, x, t, f):
    """By automatic differentiation of the second pass with respect to the scale of F, at 0."""
    h = activities(weights, x)
    _, change = torch.func.jvp(lambda s: activities(weights, x - s * (f @ (h[-1] - t)))[1],
                               (torch.tensor(0.0),), (torch.tensor(1.0),))
    return [torch.outer(-change, x), torch.outer(h[-1] - t, h[1])]


def time_local(weights, x, t, f):
    """For the batch: the second pass sees weights that all samples have moved."""
    first = [activities(weights, row) for row in x]
    gains = [sum(torch.outer(h[k + 1], h[k]) for h in first) / len(x) for k in range(len(weights))]
    moved = [w - LR * g for w, g in zip(weights, gains)]
    second = [activities(moved, row - f @ (h[-1] - goal)) for row, h, goal in zip(x, first, t)]
    losses = [sum(torch.outer(goal if k == len(weights) - 1 else m[k + 1], m[k])
                  for m, goal in zip(second, t)) / len(x) for k in range(len(weights))]
    return [a - b for a, b in zip(gains, losses)]


def goodness(weights, x, t, feedback):
    """Autograd of the two logistic losses of every layer, sum of squares against n."""
    sides = {+1: torch.cat([t, x[CLASSES:]]), -1: torch.cat([t.roll(1), x[CLASSES:]])}
    gradients = []
    for w in (w.clone().requires_grad_() for w in weights):
        inputs = {side: u * len(u) ** 0.5 / u.norm() for side, u in sides.items()}
        h = {side: torch.relu(w @ u) for side, u in inputs.items()}
        loss = sum(functional.softplus(-side * (a.square().sum() - len(w)))
                   for side, a in h.items()) / 2
        gradients += torch.autograd.grad(loss, w)
        sides = {side: a.detach() for side, a in h.items()}
    return gradients


def per_sample(formula):
    def mean(weights, x, target, feedback):
        each = [formula(weights, row, t, feedback) for row, t in zip(x, target)]
        return [sum(layer) / len(x) for layer in zip(*each)]
    return mean


ORACLES = {name: per_sample(formula) for name, formula in {
    "bp": by_autograd, "fa": by_carriers, "dfa": dfa, "drtp": drtp, "pepita": pepita,
    "pepita-hebbian": hebbian, "afa": afa, "forward-forward": goodness}.items()}
ORACLES["pepita-time-local"] = time_local


@pytest.mark.checks("AFA", "eq-afa")
@pytest.mark.checks("BP", "eq-bp")
@pytest.mark.checks("DFA", "eq-dfa")
@pytest.mark.checks("DRTP", "eq-drtp")
@pytest.mark.checks("FA", "eq-fa")
@pytest.mark.checks("Forward-Forward", "eq-ff-update")
@pytest.mark.checks("PEPITA", "eq-pepita")
@pytest.mark.checks("PEPITA-Hebbian", "eq-hebbian")
@pytest.mark.checks("PEPITA time-local", "eq-time-local-second")
@pytest.mark.parametrize("name", NAMES)
def test_one_update_equals_autograd_or_the_formula_written_out_sample_by_sample(name):
    assert name in ORACLES, f"{name} needs an oracle in this file"
    given = problem(name)
    assert_close(updated(name, *given), ORACLES[name](*given))


@pytest.mark.parametrize("name", NAMES)
def test_hidden_units_in_another_order_learn_the_same_in_that_order(name):
    weights, x, target, feedback = problem(name)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(1))
    rule, plain = get_rule(name), updated(name, weights, x, target, feedback)

    def reordered(layers):
        return [layers[0][order], layers[1][:, order], *layers[2:]]

    if rule.feedback in ("layers", "direct"):
        feedback = [feedback[0][:, order], *feedback[1:]]
    found = updated(name, reordered(weights), x, target, feedback)
    assert_close(found, reordered(plain))
    assert not torch.allclose(plain[0], plain[0][order])


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_in_which_every_row_stands_twice_teaches_the_same(name):
    weights, x, target, feedback = problem(name)
    twice = updated(name, weights, x.repeat(2, 1), target.repeat(2, 1), feedback)
    assert_close(twice, updated(name, weights, x, target, feedback))


@pytest.mark.parametrize("name", NAMES)
def test_networks_side_by_side_learn_what_each_learns_alone(name):
    problems = [problem(name, seed) for seed in range(3)]

    def stacked(parts):
        if isinstance(parts[0], list):
            return [torch.stack(layer) for layer in zip(*parts)]
        return torch.stack(parts)

    together = updated(name, *(stacked(parts) for parts in zip(*problems)))
    for replica, given in enumerate(problems):
        assert_close([g[replica] for g in together], updated(name, *given))


@pytest.mark.parametrize("name", [n for n in NAMES if RULES[n].feedback])
def test_without_feedback_hidden_layers_learn_nothing_and_the_output_the_delta_rule(name):
    """The time-local rule's two half-steps cancel but for the first one's step, of order lr."""
    weights, x, target, feedback = problem(name)
    none = [0 * b for b in feedback] if isinstance(feedback, list) else 0 * feedback
    lr = 1e-7
    found, known = (updated(name, weights, x, target, f, lr) for f in (none, feedback))
    for nothing, something in zip(found[:-1], known):
        assert nothing.norm() < 1e-5 * something.norm()
    h = [activities(weights, row) for row in x]
    delta = sum(torch.outer(a[-1] - t, a[-2]) for a, t in zip(h, target)) / ROWS
    torch.testing.assert_close(found[-1], delta, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_repeated_is_the_same_bit_for_bit(name):
    torch.set_default_dtype(torch.float32)
    recipe = Recipe(dataset="digits", rule=name, hidden=(8,), epochs=2, n_train=256)
    if RULES[name].feedback == "input":
        recipe = replace(recipe, feedback="normal", mirror_every=1, premirror_epochs=1)
    one, two = (train(recipe, [0, 1], progress=False) for _ in range(2))
    for metric, values in one.curves.items():
        assert torch.equal(values.nan_to_num(-1), two.curves[metric].nan_to_num(-1)), metric
    other = train(recipe, [2], progress=False).state.weights[0][0]
    assert not torch.equal(one.state.weights[0][0], other)
