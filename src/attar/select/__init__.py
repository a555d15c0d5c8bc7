"""Which units are kept: scores and costs in, kept numbers out."""

from attar.select.fill import greedy_fill
from attar.select.mmr import mmr
from attar.select.novelty import novelty

__all__ = ["greedy_fill", "mmr", "novelty"]
