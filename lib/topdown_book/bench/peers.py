"""Other packages, where they cover a rule: the same net, the same step, side by side with ours.

biotorch 0.0.16 (FA, DFA) and fflib 0.3.0 (Forward-Forward) are pure Python and run beside any
recent torch, but what they declare to need does not fit it (see `WHY`), so they are installed
without their dependencies, into a folder of their own.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import torch
from torch.nn.functional import cross_entropy, one_hot

from topdown_book.bench._contestants import LR, STEPS, our_step
from topdown_book.bench._measure import measure, quantiles, threads
from topdown_book.bench._problem import Problem, forever

HOW = "pip install --no-deps --target build/peers biotorch==0.0.16 fflib==0.3.0"
THEN = "PYTHONPATH=build/peers topdown bench peers"
WHY = {
    "biotorch": "declares torchattacks, which pins requests to 2.25, and all of Jupyter; its "
                "layers need none of them",
    "fflib": "declares torchvision >= 0.21, < 0.22, which exists for torch 2.6 only; its layers "
             "need none of it",
}
SIZES, BATCH = ((784, 1024, 10), (784, 1024, 1024, 10)), 64


@dataclass(frozen=True)
class Peer:
    """A package, the rule that it covers, how to make its step, and what differs from ours."""

    package: str
    rule: str
    make: Callable[[Problem], Callable[[], None]]
    note: str = ""


def bench_peers(count: int = 2, rounds: int = 15, quick: bool = False) -> list[dict]:
    """One row for every peer and size; a peer that is absent or fails has a row that says why."""
    sizes, seconds = (((64, 32, 10),), 0.005) if quick else (SIZES, 0.1)
    with threads(count):
        return [_row(peer, Problem(peer.rule, s, BATCH, dropout=0.0), rounds, seconds)
                for s in sizes for peer in PEERS]


def _row(peer: Peer, problem: Problem, rounds: int, seconds: float) -> dict:
    row = {"package": peer.package, "rule": peer.rule, "sizes": list(problem.sizes),
           "batch": problem.batch, "note": peer.note, "requirements": WHY[peer.package]}
    try:
        row["version"] = version(peer.package)
        theirs = peer.make(problem)
        theirs()
    except (ImportError, PackageNotFoundError):
        return row | {"problem": f"{peer.package} is not installed; {HOW} && {THEN}"}
    except Exception as error:  # a peer that breaks is a finding, not a failure of ours
        return row | {"problem": f"{type(error).__name__}: {error}"}
    times = measure({"ours": our_step(problem), "theirs": theirs}, rounds, seconds)
    return row | {
        "problem": "", "ms_per_step": quantiles(1e3 * times["ours"]),
        "peer_ms_per_step": quantiles(1e3 * times["theirs"]),
        "speedup": quantiles(times["theirs"] / times["ours"]),
    }


def _batches(problem: Problem):
    """x (B, D) in [0, 1] and labels, over and over, in memory as float32."""
    images, labels = problem.examples(STEPS)
    x = (images.float() / 255).view(STEPS, problem.batch, -1)
    return forever(list(zip(x, labels.view(STEPS, problem.batch))))


def biotorch_network(problem: Problem):
    """Our network, its layers converted by biotorch, which prints about it."""
    from biotorch.module.biomodule import BioModule

    with contextlib.redirect_stdout(io.StringIO()):
        return BioModule(problem.network(), mode=problem.rule, output_dim=problem.sizes[-1])


def _biotorch(problem: Problem) -> Callable[[], None]:
    net, batches = biotorch_network(problem), iter(_batches(problem))
    trained = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=LR, momentum=problem.momentum)

    def step():
        x, labels = next(batches)
        optimizer.zero_grad()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of the kind of hook that it uses
            output = net(x, targets=labels, loss_function=cross_entropy)
        cross_entropy(output, labels).backward()
        optimizer.step()

    return step


def _fflib(problem: Problem) -> Callable[[], None]:
    from fflib.nn.ff_linear import FFLinear
    from fflib.nn.ff_net import FFNet

    def sgd(parameters, lr):
        return torch.optim.SGD(parameters, lr=lr, momentum=problem.momentum)

    net = FFNet([FFLinear(fan_in, n, 1.0, LR, optimizer=sgd) for fan_in, n in problem.layers],
                device=None)
    batches, classes = iter(_batches(problem)), problem.sizes[-1]

    def step():
        x, labels = next(batches)
        wrong = (labels + torch.randint(1, classes, labels.shape)) % classes
        net.run_train_combined(*(torch.cat([one_hot(y, classes).float(), x[:, classes:]], 1)
                                 for y in (labels, wrong)))

    return step


PEERS = (
    Peer("biotorch", "fa", _biotorch),
    Peer("biotorch", "dfa", _biotorch),
    Peer("fflib", "forward-forward", _fflib,
         "with biases, and a second forward pass after each layer's update"),
)
