"""Which units are kept: scores and costs in, kept numbers out."""

from attar.select.elbow import elbow
from attar.select.fill import greedy_fill
from attar.select.mig import coarse_to_fine, information_gain
from attar.select.mmr import mmr
from attar.select.novelty import novelty
from attar.select.repeats import near_duplicates

__all__ = [
    "coarse_to_fine",
    "elbow",
    "greedy_fill",
    "information_gain",
    "mmr",
    "near_duplicates",
    "novelty",
]
