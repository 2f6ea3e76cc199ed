"""Randomness that does not depend on the device, nor on which seeds are trained together.

Weights, feedback and permutations come from one CPU generator per seed and purpose. Masks and
noise, needed at every step, are functions of a key and of the place in the array (a counter-based
generator): a 32-bit integer hash with full avalanche, two rounds of multiply and xor-shift, applied
to the place, xored with the key, and applied again. The hash is C. Wellons' "lowbias32" (public
domain). The keys come from the seed's CPU generator.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod

import torch
from torch import Tensor

PURPOSES = ("weights", "feedback", "order", "masks", "second masks", "mirroring", "negatives",
            "rule")


def generator(seed: int, purpose: str) -> torch.Generator:
    """The CPU generator of one seed for one purpose; seeds are whole numbers from 0 on."""
    if seed < 0:
        raise ValueError(f"seed {seed} is negative; use 0, 1, 2, ...")
    return torch.Generator().manual_seed(1_000_003 * (seed + 1) + PURPOSES.index(purpose))


def draw_keys(gen: torch.Generator, *shape: int) -> Tensor:
    """int32 keys for the counter-based functions below."""
    return torch.randint(-(2**31), 2**31, shape, generator=gen, dtype=torch.int64).to(torch.int32)


def _hash_(x: Tensor) -> Tensor:
    """In-place mixing of int32 values (multiply, xor-shift; shifts made logical by a mask)."""
    shifted = torch.empty_like(x)
    for shift, multiplier in ((16, 0x21F0AAAD), (15, -0x2CA5D269), (15, None)):
        torch.bitwise_right_shift(x, shift, out=shifted)
        x ^= shifted.bitwise_and_(2 ** (32 - shift) - 1)
        if multiplier is not None:
            x *= multiplier
    return x


@lru_cache(maxsize=64)
def _places(shape: tuple[int, ...], device: torch.device, stream: int) -> Tensor:
    """The hashed place of every element; `stream` separates the two halves of a normal draw."""
    start = stream * prod(shape)
    return _hash_(torch.arange(start, start + prod(shape), dtype=torch.int32, device=device)
                  ).view(shape)


def counter_bits(keys: Tensor, shape: tuple[int, ...], stream: int = 0) -> Tensor:
    """Uniform int32 values of shape keys.shape + shape."""
    places = _places(tuple(shape), keys.device, stream)
    return _hash_(places ^ keys.reshape(*keys.shape, *(1 for _ in shape)))


def dropout_mask(keys: Tensor, shape: tuple[int, ...], rate: float, dtype=torch.float32) -> Tensor:
    """Inverted-dropout mask: 1 / (1 - rate) with probability 1 - rate, else 0."""
    threshold = round(rate * 2**32) - 2**31
    return (counter_bits(keys, shape) >= threshold).to(dtype).mul_(1 / (1 - rate))


def counter_normal(keys: Tensor, shape: tuple[int, ...], dtype=torch.float32) -> Tensor:
    """Standard normal values by inversion: sqrt2 erfinv(u), u uniform on the odd 2^-24 grid."""
    u = (counter_bits(keys, shape) >> 8).to(torch.float32).add_(0.5).mul_(2.0**-23)
    return u.erfinv_().mul_(2**0.5).to(dtype)
