"""The paper's verified numbers and claims, and the verdicts on them.

    paper.score()            every fact of `paper_numbers.yml` beside our records, with its verdict
    paper.headline("fig3")   the same for one figure, in a line
"""

from topdown.paper._evidence import Evidence, Sizes
from topdown.paper._facts import Fact, Paper, paper
from topdown.paper._references import NotThere, references
from topdown.paper._report import (
    headline,
    in_a_line,
    in_words,
    known_curve,
    known_value,
    table,
    to_counts,
    to_json,
    to_text,
    unknown_cells,
)
from topdown.paper._scoring import VERDICTS, Comparison, Score, score, score_fact
from topdown.paper._statistics import Estimate, difference_from

__all__ = [
    "Comparison", "Estimate", "Evidence", "Fact", "NotThere", "Paper", "Score", "Sizes", "VERDICTS",
    "difference_from", "headline", "in_a_line", "in_words", "known_curve", "known_value", "paper",
    "references", "score", "score_fact", "table", "to_counts", "to_json", "to_text",
    "unknown_cells",
]
