"""Every rule against something independent: autograd, formulas by hand, limits, symmetries."""

import pytest
import torch
from torch.nn import functional

import topdown
from topdown.rules import RULES, feedback_shapes, get_rule


@pytest.fixture(autouse=True)
def float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


SIZES = {2: (7, 9, 4), 3: (7, 9, 8, 4), 5: (7, 9, 8, 10, 6, 4)}
SINGLE = [name for name, rule in RULES.items() if len(rule.half_steps) == 1]
DEEP = [name for name in SINGLE if name != "afa"]
NORMALIZATIONS = (None, "sample", "batch")


def problem(depth, seed=0, rows=5, scale=0.3):
    gen = torch.Generator().manual_seed(seed)
    sizes = SIZES[depth]
    weights = [torch.randn(n, m, generator=gen) for m, n in zip(sizes[:-1], sizes[1:])]
    x = torch.rand(rows, sizes[0], generator=gen)
    target = functional.one_hot(torch.randint(0, 4, (rows,), generator=gen), 4).double()

    def feedback(rule):
        shapes = feedback_shapes(get_rule(rule), sizes)
        made = [scale * torch.randn(s, generator=gen) for s in shapes]
        return made[0] if get_rule(rule).feedback == "input" else made

    return weights, x, target, feedback


def pass_by_hand(weights, x):
    h = [x]
    for w in weights[:-1]:
        h.append(torch.clamp(torch.einsum("bi,oi->bo", h[-1], w), min=0))
    logits = torch.einsum("bi,oi->bo", h[-1], weights[-1])
    y = torch.exp(logits - logits.max(1, keepdim=True).values)
    return [*h, y / y.sum(1, keepdim=True)]


def outer_by_hand(post, pre):
    return sum(torch.outer(p, q) for p, q in zip(post, pre)) / len(post)


def assert_close(ours, theirs, rtol=1e-10):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs):
        torch.testing.assert_close(one, other, rtol=rtol, atol=1e-12)


@pytest.mark.checks("BP", "eq-bp")
@pytest.mark.checks("Activation normalisation", "eq-normalization")
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("depth", SIZES)
def test_bp_is_the_gradient_of_cross_entropy_by_autograd(depth, normalization):
    weights, x, target, _ = problem(depth)
    leaves = [w.clone().requires_grad_() for w in weights]
    h = x
    for w in leaves[:-1]:
        h = functional.relu(functional.linear(h, w))
        if normalization == "sample":
            h = functional.normalize(h, dim=1)
        elif normalization == "batch":
            h = h / h.norm()
    functional.cross_entropy(functional.linear(h, leaves[-1]), target).backward()
    ours = topdown.gradients("bp", weights, x, target, normalization=normalization)
    assert_close(ours, [w.grad for w in leaves])


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("depth", SIZES)
def test_fa_with_the_weights_as_feedback_is_bp(depth, normalization):
    weights, x, target, _ = problem(depth)
    fa = topdown.gradients("fa", weights, x, target, weights[1:], normalization=normalization)
    assert_close(fa, topdown.gradients("bp", weights, x, target, normalization=normalization))


@pytest.mark.checks("FA", "eq-fa")
@pytest.mark.parametrize("depth", (2, 3))
def test_fa_equals_its_formula_by_hand(depth):
    weights, x, target, feedback = problem(depth)
    b = feedback("fa")
    h = pass_by_hand(weights, x)
    delta, expected = h[-1] - target, []
    for layer in range(depth, 0, -1):
        expected.insert(0, outer_by_hand(delta, h[layer - 1]))
        if layer > 1:
            delta = torch.einsum("bo,oi->bi", delta, b[layer - 2]) * (h[layer - 1] > 0)
    assert_close(topdown.gradients("fa", weights, x, target, b), expected)


@pytest.mark.checks("DFA", "eq-dfa")
@pytest.mark.checks("DRTP", "eq-drtp")
@pytest.mark.parametrize("rule", ("dfa", "drtp"))
@pytest.mark.parametrize("depth", (2, 3))
def test_direct_rules_equal_their_formula_by_hand(rule, depth):
    weights, x, target, feedback = problem(depth)
    b = feedback(rule)
    h = pass_by_hand(weights, x)
    signal = h[-1] - target if rule == "dfa" else target
    expected = [outer_by_hand((signal @ b[k]) * (h[k + 1] > 0), h[k]) for k in range(depth - 1)]
    expected.append(outer_by_hand(h[-1] - target, h[-2]))
    assert_close(topdown.gradients(rule, weights, x, target, b), expected)


