"""The step as a graph: what stands around a capture, tried with a stand-in for CUDA; no waiting."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from topdown.recipes import Recipe
from topdown.rules import RULES
from topdown.training import loop as training
from topdown.training.graphs import WARM_UP, captured
from topdown.training.loop import Trainer

SMALL = Recipe(dataset="digits", hidden=(20,), lr=0.05, feedback_scale=0.5)
KINDS = {
    **{rule: dict(rule=rule) for rule in RULES},
    "mirroring": dict(feedback="normal", mirror_every=1),
    "oracle": dict(feedback="oracle"),
    "redrawn masks": dict(masks="redrawn"),
    "peer normalisation and read-out": dict(rule="forward-forward", ff_prediction="readout",
                                            ff_peer_normalization=0.1),
    "bf16": dict(precision="bf16"),
    "convolution": dict(hidden=(), kernels=4, kernel_size=3, dropout=0),
}
WAITS = (torch.ops.aten._local_scalar_dense, torch.ops.aten.nonzero, torch.ops.aten.is_nonzero,
         torch.ops.aten.masked_select, torch.ops.aten.equal, torch.ops.aten.unique_dim)


def stand_in(step):
    """What a capture does to the state: some steps on the side; then a way to repeat one."""
    for _ in range(WARM_UP):
        step()
    return lambda: step()


class Waits(TorchDispatchMode):
    """Operations for which the host would wait for the device."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        copies = func.overloadpacket is torch.ops.aten._to_copy and "device" in (kwargs or {})
        if func.overloadpacket in WAITS or copies:
            self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


def test_the_count_of_waits_is_no_empty_claim():
    with Waits() as waits:
        torch.ones(1).item()
        torch.ones(3).nonzero()
    assert len(waits.seen) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_no_step_of_an_epoch_waits_for_the_device(kind):
    trainer = Trainer(replace(SMALL, **KINDS[kind]), [0, 1])
    trainer._draw_course(1)
    with Waits() as waits, torch.no_grad():
        for number in range(3):
            trainer._step({name: values[number] for name, values in trainer.course.items()}, 0.05,
                          trainer.recipe.mirrors_in(1))
    assert waits.seen == []


@pytest.mark.parametrize("kind", KINDS)
def test_walking_through_the_course_by_a_counter_is_the_same_training(kind, monkeypatch):
    monkeypatch.setattr(training, "captured", partial(captured, capture=stand_in))
    chosen = replace(SMALL, decay_epochs=(2,), **KINDS[kind])
    plain, graphed = Trainer(chosen, [0, 1]), Trainer(chosen, [0, 1])
    graphed.graphed = True
    with torch.no_grad():
        for epoch in (1, 2):
            ours, theirs = (t.epoch(epoch, limit=6) for t in (graphed, plain))
            torch.testing.assert_close(ours, theirs, equal_nan=True)
    assert len(graphed.graphs) == 2, "one capture for each rate"
    for ours, theirs in zip(graphed.stepper.tensors(), plain.stepper.tensors()):
        assert torch.equal(ours, theirs)


def test_a_graph_that_does_something_else_is_refused_by_name(caplog):
    x = torch.ones(3)

    def step():
        x.add_(1)

    used = captured(step, [x], "my recipe", capture=lambda step: lambda: x.add_(1.1))
    assert used is step and "my recipe" in caplog.text and "differs" in caplog.text
    assert torch.equal(x, torch.ones(3)), "the state is as before"


def test_a_capture_that_fails_is_no_failure(caplog):
    x = torch.ones(3)

    def breaks(step):
        step()
        raise RuntimeError("operation not permitted when stream is capturing")

    def step():
        x.add_(1)

    assert captured(step, [x], "my recipe", capture=breaks) is step
    assert "not permitted" in caplog.text and torch.equal(x, torch.ones(3))


def test_rounding_and_equal_nan_are_no_difference(caplog):
    x, nan = torch.ones(3), torch.tensor([float("nan")])
    used = captured(lambda: x.mul_(2), [x, nan], "r", capture=lambda step: lambda: x.mul_(2 + 1e-6))
    used()
    assert torch.allclose(x, torch.full((3,), 2.0), atol=1e-5) and not caplog.text


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_gpu_the_captured_epoch_is_the_eager_one():
    eager, graphed = (Trainer(SMALL, range(3), "cuda") for _ in range(2))
    eager.graphed = False
    with torch.no_grad():
        for trainer in (eager, graphed):
            trainer.epoch(1)
    assert all(step.__name__ == "replay" for step in graphed.graphs.values())
    for ours, theirs in zip(graphed.state.weights, eager.state.weights):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)
