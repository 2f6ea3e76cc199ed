"""Precision of products: where the casts are, that they change little, that records say so."""

from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from topdown.errors import UsageError
from topdown.recipes import Recipe
from topdown.rules import RULES
from topdown.training.loop import Trainer, train
from topdown.training.precision import Bfloat16Products, products
from topdown_book.figures import get
from topdown_book.store.running import compute, disagreement, replay

SMALL = Recipe(dataset="digits", hidden=(20,), epochs=2, lr=0.05, feedback_scale=0.5)
MULTIPLY = (torch.ops.aten.mm, torch.ops.aten.bmm, torch.ops.aten.addmm, torch.ops.aten.baddbmm,
            torch.ops.aten.baddbmm_, torch.ops.aten.addmm_)


class Types(TorchDispatchMode):
    """The types of what every matrix product takes."""

    def __init__(self):
        super().__init__()
        self.products = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.overloadpacket in MULTIPLY:
            self.products += [a.dtype for a in args if isinstance(a, torch.Tensor)]
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32),
                                                  ("bf16", torch.bfloat16)])
def test_every_product_of_training_has_the_precision_and_all_that_is_kept_is_float32(
        rule, precision, dtype):
    trainer = Trainer(replace(SMALL, rule=rule, precision=precision), [0, 1])
    with Types() as seen, torch.no_grad():
        trainer.epoch(1, limit=2)
    assert set(seen.products) == {dtype}
    assert {t.dtype for t in trainer.state.tensors()} == {torch.float32}


def test_mirroring_is_rounded_too_and_evaluation_is_not():
    trainer = Trainer(replace(SMALL, feedback="normal", premirror_epochs=1, precision="bf16"), [0])
    with Types() as seen, torch.no_grad():
        trainer.premirror(limit=1)
    assert set(seen.products) == {torch.bfloat16}
    with Types() as seen:
        trainer.evaluate()
    assert set(seen.products) == {torch.float32}


def test_a_product_rounds_its_operands_and_its_result():
    a, b = torch.rand(2, 3, 5), torch.rand(2, 5, 4)
    with Bfloat16Products():
        ours = a @ b
    exact = a.bfloat16().double() @ b.bfloat16().double()
    assert torch.equal(ours, ours.bfloat16().float())
    assert ((ours - exact).abs() <= 2**-8 * exact.abs() + 1e-6).all()
    assert torch.equal(a @ b, torch.bmm(a, b))  # outside nothing is rounded


def test_velocity_accumulates_in_float32():
    v, post, pre = torch.full((1, 2, 2), 1.0), torch.ones(1, 2, 1), torch.ones(1, 1, 2)
    with Bfloat16Products():
        v.baddbmm_(post, pre, beta=1.0, alpha=2.0**-20)
    assert torch.equal(v, torch.full((1, 2, 2), 1 + 2.0**-20))  # lost in bfloat16


@pytest.mark.parametrize("rule", ("bp", "pepita"))
def test_the_curve_depends_on_the_precision_by_less_than_on_the_seed(rule):
    chosen, seeds = replace(SMALL, rule=rule, epochs=10, dropout=0.0), range(6)
    full, half = (train(replace(chosen, precision=p), seeds, progress=False).curves["test_accuracy"]
                  for p in ("fp32", "bf16"))
    assert not torch.equal(full, half)
    change = (half - full)[5:].mean(1).abs().max()
    assert change < 2 * full[5:].std(1).mean() and change < 1


def test_tf32_on_the_cpu_is_refused_but_its_records_can_be_replayed():
    with pytest.raises(UsageError, match="use 'fp32' or 'bf16'"), products("tf32", "cpu"):
        pass
    chosen = replace(SMALL, precision="tf32")
    with pytest.raises(UsageError, match="CUDA"):
        train(chosen, [0], progress=False)
    assert disagreement(replay(chosen, 0), replay(SMALL, 0)) == 0


def test_tf32_is_switched_on_for_cuda_within_the_block_only():
    assert not torch.backends.cuda.matmul.allow_tf32
    with products("tf32", "cuda"):
        assert torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


def test_precision_is_part_of_the_recipe_and_of_its_record():
    assert "precision" not in SMALL.changes() and SMALL.key == replace(SMALL, precision="fp32").key
    half = replace(SMALL, precision="bf16", epochs=1)
    assert half.key != replace(SMALL, epochs=1).key
    assert compute(half, [0]).recipe.precision == "bf16"
    with pytest.raises(ValueError, match="precision='fp16' is not one of"):
        replace(SMALL, precision="fp16")


def test_the_experiment_compares_recipes_that_differ_in_precision_only():
    experiment = get("precision")
    for profile, values in experiment.profiles.items():
        cases = experiment.cases({**values, "profile": profile})
        plain = {replace(case.recipe, precision="fp32") for case in cases}
        assert 2 * len(plain) == len(cases)
