"""The probe of Figure S2 and its Forward-Forward form: quantiles of |h_1|^2 - |h'_1|^2."""

import pandas as pd

from topdown_book.figures._experiment import Results

PROBE = "goodness_difference"


def quantiles(results: Results) -> pd.DataFrame:
    """The rows of the recorded quantiles over the test set, with a column `percent`."""
    rows = results.frame[results.frame.metric.str.fullmatch(rf"{PROBE}_q\d+")]
    return rows.assign(percent=rows.metric.str[-2:].astype(int))