@pytest.mark.checks("PEPITA", "eq-pepita")
@pytest.mark.checks("PEPITA, clean presynaptic activity", "eq-pepita-clean")
@pytest.mark.checks("PEPITA, the ancestor's sign", "eq-pepita-plus")
@pytest.mark.checks("PEPITA, error of the second pass", "eq-pepita-second")
@pytest.mark.parametrize("output_error", ("first", "second"))
@pytest.mark.parametrize("presynaptic", ("modulated", "clean"))
@pytest.mark.parametrize("sign", (-1, 1))
@pytest.mark.parametrize("depth", (2, 3))
def test_pepita_equals_its_formula_by_hand(depth, sign, presynaptic, output_error):
    weights, x, target, feedback = problem(depth)
    f = feedback("pepita")
    h = pass_by_hand(weights, x)
    e = h[-1] - target
    m = pass_by_hand(weights, x + sign * torch.einsum("bc,dc->bd", e, f))
    pre = m if presynaptic == "modulated" else h
    e_out = e if output_error == "first" else m[-1] - target
    expected = [outer_by_hand(h[k] - m[k], pre[k - 1]) for k in range(1, depth)]
    expected.append(outer_by_hand(e_out, pre[-2]))
    ours = topdown.gradients("pepita", weights, x, target, f, sign=sign, presynaptic=presynaptic,
                             output_error=output_error)
    assert_close(ours, expected)


@pytest.mark.checks("PEPITA-Hebbian", "eq-hebbian")
@pytest.mark.parametrize("sign", (-1, 1))
@pytest.mark.parametrize("depth", (2, 3))
def test_hebbian_equals_its_formula_by_hand(depth, sign):
    weights, x, target, feedback = problem(depth)
    f = feedback("pepita-hebbian")
    h = pass_by_hand(weights, x)
    m = pass_by_hand(weights, x + sign * (h[-1] - target) @ f.T)
    expected = [outer_by_hand(h[k], h[k - 1]) - outer_by_hand(m[k], m[k - 1])
                for k in range(1, depth)]
    expected.append(outer_by_hand(h[-1], h[-2]) - outer_by_hand(target, m[-2]))
    assert_close(topdown.gradients("pepita-hebbian", weights, x, target, f, sign=sign), expected)


@pytest.mark.checks("AFA", "eq-afa")
def test_afa_equals_its_formula_by_hand():
    weights, x, target, feedback = problem(2)
    f = feedback("afa")
    h = pass_by_hand(weights, x)
    e = h[-1] - target
    delta = (e @ (weights[0] @ f).T) * (h[1] > 0)
    expected = [outer_by_hand(delta, x), outer_by_hand(e, h[1])]
    assert_close(topdown.gradients("afa", weights, x, target, f), expected)


@pytest.mark.checks("PEPITA tends to AFA as F vanishes", "eq-theory-taylor")
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("presynaptic", ("modulated", "clean"))
def test_pepita_tends_to_afa_linearly_as_feedback_vanishes(presynaptic, normalization):
    weights, x, target, feedback = problem(2)
    direction = feedback("afa")
    distances = []
    for size in (1e-3, 1e-4, 1e-5):
        arguments = (weights, x, target, size * direction)
        first = topdown.gradients("pepita", *arguments, presynaptic=presynaptic,
                                  normalization=normalization)[0]
        limit = topdown.gradients("afa", *arguments, normalization=normalization)[0]
        distances.append(float((first - limit).norm() / limit.norm()))
    assert max(distances) < 0.05
    if distances[0] > 1e-9:  # clean presynaptic without normalisation is exact between kinks
        assert distances[0] / distances[1] == pytest.approx(10, rel=0.1)
        assert distances[1] / distances[2] == pytest.approx(10, rel=0.1)


@pytest.mark.checks("PEPITA, the ancestor's sign", "eq-pepita-plus")
@pytest.mark.parametrize("rule", ("pepita", "pepita-hebbian", "afa"))
def test_the_other_sign_with_minus_f_is_the_same_rule(rule):
    weights, x, target, feedback = problem(2)
    f = feedback(rule)
    minus = topdown.gradients(rule, weights, x, target, f, sign=-1)
    plus = topdown.gradients(rule, weights, x, target, -f, sign=1)
    assert_close(minus, plus)
    flipped = topdown.gradients(rule, weights, x, target, f, sign=1)
    assert (flipped[0] - minus[0]).norm() > 1e-3 * minus[0].norm()


