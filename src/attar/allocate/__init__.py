"""One budget shared between parts: each offers a few levels, and one level is picked for each.

Pure functions of arrays, so that the dimensions of a codec, the layers of a model, the heads of a
cache and the passages of a prompt are all served by the same ones.
"""

from attar.allocate.greedy import greedy
from attar.allocate.knapsack import knapsack
from attar.allocate.levels import uniform
from attar.allocate.rates import water_filling

__all__ = ["greedy", "knapsack", "uniform", "water_filling"]
