"""Probes: what they measure, and that they and `mirror_until` change nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from topdown.network import initial_weights
from topdown.recipes import Recipe
from topdown.rules import Batch, make_options
from topdown.training.loop import Trainer, train
from topdown.training.probes import PERCENTS, goodness_difference, measure

SIZES = (12, 9, 7, 4)
SMALL = Recipe(dataset="digits", hidden=(20, 16), epochs=3, lr=0.05, decay_epochs=(),
               initialization="he_normal", feedback="normal", feedback_scale=0.5)


def a_batch(scale=1.0, replicas=(), **options):
    gen = torch.Generator().manual_seed(0)
    weights = [w.double().expand(*replicas, *w.shape)
               for w in initial_weights(SIZES, "he_normal", gen)]
    x = torch.rand(6, SIZES[0], generator=gen).double()
    feedback = scale * torch.randn(SIZES[0], SIZES[-1], generator=gen).double()
    target = torch.eye(SIZES[-1]).double()[torch.arange(6) % 4]
    return Batch(weights, x, target, feedback.expand(*replicas, *feedback.shape),
                 make_options(**options))


@pytest.mark.parametrize("sign", (-1, 1))
@pytest.mark.parametrize("normalization", (None, "sample"))
def test_the_difference_equals_that_of_both_passes_written_out(sign, normalization):
    batch = a_batch(sign=sign, normalization=normalization)
    clean, modulated = batch.first_pass(), batch.modulated_pass()
    expected = clean.hidden[0].norm(dim=-1) ** 2 - modulated.hidden[0].norm(dim=-1) ** 2
    torch.testing.assert_close(goodness_difference(batch), expected)


def test_without_feedback_there_is_no_difference():
    assert goodness_difference(a_batch(scale=0)).abs().max() == 0


def test_the_difference_is_of_first_order_in_the_feedback():
    sizes = [goodness_difference(a_batch(scale=s)).norm().item() for s in (1e-5, 1e-4)]
    assert sizes[1] / sizes[0] == pytest.approx(10, rel=1e-2)


def test_quantiles_mean_and_spread_are_those_of_all_samples_whatever_the_batches():
    batch = a_batch(replicas=(3,))
    values = goodness_difference(batch).numpy()
    found = measure("goodness_difference", iter([batch, batch]))
    twice = np.concatenate([values, values], axis=-1)
    np.testing.assert_allclose(found["goodness_difference_mean"], twice.mean(-1))
    np.testing.assert_allclose(found["goodness_difference_sd"], twice.std(-1, ddof=1))
    for percent in PERCENTS:
        np.testing.assert_allclose(found[f"goodness_difference_q{percent:02d}"],
                                   np.quantile(twice, percent / 100, axis=-1))


def test_a_probe_changes_nothing_of_the_training():
    with_probe, without = (train(replace(SMALL, probe=p), [0, 1], progress=False)
                           for p in ("goodness_difference", None))
    for metric, values in without.curves.items():
        torch.testing.assert_close(with_probe.curves[metric], values, equal_nan=True)
    extra = with_probe.curves.keys() - without.curves.keys()
    assert len(extra) == len(PERCENTS) + 2


def test_a_probe_without_a_modulated_pass_is_refused():
    with pytest.raises(ValueError, match="probe.*'bp'"):
        Recipe(rule="bp", probe="goodness_difference")


def test_the_evaluation_in_parts_probes_every_sample():
    whole, parts = (Trainer(replace(SMALL, probe="goodness_difference", evaluation_rows=rows), [0])
                    .evaluate() for rows in (None, 7))
    torch.testing.assert_close(whole["goodness_difference_sd"], parts["goodness_difference_sd"])


def test_mirroring_stops_after_its_last_epoch():
    always, early, never = (replace(SMALL, mirror_every=k, mirror_until=until)
                            for k, until in ((1, None), (1, 2), (0, None)))
    assert [early.mirrors_in(e) for e in (1, 2, 3)] == [True, True, False]
    curves = [train(r, [0], progress=False).curves["angle_layer_1"][:, 0]
              for r in (always, early, never)]
    torch.testing.assert_close(curves[0][:3], curves[1][:3])
    assert curves[0][3] != curves[1][3]


def test_new_fields_at_their_defaults_leave_the_keys_of_old_records():
    old = {k: v for k, v in SMALL.to_dict().items() if k not in ("probe", "mirror_until")}
    assert Recipe.from_dict(old).key == SMALL.key
    assert not {"probe", "mirror_until"} & SMALL.changes().keys()
