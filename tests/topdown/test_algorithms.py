"""The printed algorithms, written out step by step, are what the trainer does."""

import re
from pathlib import Path

import pytest
import torch

from topdown import feedback as fb
from topdown.random import counter_normal, dropout_mask
from topdown.recipes import Recipe
from topdown.training.state import initial_state
from topdown.training.steppers import make_stepper

PAGE = Path(__file__).parents[2] / "book" / "algorithms.md"
SIZES, ROWS, LR, MU, DECAY = [7, 6, 5, 4], 8, 0.05, 0.9, 0.01


@pytest.fixture
def setting():
    """A stepper in double precision, one batch, masks, and a function that makes it step."""
    def make(rule, **options):
        recipe = Recipe(rule=rule, hidden=tuple(SIZES[1:-1]), batch=ROWS, lr=LR, momentum=MU,
                        weight_decay=DECAY, dropout=0.25, feedback="normal", feedback_scale=2.0,
                        **options)
        stepper = make_stepper(recipe, initial_state(recipe, SIZES, [0], dtype=torch.float64), 4)
        keys = torch.tensor([[11, -5]], dtype=torch.int32)
        x = torch.rand(1, ROWS, SIZES[0], dtype=torch.float64)
        t = torch.eye(4, dtype=torch.float64)[torch.arange(ROWS) % 4]
        m = [dropout_mask(keys[0, k], (ROWS, n), 0.25, torch.float64)
             for k, n in enumerate(SIZES[1:-1])]
        weights = [w[0].clone() for w in stepper.state.weights]
        return stepper, lambda: stepper.step(x, t[None], LR, keys), weights, x[0], t, m
    return make


def run_pass(weights, x, m):
    """Steps 1 or 4: h_0 .. h_{L-1} and y."""
    h = [x]
    for w, mask in zip(weights[:-1], m):
        h.append(torch.relu(mask * (h[-1] @ w.T)))
    return h, torch.softmax(h[-1] @ weights[-1].T, -1)


def update(weights, velocities, gradients, decay):
    """Equation (sgd)."""
    for w, v, g in zip(weights, velocities, gradients):
        v.mul_(MU).add_(g + decay * w)
        w.sub_(LR * v)


def outer(p, q):
    return p.T @ q / ROWS


def test_algorithm_s1_written_out_gives_the_trainer_s_weights(setting):
    stepper, step, weights, x, t, m = setting("pepita")
    feedback, velocities = stepper.state.feedback[0], [torch.zeros_like(w) for w in weights]
    for _ in range(3):
        step()
        h, y = run_pass(weights, x, m)
        e = y - t
        h2, _ = run_pass(weights, x - e @ feedback.T, m)
        gradients = [outer(h[k] - h2[k], h2[k - 1]) for k in range(1, len(h))] + [outer(e, h2[-1])]
        update(weights, velocities, gradients, DECAY)
    for ours, theirs in zip(weights, stepper.state.weights):
        torch.testing.assert_close(ours, theirs[0])


def test_algorithm_s2_written_out_gives_the_trainer_s_weights(setting):
    stepper, step, weights, x, t, m = setting("pepita-time-local")
    feedback = stepper.state.feedback[0]
    first, second = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    for _ in range(3):
        step()
        h, y = run_pass(weights, x, m)
        e = y - t
        update(weights, first, [*(outer(h[k], h[k - 1]) for k in range(1, len(h))),
                                outer(y, h[-1])], 0)
        h, _ = run_pass(weights, x - e @ feedback.T, m)
        update(weights, second, [*(-outer(h[k], h[k - 1]) for k in range(1, len(h))),
                                 -outer(t, h[-1])], DECAY)
    for ours, theirs in zip(weights, stepper.state.weights):
        torch.testing.assert_close(ours, theirs[0])


def test_mirroring_written_out_gives_the_trainer_s_feedback(setting):
    stepper, _, weights, *_ = setting("pepita", mirror_every=1)
    recipe, factors = stepper.recipe, [b[0].clone() for b in stepper.state.factors]
    keys = torch.tensor([[3, 1, -4]], dtype=torch.int32)
    stepper.mirror(keys)
    for k, (b, w) in enumerate(zip(factors, weights)):
        xi = 0.1 * counter_normal(keys[0, k], (ROWS, w.shape[1]), torch.float64)
        xi = xi - xi.mean(0)
        b += recipe.mirror_rate * (outer(xi, xi @ w.T) - recipe.mirror_decay * b)
    feedback = factors[0] @ factors[1] @ factors[2]
    target = fb.standard_deviation(recipe.feedback_scale, SIZES[0])
    ratio = (target / feedback.std()) ** (1 / 3)
    for b, theirs in zip(factors, stepper.state.factors):
        torch.testing.assert_close(ratio * b, theirs[0])
    torch.testing.assert_close(feedback * ratio**3, stepper.state.feedback[0])
    assert float(stepper.state.feedback.std()) == pytest.approx(target)


def test_every_piece_of_code_that_the_page_includes_exists():
    text = PAGE.read_text()
    included = re.findall(r"\{literalinclude\} (\S+)\n(?:.*\n)*?:(?:pyobject|start-at): (.+)", text)
    assert len(included) == 6
    for path, name in included:
        source = (PAGE.parent / path).resolve().read_text()
        assert f"def {name.removeprefix('def ').split('.')[-1]}(" in source
