"""The paper's verified numbers and claims, and the verdicts on them.

    paper.score()            every fact of `store/numbers.yml` beside our records, with its verdict
    paper.in_a_line(scores)  what they say, in a line
"""

from topdown_book.claims._evidence import Evidence, Sizes
from topdown_book.claims._outlook import Needs, count, count_in_words, needs, outlook
from topdown_book.claims._references import NotThere, references
from topdown_book.claims._report import (
    in_a_line,
    in_a_sentence,
    in_words,
    table,
    to_json,
    to_text,
    unknown_cells,
)
from topdown_book.claims._scoring import (
    KINDS,
    VERDICTS,
    Comparison,
    Score,
    score,
    score_fact,
    verdict_of,
)
from topdown_book.claims._statistics import Estimate, difference_from
from topdown_book.store.facts import Fact, Paper, paper

__all__ = [
    "KINDS", "VERDICTS", "Comparison", "Estimate", "Evidence", "Fact", "Needs", "NotThere", "Paper",
    "Score", "Sizes", "count", "count_in_words", "difference_from", "in_a_line",
    "in_a_sentence", "in_words", "needs", "outlook", "paper", "references", "score",
    "score_fact", "table", "to_json", "to_text", "unknown_cells", "verdict_of",
]
