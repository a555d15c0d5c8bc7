"""A mean, and how sure one can be of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.95
"""Of all intervals."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its interval (Student's t, 95%).

    Args:
        mean: of the values.
        low: lower end of the interval; the mean itself where there is one value.
        high: upper end.
    """

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: ArrayLike) -> Estimate:
        """The mean of at least one value."""
        from scipy import stats

        x = np.asarray(values, dtype=np.float64)
        mean = float(x.mean())
        if len(x) < 2:
            return cls(mean, mean, mean)
        half = float(stats.t.ppf((1 + LEVEL) / 2, len(x) - 1) * x.std(ddof=1) / len(x) ** 0.5)
        return cls(mean, mean - half, mean + half)

    @classmethod
    def of_difference(cls, values: ArrayLike, others: ArrayLike) -> Estimate:
        """The mean of paired differences: `others` are of the same questions, in the same order."""
        return cls.of(np.asarray(values, np.float64) - np.asarray(others, np.float64))

    @property
    def half(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2
