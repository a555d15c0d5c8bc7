"""Which fitted codec the vectors of a new segment are coded with."""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.codec import Fitted, parse
from attar.pack.disk import sync_folder
from attar.pack.manifest import CodecEntry, FileEntry
from attar.pack.snapshot import Snapshot

# A codec fitted to so many vectors knows them; one fitted to fewer is fitted anew when a
# segment of several times as many comes.
_ENOUGH = 8_192
_GROWTH = 4
_FEW = 64
# More than so many take longer and teach nothing: an error of 0.2684 with 8,192, 16,384 and 32,768.
_MOST = 16_384


@dataclass
class Codecs:
    """The codecs of a pack, and those that are fitted while it grows.

    Args:
        snapshot: the pack.
        fresh: codecs that are not in its manifest yet, by file name.
    """

    snapshot: Snapshot
    fresh: dict[str, CodecEntry] = field(default_factory=dict)

    def settled(self, vectors: float = inf) -> str | None:
        """Name of the codec for so many vectors, or any, if it need not be fitted to them."""
        known = {**self.snapshot.manifest.codecs, **self.fresh}
        if not known:
            return None
        name, entry = list(known.items())[-1]
        return name if entry.rows >= _ENOUGH or vectors < _GROWTH * entry.rows else None

    def for_vectors(self, vectors: NDArray[np.float32]) -> tuple[str, Fitted]:
        """The pack's newest codec, or one fitted to these vectors if it has seen too few."""
        name = self.settled(len(vectors))
        return (name, self.load(name)) if name is not None else self._fit(vectors)

    def load(self, name: str) -> Fitted:
        """A codec by name."""
        return Fitted.load(self.path(name)) if name in self.fresh else self.snapshot.codec(name)

    def path(self, name: str) -> Path:
        """Where a codec's file lies."""
        return self.snapshot.folder / name

    def _fit(self, vectors: NDArray[np.float32]) -> tuple[str, Fitted]:
        folder = self.snapshot.folder
        sample = _sample(vectors, self.snapshot.dim)
        fitted = parse(self.snapshot.manifest.vectors).fit(sample)
        temporary = folder / ".codec.new"
        fitted.save(temporary)
        data = temporary.read_bytes()
        name = f"codec-{hashlib.blake2b(data, digest_size=16).hexdigest()}.safetensors"
        os.replace(temporary, folder / name)
        sync_folder(folder)
        if name not in self.snapshot.manifest.codecs:
            self.fresh[name] = CodecEntry(
                FileEntry(len(data), zlib.crc32(data)), min(len(vectors), _MOST)
            )
        return name, fitted


def _sample(vectors: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """What a codec is fitted to.

    Of many vectors, some from everywhere. A handful says nothing about those to come: a codec that
    gives its bits to where vectors vary would give none at all after one vector. Directions at
    random stand in for them.
    """
    if len(vectors) > _MOST:
        return vectors[np.linspace(0, len(vectors) - 1, _MOST).astype(np.int64)]
    missing = max(0, _FEW - len(vectors))
    noise = np.random.default_rng(0).standard_normal((missing, dim)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return np.concatenate([vectors, noise])
