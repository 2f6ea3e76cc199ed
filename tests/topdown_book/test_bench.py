"""The benchmarks measure what they say: the same rule everywhere, counts that are true."""

import json
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import one_hot
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

import topdown
from topdown.rules import RULES, ff_gradients, get_rule
from topdown.training.state import State
from topdown.training.stepper import Stepper
from topdown_book.bench import _contestants, _measure, memory, peers, report, scaling, step
from topdown_book.bench._limit import moved_bytes, operations
from topdown_book.bench._problem import Problem
from topdown_book.bench._streaming import Streaming, kept
from topdown_book.bench._usual import Usual
from topdown_book.cli.main import app
from topdown_book.store.provenance import SOURCE_ROOT

LR = _contestants.LR
SIZES = (30, 12, 8, 5)


def problem(rule, **changes):
    sizes = (30, 12, 5) if rule == "afa" else SIZES
    return replace(Problem(rule, sizes, 16, dropout=0.0), **changes)


def batch(rule="bp"):
    gen = torch.Generator().manual_seed(1)
    chosen = problem(rule)
    x = torch.rand(16, 30, generator=gen)
    return x, one_hot(torch.randint(0, 5, (16,), generator=gen), chosen.sizes[-1]).float()


def expected(rule, weights, feedback, x, target):
    """The weights after two steps of the library's own rule with momentum 0.9."""
    state = State([w.clone()[None] for w in weights],
                  [[torch.zeros_like(w)[None] for w in weights] for _ in range(2)],
                  [f[None] for f in feedback] if isinstance(feedback, list) else feedback[None])
    stepper = Stepper(problem(rule).recipe(), state, get_rule(rule))
    for _ in range(2):
        stepper.step(x[None], target[None], LR)
    return [w[0] for w in state.weights]


def feedback_of(rule, layers, direct, whole):
    return {"layers": layers, "direct": direct}.get(get_rule(rule).feedback, whole)


