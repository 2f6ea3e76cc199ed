"""A training step as one CUDA graph: launched as a whole instead of kernel by kernel.

Only for CUDA, where launching dominates small networks. The step must take no arguments and do all
its work on tensors that stay where they are. NOT YET RUN ON A GPU: none was at hand; the logic
around the capture is tested on the CPU with a stand-in, and every capture checks itself before use.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch
from torch import Tensor

WARM_UP = 3
"""Steps on a side stream before the capture, as PyTorch asks, so that libraries are set up."""
FEWEST_STEPS = 2 * WARM_UP
"""An epoch of fewer (a replay, say) is not worth a capture."""
TOLERANCE = 1e-4
"""Largest relative difference between a captured and an eager step (rounding of one step)."""
log = logging.getLogger("topdown")


def capture_cuda(step: Callable[[], None]) -> Callable[[], None]:
    """A function that replays `step`; runs it WARM_UP times meanwhile."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def captured(step: Callable[[], None], tensors: list[Tensor], name: str,
             capture=capture_cuda) -> Callable[[], None]:
    """`step` as a graph if one replay does what one eager step does, else `step` with a warning.

    tensors: everything that `step` changes; on return they hold what they held before.
    """
    before = [t.clone() for t in tensors]
    try:
        replay = capture(step)
        eager = _after(step, tensors, before)
        difference = _difference(_after(replay, tensors, before), eager)
    except RuntimeError as error:
        log.warning("%s: no CUDA graph (%s); going on without", name, error)
        return step
    finally:
        _restore(tensors, before)
    if not difference <= TOLERANCE:
        log.warning("%s: the CUDA graph's step differs from the eager one by %.2g (at most %g); "
                    "going on without", name, difference, TOLERANCE)
        return step
    return replay


def _after(step, tensors, before) -> list[Tensor]:
    """What the tensors hold after one step from `before`."""
    _restore(tensors, before)
    step()
    return [t.clone() for t in tensors]


def _restore(tensors, values) -> None:
    for t, value in zip(tensors, values):
        t.copy_(value)


def _difference(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """The largest |a - b| / |b| over the tensors; NaN where both hold NaN at the same places is 0.

    Zero tensors differ by the length of the other.
    """
    worst = 0.0
    for a, b in zip(ours, theirs):
        a, b = a.double(), b.double()
        gap = (a - b)[~(a.isnan() & b.isnan())].norm().item()
        length = b.nan_to_num().norm().item()
        worst = max(worst, gap / length if length else gap)
    return worst
