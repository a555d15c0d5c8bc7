"""Which units are kept: scores and costs in, kept numbers out."""

from attar.select.fill import greedy_fill
from attar.select.mmr import mmr

__all__ = ["greedy_fill", "mmr"]
