"""What the pages on the theory compute: settings in, numbers out; no training run, no drawing."""

from topdown.studies._base import Study, how
from topdown.studies.two_layers import TWO_LAYERS

__all__ = ["STUDIES", "Study", "how"]

STUDIES = {study.name: study for study in (TWO_LAYERS,)}
