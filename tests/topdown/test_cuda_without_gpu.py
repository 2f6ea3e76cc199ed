"""The CUDA path on a machine without CUDA: everything a step needs lies on the device.

Fake tensors stand in for the data and the state; see `fake_cuda`. What they cannot show is whether
the numbers are right: that is asked of the same code on the CPU.
"""

import pytest
import torch
from fake_cuda import CUDA, Forbidden, fake_cuda, fake_data
from torch._subclasses.fake_tensor import DataDependentOutputException

from topdown.recipes import Recipe
from topdown.rules import RULES
from topdown.training import Trainer
from topdown.training.precision import products
from topdown.training.sharing import SharedTrainer
from topdown_book.bench._contestants import our_step
from topdown_book.bench._limit import copy_probe, product_probe
from topdown_book.bench._problem import Problem

WIDTHS = {"afa": (16,)}
NORMAL = dict(initialization="he_normal", feedback="normal")
VARIANTS = {
    **{rule: dict(rule=rule) for rule in RULES},
    "mirrored": dict(**NORMAL, mirror_every=1, premirror_epochs=1),
    "mirrored through activations": dict(**NORMAL, mirror_every=1, mirror_through="activation"),
    "oracle": dict(feedback="oracle"),
    "normalised": dict(normalization="sample"),
    "normalised by the batch": dict(normalization="batch"),
    "second error": dict(output_error="second", sign=1),
    "redrawn masks": dict(rule="pepita-time-local", masks="redrawn", decay_half_steps=2,
                          momentum_buffers="shared"),
    "bf16": dict(precision="bf16"),
    "tf32": dict(precision="tf32"),
    "weight decay": dict(weight_decay=1e-4),
    "read-out": dict(rule="forward-forward", ff_prediction="readout"),
    "peers": dict(rule="forward-forward", ff_peer_normalization=0.03),
    "goodness difference": dict(probe="goodness_difference"),
    "modulation": dict(probe="modulation"),
    "contrast": dict(probe="contrast"),
    "convolution": dict(kernels=4, kernel_size=3, hidden=(), dropout=0.0),
    "convolution, Hebbian": dict(rule="pepita-hebbian", kernels=4, kernel_size=3, hidden=(),
                                 dropout=0.0),
}


def trainer(**fields) -> Trainer:
    widths = WIDTHS.get(fields.get("rule"), (16, 12))
    recipe = Recipe(**{"dataset": "digits", "hidden": widths, "batch": 64, **fields})
    return Trainer(recipe, [0, 1], CUDA, fake_data())


def step(made: Trainer, lr=0.1) -> None:
    """What `Trainer._graph` captures: a step that finds its own place in the epoch's course."""
    with products(made.recipe.precision, made.device):
        made._step({name: values.index_select(0, made.place)[0]
                    for name, values in made.course.items()}, lr, made.recipe.mirrors_in(1))
    made.place.add_(1)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_step_stays_on_the_device_and_can_be_captured(name):
    with fake_cuda() as captured:
        made = trainer(**VARIANTS[name])
        made.premirror(limit=1)
        made._draw_course(1)
        step(made)  # the warm-up, which fills caches
        with captured():
            step(made)
        made._draw_course(2)  # into the buffers that the graph knows
        assert all(t.device == CUDA for t in made.stepper.tensors())
        assert all(t.device == CUDA for t in (*made.course.values(), made.correct, made.place))


@pytest.mark.parametrize("name", VARIANTS)
def test_evaluation_stays_on_the_device(name):
    with fake_cuda():
        made = trainer(**VARIANTS[name])
        found = made.evaluate()
        assert {value.device for value in found.values()} == {CUDA}
        assert {tuple(value.shape) for value in found.values()} == {(2,)}


def test_the_buffers_of_the_first_epoch_are_used_again():
    """A captured graph reads the addresses of the first epoch's course."""
    with fake_cuda():
        made = trainer(**VARIANTS["mirrored"])
        made._draw_course(1)
        first = dict(made.course)
        made._draw_course(2)
        assert all(made.course[name] is values for name, values in first.items())


def test_recipes_that_share_a_program_stay_on_the_device():
    with fake_cuda() as captured:
        recipes = [Recipe(dataset="digits", hidden=(16,), lr=lr, weight_decay=wd)
                   for lr, wd in ((0.1, 0.0), (0.01, 1e-4))]
        made = SharedTrainer(recipes, [0, 0], CUDA, fake_data())
        made._draw_course(1)
        rate = made._rate(1)
        step(made, rate)
        with captured():
            step(made, rate)
        assert made._rate(2) is rate  # the array that the graph knows
        assert all(t.device == CUDA for t in made.stepper.tensors())


FAULTS = {
    "a CPU tensor in a product": (lambda x: x @ torch.ones(x.shape[-1], 2), RuntimeError),
    "a CPU tensor in a sum": (lambda x: x + torch.ones(x.shape[-1]), RuntimeError),
    "item": (lambda x: x.sum().item(), DataDependentOutputException),
    "bool": (lambda x: bool(x.sum() > 0), DataDependentOutputException),
    "nonzero": (lambda x: x.nonzero(), Forbidden),
    "a mask as an index": (lambda x: x[x > 0], Forbidden),
    "a new tensor from numbers": (lambda x: torch.tensor([1.0], device=CUDA), Forbidden),
    "a copy to the host": (lambda x: x.cpu(), Forbidden),
    "a copy from the host": (lambda x: torch.ones(3).to(CUDA), Forbidden),
    "a draw": (lambda x: torch.rand(3, device=CUDA), Forbidden),
    "dropout": (lambda x: torch.nn.functional.dropout(x), Forbidden),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_put_into_a_step_is_noticed(fault, monkeypatch):
    wrong, error = FAULTS[fault]
    with fake_cuda() as captured:
        made = trainer()
        made._draw_course(1)
        step(made)
        inner = made.stepper.step

        def faulty(x, *rest):
            wrong(x)
            return inner(x, *rest)

        monkeypatch.setattr(made.stepper, "step", faulty)
        with pytest.raises(error), captured():
            step(made)


@pytest.mark.parametrize("rule", RULES)
def test_our_side_of_the_speed_benchmark_and_its_limit_stay_on_the_device(rule):
    with fake_cuda(), torch.device(CUDA):
        problem = Problem(rule, (64, 16, 10), 8)
        our_step(problem, 2)()  # torch.nn's modules, of the other sides, cannot be faked
        for probe in (product_probe, copy_probe):
            probe(problem)[0]()