@pytest.mark.parametrize("rule", [r for r in RULES if r != "forward-forward"])
def test_the_usual_way_of_writing_a_rule_is_that_rule(rule):
    usual, (x, target) = Usual(problem(rule)), batch(rule)
    before = [w.detach().clone() for w in usual.weights]
    after = expected(rule, before, usual.feedback, x, target)
    for _ in range(2):
        usual(x, target)
    for ours, theirs in zip(after, usual.weights):
        torch.testing.assert_close(theirs.detach(), ours, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("rule", [r for r in RULES if r not in ("forward-forward", "afa")])
def test_a_step_that_keeps_little_is_the_same_step(rule):
    lean, (x, target) = Streaming(problem(rule)), batch(rule)
    feedback = feedback_of(rule, lean.layer_feedback, lean.direct, lean.feedback)
    after = expected(rule, lean.weights, feedback, x, target)
    for _ in range(2):
        lean(x.clone(), target.clone())
    for ours, theirs in zip(after, lean.weights):
        torch.testing.assert_close(theirs, ours, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("make", (Usual, Streaming))
def test_forward_forward_follows_its_gradients_in_both(make, monkeypatch):
    trained, (x, target) = make(problem("forward-forward")), batch()
    monkeypatch.setattr(torch, "randint", lambda *args: torch.ones(16, dtype=torch.long))
    before = [w.detach().clone() for w in trained.weights]
    gradients = ff_gradients(before, x, target, target.roll(1, 1))
    trained(x.clone(), target.clone())
    for w, old, g in zip(trained.weights, before, gradients):
        torch.testing.assert_close((old - w.detach()) / LR, g, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("rule", [r for r in RULES if r != "afa"])
@pytest.mark.parametrize("hidden", (1, 2, 5))
def test_the_allocator_finds_the_closed_form_of_what_is_kept(rule, hidden):
    chosen = Problem(rule, (64, *(48,) * hidden, 3), 256)
    peak, formula = memory.streaming_peak(chosen), 4 * 256 * 48 * kept(rule, hidden)
    assert formula <= peak <= formula + 4 * 256 * 4 * 3


def test_only_rules_that_update_behind_themselves_need_no_more_with_depth():
    constant = {rule for rule in RULES if kept(rule, 10) == kept(rule, 2)}
    assert constant == {"drtp", "pepita-hebbian", "pepita-time-local", "forward-forward"}


@pytest.mark.parametrize("rule", RULES)
def test_no_step_does_fewer_operations_than_the_limit_says(rule):
    chosen = Problem(rule, (300, 40, 10) if rule == "afa" else (300, 40, 20, 10), 16, replicas=2)
    step_ = _contestants.our_step(chosen)
    in_place = {torch.ops.aten.baddbmm_: lambda v, a, b, **_: 2 * a[0] * a[1] * a[2] * b[2]}
    with FlopCounterMode(display=False, custom_mapping=in_place) as counted:
        step_()
    assert operations(chosen) <= counted.get_total_flops()
    if rule in ("bp", "fa", "dfa", "drtp", "afa"):
        assert operations(chosen) == counted.get_total_flops()


def test_work_is_proportional_to_replicas():
    one, four = (Problem("pepita", SIZES, 8, replicas=r) for r in (1, 4))
    assert operations(four) == 4 * operations(one) and moved_bytes(four) == 4 * moved_bytes(one)


def test_contestants_take_turns():
    calls = []
    times = _measure.measure({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")},
                             rounds=3, seconds=0.0)
    assert calls[4:] == ["a", "b"] * 3 and {len(t) for t in times.values()} == {3}


@pytest.mark.parametrize("rule", RULES)
def test_one_rule_prints_one_object_with_every_spread(rule):
    arguments = ["bench", "step", "--rule", rule, "--sizes", "20,8,5", "--batch", "4", "--threads",
                 "1", "--rounds", "2", "--json", "--quick"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    row = json.loads(done.stdout)
    for name in ("ms_per_step", "ratio_to_bp", "speedup_over_usual", "fraction_of_limit"):
        assert 0 < row[name]["low"] <= row[name]["median"] <= row[name]["high"]


def test_everything_runs_in_quick_and_is_kept_with_its_provenance(tmp_path):
    done = CliRunner().invoke(app, ["bench", "all", "--quick", "--threads", "1", "--rounds", "2",
                                    "--out", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout.splitlines()[-1])
    for name in report.NAMES:
        kept_ = report.read(name, tmp_path)
        assert kept_ == printed[name]
        assert kept_["about"]["threads"] == 1 and kept_["about"]["quick"] is True
        assert {"commit", "device", "packages", "started", "load_average"} <= set(kept_["about"])
    assert {row["rule"] for row in printed["step"]["rows"]} == set(RULES)
    axes = {row["axis"] for row in printed["scaling"]["rows"]}
    assert axes == {"replicas", "width", "depth", "batch"}
    assert all(row["bound_by"] in scaling.BOUNDS for row in printed["scaling"]["rows"])


def test_the_published_axes_are_those_of_the_issue():
    ends = {axis: tuple(scaling.value(axis, p) for p in (found[0], found[-1]))
            for axis, found in scaling.AXES.items()}
    assert ends == {"replicas": (1, 32), "width": (256, 4096), "depth": (1, 5),
                    "batch": (16, 1024)}


def test_a_peer_that_is_absent_or_broken_is_a_row_that_says_so(monkeypatch):
    def broken(problem):
        raise RuntimeError("no such hook")

    monkeypatch.setattr(peers, "version", lambda package: "0")
    for make, said in ((lambda p: __import__("no_such_peer"), "pip install --no-deps"),
                       (broken, "RuntimeError: no such hook")):
        monkeypatch.setattr(peers, "PEERS", (peers.Peer("biotorch", "fa", make),))
        assert said in peers.bench_peers(1, 2, quick=True)[0]["problem"]


def test_biotorch_computes_the_rules_it_is_compared_on():
    pytest.importorskip("biotorch")
    for rule in ("fa", "dfa"):
        net = peers.biotorch_network(problem(rule))
        x, target = batch(rule)
        output = net(x, targets=target, loss_function=torch.nn.functional.cross_entropy)
        torch.nn.functional.cross_entropy(output, target).backward()
        layers = [m for m in net.modules() if hasattr(m, "weight_backward")]
        feedback = [m.weight_backward.detach() for m in layers[1:]]
        ours = topdown.gradients(rule, [m.weight.detach() for m in layers], x, target, feedback)
        for layer, g in zip(layers, ours):
            torch.testing.assert_close(layer.weight.grad, g)


@pytest.mark.parametrize(("arguments", "message"), [
    (["--rule", "pepit"], "did you mean 'pepita'"),
    (["--sizes", "3072"], "fewer than two layers"),
    (["--sizes", "a,b"], "bench step"),
    (["--rule", "afa", "--sizes", "9,8,7,6"], "one hidden layer"),
    (["--out", "x"], "--rule all"),
])
def test_wrong_use_is_an_error_that_says_what_to_do(arguments, message):
    done = CliRunner().invoke(app, ["bench", "step", *arguments])
    assert message in str(done.exception)


def test_kept_records_are_of_known_benchmarks_and_not_quick():
    for path in (SOURCE_ROOT / "benchmarks").glob("*.json"):
        about = report.read(path.stem)["about"]
        assert path.stem in report.NAMES and not about["quick"] and about["clean"]


def test_every_rule_is_timed():
    rules = {p.rule for sizes in step.SIZES for p in step.every_rule(sizes, 64)}
    assert rules == set(RULES)
