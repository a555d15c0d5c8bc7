"""From which prompt length, and up to which reader, does squeezing save time?

"Prompt Compression in the Wild" times compression apart from reading and finds that it pays only in
a window: the prompt must be long and the reader slow. Both are counted here with the same linear
model: squeezing a prompt of n tokens takes `fixed + n * per_token` seconds and leaves `ratio * n`
tokens, and a reader takes 1 / speed seconds for each token of a prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

SPEEDS = (100, 1_000, 10_000, 100_000)
"""Tokens a second that a reader reads: a small model on a CPU core up to a hosted one on GPUs."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What squeezing costs in seconds, and what it gives back.

    Args:
        fixed: seconds for a prompt of any length.
        per_token: seconds for each token more.
        ratio: share of the tokens that remains.
    """

    fixed: float
    per_token: float
    ratio: float

    @classmethod
    def of(cls, tokens: Sequence[int], seconds: Sequence[float], ratio: float) -> BreakEven:
        """The line through what was timed, least squares; neither part of it is negative.

        Args:
            tokens: of the prompts that were squeezed; at least one.
            seconds: that it took.
            ratio: share of the tokens that remained.
        """
        n, t = np.asarray(tokens, np.float64), np.asarray(seconds, np.float64)
        spread = float(((n - n.mean()) ** 2).sum())
        slope = float(((n - n.mean()) * (t - t.mean())).sum()) / spread if spread else 0.0
        fixed = float(t.mean() - slope * n.mean())
        if slope <= 0:
            return cls(float(t.mean()), 0.0, ratio)
        if fixed < 0:
            return cls(0.0, float((n * t).sum() / (n * n).sum()), ratio)
        return cls(fixed, slope, ratio)

    @property
    def fastest_reader(self) -> float:
        """Tokens a second from which no prompt is long enough to save time."""
        saved = 1 - self.ratio
        if saved <= 0:
            return 0.0
        return saved / self.per_token if self.per_token > 0 else inf

    def shortest_prompt(self, speed: float) -> float:
        """Tokens from which squeezing saves time with a reader of `speed` tokens a second.

        Infinite where it never does.
        """
        gain = (1 - self.ratio) / speed - self.per_token
        return self.fixed / gain if gain > 0 else inf
