"""An embedder that keeps on disk what it has embedded, so that a benchmark can be run again.

Vectors do not depend on what is measured; the seconds of embedding are never reported from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attar.measure.pack import Remember
from attar.models import Embedder
from attar.progress import Progress, silent
from benchmarks.common import cache


class CachedEmbedder(Remember):
    """The same vectors as the embedder inside, read from a file where they were made before.

    Args:
        inner: the embedder that does the work.
        name: of the file; texts of one collection share one.
    """

    def __init__(self, inner: Embedder, name: str) -> None:
        super().__init__(inner)
        self._path = cache("embeddings", f"{name}-{inner.digest[:16]}.npz")
        self._known: dict[str, NDArray[np.float32]] = {}
        if self._path.exists():
            with np.load(self._path, allow_pickle=False) as saved:
                self._known = dict(zip(saved["keys"].tolist(), saved["vectors"], strict=True))

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        keys = [hashlib.sha256(t.encode("utf-8", "surrogatepass")).hexdigest() for t in texts]
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        if missing:
            made = self._inner.embed(list(missing.values()), progress=progress)
            self._known.update(zip(missing, made, strict=True))
            np.savez(
                self._path,
                keys=np.array(list(self._known)),
                vectors=np.stack(list(self._known.values())),
            )
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        return np.stack([self._known[k] for k in keys])