@pytest.mark.checks("Hebbian minus modulated, first layer", "eq-hebbian-difference")
@pytest.mark.parametrize("depth", (2, 3))
def test_hebbian_minus_modulated_on_layer_1_is_a_first_order_term_of_rank_c(depth):
    weights, x, target, feedback = problem(depth)
    f = feedback("pepita")
    h = pass_by_hand(weights, x)
    e = h[-1] - target
    modulated = topdown.gradients("pepita", weights, x, target, f)[0]
    hebbian = topdown.gradients("pepita-hebbian", weights, x, target, f)[0]
    torch.testing.assert_close(hebbian - modulated, outer_by_hand(h[1], e @ f.T))


@pytest.mark.parametrize("rule", DEEP)
def test_permuting_hidden_units_commutes_with_every_rule(rule):
    weights, x, target, feedback = problem(3)
    b = feedback(rule)
    p, q = torch.randperm(9), torch.randperm(8)
    moved = [weights[0][p], weights[1][q][:, p], weights[2][:, q]]
    moved_b = {"fa": lambda: [b[0][q][:, p], b[1][:, q]], "dfa": lambda: [b[0][:, p], b[1][:, q]]}
    moved_b["drtp"] = moved_b["dfa"]
    ours = topdown.gradients(rule, moved, x, target, moved_b.get(rule, lambda: b)())
    g = topdown.gradients(rule, weights, x, target, b)
    assert_close(ours, [g[0][p], g[1][q][:, p], g[2][:, q]])


@pytest.mark.parametrize("rule", ("pepita", "pepita-hebbian"))
@pytest.mark.parametrize("depth", (2, 3, 5))
def test_without_feedback_the_hidden_layers_stand_still(rule, depth):
    weights, x, target, feedback = problem(depth)
    g = topdown.gradients(rule, weights, x, target, 0 * feedback(rule))
    assert all(layer.abs().max() < 1e-14 for layer in g[:-1])
    assert_close(g[-1:], topdown.gradients("bp", weights, x, target)[-1:])


@pytest.mark.parametrize("rule", DEEP)
def test_a_duplicated_batch_has_the_same_gradient(rule):
    weights, x, target, feedback = problem(3)
    b = feedback(rule)
    once = topdown.gradients(rule, weights, x, target, b)
    twice = topdown.gradients(rule, weights, torch.cat([x, x]), torch.cat([target, target]), b)
    assert_close(once, twice)


@pytest.mark.parametrize("rule", DEEP)
def test_a_leading_replica_axis_gives_every_network_its_own_gradient(rule):
    problems = [problem(3, seed) for seed in range(3)]
    feedback = [p[3](rule) for p in problems]
    weights = [torch.stack(layer) for layer in zip(*(p[0] for p in problems))]
    x, target = (torch.stack([p[k] for p in problems]) for k in (1, 2))
    joined = (torch.stack(feedback) if get_rule(rule).feedback == "input"
              else [torch.stack(b) for b in zip(*feedback)])
    together = topdown.gradients(rule, weights, x, target, joined)
    for r, (w, one_x, one_target, _) in enumerate(problems):
        alone = topdown.gradients(rule, w, one_x, one_target, feedback[r])
        assert_close([g[r] for g in together], alone)


@pytest.mark.parametrize(("arguments", "words"), [
    (dict(rule="pepito"), "did you mean 'pepita'"),
    (dict(rule="pepita-time-local"), "pepita-hebbian"),
    (dict(sing=1), "did you mean 'sign'"),
    (dict(sign=2), "sign=2"),
    (dict(normalization="layer"), "normalization='layer'"),
    (dict(feedback=None), "needs 1 feedback"),
    (dict(feedback=torch.ones(4, 7)), r"feedback\[0\] has shape \(4, 7\), expected \(7, 4\)"),
    (dict(target=torch.ones(5, 3)), "target has shape"),
    (dict(rule="afa"), "one hidden layer, not 2"),
])
def test_a_wrong_call_is_an_error_that_names_the_thing(arguments, words):
    weights, x, target, feedback = problem(3)
    call = dict(rule="pepita", weights=weights, x=x, target=target, feedback=feedback("pepita"))
    with pytest.raises(ValueError, match=words):
        topdown.gradients(**{**call, **arguments})
