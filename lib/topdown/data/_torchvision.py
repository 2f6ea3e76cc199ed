"""torchvision's data sets, also where its compiled operators do not load.

Next to another build of torch than its own (a CPU build, say), importing torchvision fails with
"operator torchvision::nms does not exist": it describes two of its operators to torch. Its data
sets need neither, so those two are then declared, without an implementation.
"""

from importlib import import_module
from types import ModuleType

_declared = []  # a declaration lasts as long as its library


def torchvision_datasets() -> ModuleType:
    """The module `torchvision.datasets`; `ImportError` if torchvision is not installed."""
    try:
        return import_module("torchvision.datasets")
    except RuntimeError:
        import torch

        _declared.append(torch.library.Library("torchvision", "FRAGMENT"))
        for name in ("nms", "qnms"):
            _declared[-1].define(f"{name}(Tensor dets, Tensor scores, float threshold) -> Tensor")
        return import_module("torchvision.datasets")
