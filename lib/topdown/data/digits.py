"""The embedded data set: scikit-learn's 8x8 handwritten digits, split once and for all."""

import numpy as np

from .decoded import Decoded
from .specs import Spec


def decode(spec: Spec) -> Decoded:
    """The 1797 digits as 1437 training and 360 test images, without any random number.

    Pixel values v in 0..16 become round(v * 255 / 16) in integer arithmetic, so that 0 is 0, 16 is
    255 and no two values meet. Test examples are every fifth of the examples sorted by class
    (file order within a class): each class is split 4 to 1 within one example.
    Source: UCI "Optical Recognition of Handwritten Digits", as shipped with scikit-learn.
    """
    from sklearn.datasets import load_digits  # takes a second to import: only where it is needed

    bunch = load_digits()
    images = ((bunch.data.astype(np.int64) * 255 + 8) // 16).astype(np.uint8)
    labels = bunch.target.astype(np.int64)
    is_test = np.zeros(len(labels), bool)
    is_test[np.argsort(labels, kind="stable")[::5]] = True
    return Decoded(
        images[~is_test], labels[~is_test], images[is_test], labels[is_test], spec.classes
    )
