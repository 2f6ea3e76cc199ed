"""What the pages on the theory compute: settings in, numbers out; no training run, no drawing."""

from topdown.errors import UsageError, unknown
from topdown_book.studies._base import Study
from topdown_book.studies.deep_linear import DEEP_LINEAR
from topdown_book.studies.exact_rule import EXACT_RULE, EXACT_RULE_MAPS
from topdown_book.studies.explorer import EXPLORER
from topdown_book.studies.theory_vs_simulation import THEORY_VS_SIMULATION
from topdown_book.studies.two_layers import TWO_LAYERS
from topdown_book.studies.which_feedback import WHICH_FEEDBACK

__all__ = ["STUDIES", "Study", "get_study"]

STUDIES = {study.name: study for study in (
    TWO_LAYERS, THEORY_VS_SIMULATION, EXACT_RULE, EXACT_RULE_MAPS, WHICH_FEEDBACK,
    DEEP_LINEAR, EXPLORER)}


def get_study(name: str) -> Study:
    """The study of that name; UsageError with the nearest known name otherwise."""
    if name not in STUDIES:
        raise UsageError(unknown("study", name, STUDIES))
    return STUDIES[name]
