"""A stage's own scores beside those of the stages before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context
from attar.context.rank import standardised


def blended(context: Context, told: NDArray[np.floating], weight: float) -> Context:
    """The standardised scores so far plus `weight` times the standardised new ones.

    Where nothing was scored before, the new scores alone decide.

    Args:
        context: its scores so far; what is ruled out stays so.
        told: (n,) new scores of the units.
        weight: 0 changes no order.
    """
    before = context.scores.copy()
    ruled = ~np.isfinite(before)
    before[~ruled] = standardised(before[~ruled])
    before[ruled] = 0.0
    return context.scored(before + weight * standardised(np.asarray(told, np.float64)))
