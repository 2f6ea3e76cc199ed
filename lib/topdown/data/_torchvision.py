"""torchvision's data sets, also where its compiled operators do not load.

torchvision's wheels are built against one build of torch. Next to another (a CPU build, say) its
compiled operators do not load, which it forgives, and then `import torchvision` fails all the same
with "operator torchvision::nms does not exist", because it describes two of them to torch. Its data
sets need neither. So where the operators do not load, those two are declared first, without an
implementation: importing works, and calling one is still an error.
"""

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import torch

_DECLARED = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def torchvision_datasets() -> ModuleType:
    """The module `torchvision.datasets`; `ImportError` if torchvision is not installed."""
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        raise ImportError("torchvision is not installed")
    if not _has_operators() and not _load_operators(Path(found.origin).parent):
        _declare_operators()
    return importlib.import_module("torchvision.datasets")


def _has_operators() -> bool:
    return hasattr(torch.ops.torchvision, "nms")


def _load_operators(folder: Path) -> bool:
    """Load the compiled operators as torchvision does; whether that worked."""
    for path in (*folder.glob("_C*.so"), *folder.glob("_C*.pyd")):
        try:
            torch.ops.load_library(str(path))
        except OSError:
            continue
        return _has_operators()
    return False


@cache
def _declare_operators() -> torch.library.Library:
    """Declare the two operators; the declaration lasts as long as the (cached) result."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _DECLARED:
        library.define(schema)
    return library
