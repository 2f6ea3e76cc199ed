"""The arithmetic of matrix products: fp32, tf32 or bf16, named in the recipe.

Only the products of training change: weights, momentum, updates and everything done element by
element stay float32, and so does evaluation, which judges those weights.

    fp32  float32 throughout (tf32 switched off on CUDA)
    tf32  CUDA only: operands rounded to 10 bits of mantissa inside the product
    bf16  operands and result rounded to bfloat16 (7 bits), summed in float32 inside the product
"""

from __future__ import annotations

from contextlib import contextmanager

import torch
from torch.overrides import TorchFunctionMode

from topdown.errors import UsageError

_PRODUCTS = {torch.matmul, torch.bmm, torch.Tensor.matmul, torch.Tensor.__matmul__,
             torch.Tensor.bmm}


class Bfloat16Products(TorchFunctionMode):
    """Within it, products of float32 arrays round operands and result to bfloat16.

    What comes out is float32 again. `baddbmm_` accumulates the rounded product in float32.
    """

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in _PRODUCTS:
            return func(*(a.bfloat16() for a in args)).float()
        if func is torch.Tensor.baddbmm_:
            return _accumulated(*args, **kwargs)
        return func(*args, **(kwargs or {}))


def _accumulated(v, post, pre, *, beta=1.0, alpha=1.0):
    """v <- beta v + alpha post pre."""
    return v.mul_(beta).add_(torch.bmm(post.bfloat16(), pre.bfloat16()), alpha=alpha)


@contextmanager
def products(precision: str, device):
    """Matrix products of this precision within the block.

    UsageError for tf32 on a device without it: a record must not claim what was not computed.
    """
    device = torch.device(device)
    if precision == "tf32" and device.type != "cuda":
        raise UsageError("precision='tf32' is a setting of CUDA matrix products, there is none on "
                         f"{device.type!r}; use 'fp32' or 'bf16'")
    if precision == "bf16":
        with Bfloat16Products():
            yield
        return
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
