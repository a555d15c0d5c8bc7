"""An embedder that embeds each text once: the same passages come again with every recipe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attar.measure.pack import Remember
from attar.progress import Progress, silent


class Recall(Remember):
    """Gives again what it gave before; never to be timed.

    Args:
        inner: the embedder that does the work.
    """

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        """Embed what is new."""
        new = sorted({text for text in texts if text not in self.vectors})
        if new:
            super().embed(new, progress=progress)
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        return np.stack([self.vectors[text] for text in texts])
