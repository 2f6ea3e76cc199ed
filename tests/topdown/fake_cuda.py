"""A CUDA device for tests on machines that have none: fake tensors carry the device, no numbers.

PyTorch's FakeTensorMode knows of every operator the device, type and shape of its result. Mixing
devices, reading a value (`.item()`, `bool(tensor)`) or a shape that depends on values (`nonzero`)
raises there. `Watch` adds what else a captured CUDA graph forbids: copies between host and device,
and random numbers from a generator that the graph does not know.
"""

from __future__ import annotations

from contextlib import contextmanager

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from topdown.data import SPECS, Dataset
from topdown.random import _places

CUDA = torch.device("cuda", 0)
RANDOM = ("aten::rand", "aten::bernoulli", "aten::normal", "aten::uniform", "aten::dropout",
          "aten::native_dropout", "aten::multinomial")
COUNTS = ("aten::nonzero", "aten::masked_select", "aten::unique", "aten::_unique")


class Forbidden(RuntimeError):
    """What a CUDA graph cannot hold."""


class _Moves(TorchFunctionMode):
    """What the CPU build refuses on the device although no number is needed: moves and indexing."""

    def __init__(self):
        super().__init__()
        self.forbidden = False

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is torch.Tensor.__getitem__ and args[0].is_cuda:
            return _part(*args)
        if func is torch.Tensor.__setitem__ and args[0].is_cuda:
            place, value = _part(*args[:2]), args[2]
            return (torch.ops.aten.copy_.default(place, value) if isinstance(value, torch.Tensor)
                    else place.fill_(value))
        if func is torch.Tensor.new_tensor and args[0].is_cuda and not self.forbidden:
            return torch.empty(len(args[1]), dtype=args[0].dtype, device=CUDA)
        if func in (torch.Tensor.nonzero, torch.nonzero) and args[0].is_cuda:
            return torch.ops.aten.nonzero.default(args[0])
        if func is torch.Tensor.copy_:
            return torch.ops.aten.copy_.default(*args[:2])
        if func is torch.Tensor.to and (device := _device(args[1:], kwargs)) is not None:
            if self.forbidden and device.type != args[0].device.type:
                raise Forbidden(f"a copy from {args[0].device} to {device} inside a step")
            if device.type == "cuda":
                dtype = next((a for a in (*args[1:], kwargs.get("dtype"))
                              if isinstance(a, torch.dtype)), args[0].dtype)
                return torch.empty(args[0].shape, dtype=dtype, device=CUDA)
        if self.forbidden and func in (torch.tensor, torch.as_tensor, torch.Tensor.new_tensor,
                                       torch.Tensor.cpu):
            raise Forbidden(f"{func.__name__} copies between host and device inside a step")
        return func(*args, **kwargs)


def _part(tensor, index):
    """tensor[index] by dispatched operators only: the usual indexing asks for a real device."""
    index = index if isinstance(index, tuple) else (index,)
    if ... in index:
        at, used = index.index(...), sum(i is not None and i is not ... for i in index)
        whole = (slice(None),) * (tensor.dim() - used)
        index = (*index[:at], *whole, *index[at + 1 :])
    dim, arrays = 0, []
    for i in index:
        if i is None:
            tensor = torch.ops.aten.unsqueeze(tensor, dim)
        elif isinstance(i, slice):
            tensor = torch.ops.aten.slice.Tensor(tensor, dim, i.start, i.stop, i.step or 1)
        elif isinstance(i, torch.Tensor):
            arrays += [None] * (dim - len(arrays)) + [i]
        else:
            tensor = torch.ops.aten.select.int(tensor, dim, i)
            continue
        dim += 1
    return torch.ops.aten.index.Tensor(tensor, arrays) if arrays else tensor


def _device(values, kwargs) -> torch.device | None:
    found = [v for v in (*values, kwargs.get("device")) if isinstance(v, str | torch.device)]
    return torch.device(found[0]) if found else None


class _Watch(TorchDispatchMode):
    """Refuses copies between devices, random operators and shapes that depend on values."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        masked = name == "aten::index" and any(i is not None and i.dtype == torch.bool
                                               for i in args[1])
        if masked or name.startswith(COUNTS):
            raise Forbidden(f"the shape of {name}'s result depends on values: the host must wait")
        if name.startswith(RANDOM):
            raise Forbidden(f"{name} draws from a generator that a CUDA graph does not know")
        if name in ("aten::copy_", "aten::_to_copy"):
            places = {a.device.type for a in args if isinstance(a, torch.Tensor) and a.dim()}
            places |= {kwargs["device"].type} if (kwargs or {}).get("device") else set()
            if len(places) > 1:
                raise Forbidden(f"{name} between {' and '.join(sorted(places))} inside a step")
        return func(*args, **(kwargs or {}))


@contextmanager
def fake_cuda():
    """Fake tensors within the block; yields `captured()`, a block in which a graph is captured."""
    moves = _Moves()

    @contextmanager
    def captured():
        moves.forbidden = True
        try:
            with _Watch():
                yield
        finally:
            moves.forbidden = False

    _places.cache_clear()  # a fake tensor must not meet another test, nor a real one this test
    try:
        with FakeTensorMode(), moves, torch.no_grad():
            yield captured
    finally:
        _places.cache_clear()


def fake_data(name: str = "digits", train: int = 640, test: int = 100) -> Dataset:
    """A data set of that name's shapes on the device; call it within `fake_cuda`."""
    spec = SPECS[name]
    images = [torch.empty(n, spec.features, dtype=torch.uint8, device=CUDA) for n in (train, test)]
    labels = [torch.empty(n, dtype=torch.int64, device=CUDA) for n in (train, test)]
    return Dataset(name, images[0], labels[0], images[1], labels[1], tuple(spec.classes),
                   spec.shape, "none", "fake")
