"""The archive tier: blocks predicted by a mixture of contexts that has read the primer.

About a quarter smaller than the standard tier, for packs that are read seldom: the primer takes a
second a megabyte to open, once for each file, and every block of 16 KiB then about 15 ms.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError
from attar.exact import mixing
from attar.exact.coder import Starts

# Buckets for each context, as powers of two: more gain nothing with a primer of 1 MiB.
_LEAST_BITS, _MOST_BITS = 10, 17
_LEAST_PRIMER = 1 << 16
MAX_PRIMER = 1 << 21


@dataclass(frozen=True, slots=True)
class Archive:
    """Context mixing; see `attar.exact.mixing`."""

    name: str = "archive"
    version: int = 4

    def primer_size(self, total: int, most: int) -> int:
        """Half of the text, because whoever reads any of it waits for the primer."""
        return min(most, max(total // 2, _LEAST_PRIMER))

    def encoder(self, primer: bytes, starts: Starts, *, largest: int, total: int) -> ArchiveEncoder:
        """See `attar.exact.coder.Coder`."""
        model = mixing.fresh(bits(len(primer)))
        text = _room(primer)
        coded = mixing.encode(model, text, 0, len(text), starts)
        return ArchiveEncoder(coded, _Primed(model, text))

    def decoder(self, coded: bytes, size: int, starts: Starts) -> ArchiveDecoder:
        """See `attar.exact.coder.Coder`."""
        if size > MAX_PRIMER:
            raise DamagedPackError("its primer is impossibly long")
        model = mixing.fresh(bits(size))
        if len(coded) == size:
            text = _room(coded)
            mixing.encode(model, text, 0, size, starts)
        else:
            text = np.zeros(size, dtype=np.uint8)
            mixing.decode(model, text, 0, size, starts, coded)
        return ArchiveDecoder(text.tobytes(), _Primed(model, text))


def bits(primer: int) -> int:
    """Buckets for each context, as a power of two, of a model that reads so large a primer."""
    return min(max(max(primer - 1, 0).bit_length() - 2, _LEAST_BITS), _MOST_BITS)


@dataclass(slots=True)
class _Primed:
    """A model that has read the primer, and a copy of it to read one block more."""

    model: mixing.Model
    text: NDArray[np.uint8]
    lock: threading.Lock = field(default_factory=threading.Lock)
    scratch: mixing.Model | None = None

    def copy(self) -> mixing.Model:
        """The model, to be used up while the lock is held."""
        if self.scratch is None:
            self.scratch = mixing.fresh(bits(len(self.text)))
        self.model.copy_to(self.scratch)
        return self.scratch


@dataclass(frozen=True, slots=True)
class ArchiveEncoder:
    """Codes each block as if it followed the primer."""

    primer: bytes
    primed: _Primed

    def encode(self, data: bytes, starts: Starts) -> bytes:
        """See `attar.exact.coder.Encoder`."""
        begin = len(self.primed.text)
        text = np.concatenate([self.primed.text, _room(data)])
        with self.primed.lock:
            return mixing.encode(self.primed.copy(), text, begin, len(text), starts)


@dataclass(frozen=True, slots=True)
class ArchiveDecoder:
    """Opens each block as if it followed the primer."""

    primer: bytes
    primed: _Primed

    def decode(self, coded: bytes, size: int, starts: Starts) -> bytes:
        """See `attar.exact.coder.Decoder`."""
        begin = len(self.primed.text)
        text = np.concatenate([self.primed.text, np.zeros(size, dtype=np.uint8)])
        with self.primed.lock:
            mixing.decode(self.primed.copy(), text, begin, len(text), starts, coded)
        return text[begin:].tobytes()


def _room(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, dtype=np.uint8).copy()
