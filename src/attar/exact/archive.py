"""The archive tier: blocks predicted by a mixture of contexts that has read the primer.

About a fifth smaller than the standard tier, for packs that are read seldom: the primer takes a
tenth to a quarter of a second to open, the larger the text, once for each file, and every block of
32 KiB then about 15 ms.
"""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass, field

import numpy as np

from attar.errors import DamagedPackError
from attar.exact import mixing
from attar.exact.alphabet import Alphabet
from attar.exact.coder import Bytes, Starts
from attar.exact.mixing_aside import Aside
from attar.exact.mixing_model import fresh

# Buckets for each context, as powers of two: two for each byte of the primer, up to 32 MiB for all.
_LEAST_BITS, _MOST_BITS = 10, 18
MAX_PRIMER = 1 << 21
# Whoever reads any of a text waits for the primer: the larger the text, the longer it may take.
_LEAST_PRIMER, _MOST_PRIMER, _SHARE = 256 * 1024, 768 * 1024, 16
# A dictionary of words is learned from so much of the text, at the least.
_LEAST_TEXT = 1 << 16
_PIECE = 1 << 16
MAX_ALPHABET = 1 << 20
_LENGTHS = struct.Struct("<II")  # of the alphabet: as it is, and coded


@dataclass(frozen=True, slots=True)
class Archive:
    """Words, and then context mixing; see `attar.exact.alphabet` and `attar.exact.mixing`."""

    name: str = "archive"
    version: int = 5
    plain: int = 5
    block: int = 32 * 1024
    keep: int = 256
    quick: bool = False
    told: bool = True

    def primer_size(self, total: int, most: int) -> int:
        """A 16th, within bounds: each doubling takes 2 to 4% of what is coded."""
        return min(most, max(_LEAST_PRIMER, min(total // _SHARE, _MOST_PRIMER)))

    def encoder(
        self, primer: bytes, starts: Starts, text: Bytes, *, largest: int
    ) -> ArchiveEncoder:
        """See `attar.exact.coder.Coder`."""
        known = Alphabet.plain()
        if len(text) >= _LEAST_TEXT:
            known = Alphabet.of(text[i : i + _PIECE].tobytes() for i in range(0, len(text), _PIECE))
        head = known.encode() if known.words else b""
        if len(head) > MAX_ALPHABET:
            known, head = Alphabet.plain(), b""
        model = fresh(bits(len(primer)))
        spelled = _spelled(known, primer, starts)
        coded = mixing.encode(model, spelled, 0, len(primer), starts, known.sizes)
        short = _plainly(head)
        stored = _LENGTHS.pack(len(head), len(short)) + short + (coded or primer)
        return ArchiveEncoder(stored, _Primed(known, Aside(model), spelled))

    def decoder(self, coded: bytes, size: int, starts: Starts) -> ArchiveDecoder:
        """See `attar.exact.coder.Coder`."""
        if size > MAX_PRIMER:
            raise DamagedPackError("its primer is impossibly long")
        if len(coded) < _LENGTHS.size:
            raise DamagedPackError("its primer is cut short")
        long, short = _LENGTHS.unpack_from(coded)
        if long > MAX_ALPHABET or short > min(long, len(coded) - _LENGTHS.size):
            raise DamagedPackError("its alphabet has an impossible length")
        head, body = coded[_LENGTHS.size :][:short], coded[_LENGTHS.size + short :]
        known = Alphabet.decode(_read_plainly(head, long)) if long else Alphabet.plain()
        model = fresh(bits(size))
        if len(body) == size:
            spelled = _spelled(known, body, starts)
            mixing.encode(model, spelled, 0, size, starts, known.sizes)
            return ArchiveDecoder(body, _Primed(known, Aside(model), spelled))
        spelled = np.zeros(size, dtype=np.uint8)
        end = mixing.decode(model, spelled, 0, size, starts, known.sizes, body)
        spelled = spelled[:end].copy()
        primed = _Primed(known, Aside(model), spelled)
        return ArchiveDecoder(known.read(spelled.tobytes()), primed)


def bits(primer: int) -> int:
    """Buckets for each context, as a power of two, of a model that reads so large a primer."""
    return min(max(max(primer - 1, 0).bit_length() - 1, _LEAST_BITS), _MOST_BITS)


def _plainly(data: bytes) -> bytes:
    """Bytes coded by a model that knows nothing, or as they are."""
    text = np.frombuffer(data, dtype=np.uint8).copy()
    none, plain = np.zeros(0, dtype=np.int64), Alphabet.plain().sizes
    return mixing.encode(fresh(bits(len(data))), text, 0, len(data), none, plain) or data


def _read_plainly(coded: bytes, size: int) -> bytes:
    if len(coded) == size:
        return coded
    text = np.zeros(size, dtype=np.uint8)
    none, plain = np.zeros(0, dtype=np.int64), Alphabet.plain().sizes
    mixing.decode(fresh(bits(size)), text, 0, size, none, plain, coded)
    return text.tobytes()


@dataclass(frozen=True, slots=True)
class _Primed:
    """A model that has read the primer, and reads one block more, and forgets it, again and again.

    One block at a time: whoever uses the model holds the lock.
    """

    known: Alphabet
    model: Aside
    text: Bytes
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class ArchiveEncoder:
    """Codes each block as if it followed the primer."""

    primer: bytes
    primed: _Primed

    def encode(self, data: bytes, starts: Starts) -> bytes:
        """See `attar.exact.coder.Encoder`."""
        known, before = self.primed.known, self.primed.text
        text = np.concatenate([before, _spelled(known, data, starts)])
        begin = len(before)
        with self.primed.lock, self.primed.model.reading(len(text) - begin) as (model, journal):
            coded = mixing.encode(model, text, begin, len(data), starts, known.sizes, journal)
        return coded or data


@dataclass(frozen=True, slots=True)
class ArchiveDecoder:
    """Opens each block as if it followed the primer."""

    primer: bytes
    primed: _Primed

    @property
    def held(self) -> int:
        """See `attar.exact.coder.Decoder`."""
        return len(self.primer) + self.primed.text.nbytes + self.primed.model.nbytes

    def known(self, begin: int, end: int) -> bytes:
        """See `attar.exact.coder.Decoder`."""
        return self.primer[begin:end]

    def decode(self, coded: bytes, size: int, starts: Starts) -> bytes:
        """See `attar.exact.coder.Decoder`."""
        known, before = self.primed.known, self.primed.text
        text = np.concatenate([before, np.zeros(size, dtype=np.uint8)])
        begin = len(before)
        with self.primed.lock, self.primed.model.reading(size) as (model, journal):
            end = mixing.decode(model, text, begin, size, starts, known.sizes, coded, journal)
        opened = known.read(text[begin:end].tobytes())
        if len(opened) != size:
            raise DamagedPackError("a block has not the length that was promised")
        return opened


def _spelled(known: Alphabet, data: bytes, starts: Starts) -> Bytes:
    """Bytes as a model reads them: no word goes over the beginning of a text."""
    raw = np.frombuffer(data, dtype=np.uint8)
    characters = np.flatnonzero(raw & 0xC0 != 0x80)
    within = starts >> 8
    cuts = characters[within[within < len(characters)]].tolist() if known.words else []
    return np.frombuffer(known.spell(data, cuts), dtype=np.uint8).copy()
