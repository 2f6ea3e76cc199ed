"""Which rule is ahead of which: neighbours in the order of means, paired by seed."""

from __future__ import annotations

import pandas as pd

from topdown_book.answers._words import joined, paired, runs
from topdown_book.experiments import Results
from topdown_book.figures.order import ranked


def order(results: Results) -> str:
    """`>` where the interval of the difference to the next rule is above zero, else `≈`.

    `=` where it is nothing in every seed.
    """
    final = results.final()
    parts = [f"On {name}: {_chain(final[final.dataset == name])}"
             for name in dict.fromkeys(final.dataset)]
    lead = ("The order, from the largest mean down, where > marks a difference to the next rule "
            "whose interval, paired by seed, is above zero and ≈ one that cannot be told from it")
    return f"{lead}. {'. '.join(parts)}. {runs(results)}" if parts else "No data are here."


def _chain(rows: pd.DataFrame) -> str:
    rank = ranked(rows)
    kept = rank[rank.n > 0]
    text = kept.variant.iloc[0] if len(kept) else "no rule has an accuracy"
    for ahead, behind in zip(kept.variant[:-1], kept.variant[1:]):
        gap = paired(rows, "variant", ahead, behind)
        sign = ">" if gap.above else "=" if gap.within(1e-9) else "≈"
        text += f" {sign} {behind} ({gap.words()})"
    lost = rank[rank.n == 0].variant
    return text + (f"; all seeds of {joined(lost)} diverged" if len(lost) else "")
