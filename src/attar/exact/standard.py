"""The standard tier: zstd frames that refer back to a primer. A block opens in 0.03 ms."""

from __future__ import annotations

from dataclasses import dataclass

import zstandard

from attar.exact import zstd
from attar.exact.coder import Bytes, Starts

# Level 19 gains 0.1% over 17 at half the speed, and 17 gains 1.4% over 15 at a third of it
# (3 against 10 MB/s on one core): where a corpus takes seconds, the bytes are worth them. Level 14
# is as small as 15 to 0.002% and a little faster. A primer is a twentieth of a large text: level 17
# adds 0.05% to the whole, and takes 4 ms a megabyte less.
LEVEL, FASTER_LEVEL, LARGE = 17, 14, 8 << 20
PRIMER_LEVEL, FASTER_PRIMER_LEVEL = 19, 17


@dataclass(frozen=True, slots=True)
class Standard:
    """zstd; where texts begin makes no difference to it."""

    name: str = "standard"
    version: int = 3
    plain: int = 1
    block: int = 16 * 1024
    keep: int = 32
    quick: bool = True
    told: bool = False

    def primer_size(self, total: int, most: int) -> int:
        """As much as there may be: opening it takes 2 ms a megabyte."""
        return most

    def encoder(
        self, primer: bytes, starts: Starts, text: Bytes, *, largest: int
    ) -> StandardEncoder:
        """See `attar.exact.coder.Coder`."""
        large = len(text) > LARGE
        level, primer_level = (
            (FASTER_LEVEL, FASTER_PRIMER_LEVEL) if large else (LEVEL, PRIMER_LEVEL)
        )
        known = zstd.primer(primer) if primer else None
        return StandardEncoder(
            _smaller(primer, zstd.compress(primer, primer_level)),
            zstd.compressor(level, largest, known),
        )

    def decoder(self, coded: bytes, size: int, starts: Starts) -> StandardDecoder:
        """See `attar.exact.coder.Coder`."""
        primer = coded if len(coded) == size else zstd.decompress(coded, size)
        return StandardDecoder(zstd.primer(primer) if primer else None)


@dataclass(frozen=True, slots=True)
class StandardEncoder:
    """Writes frames."""

    primer: bytes
    compressor: zstandard.ZstdCompressor

    def encode(self, data: bytes, starts: Starts) -> bytes:
        """See `attar.exact.coder.Encoder`."""
        return _smaller(data, self.compressor.compress(data))


@dataclass(frozen=True, slots=True)
class StandardDecoder:
    """Opens frames."""

    dictionary: zstandard.ZstdCompressionDict | None

    @property
    def held(self) -> int:
        """See `attar.exact.coder.Decoder`."""
        return 0 if self.dictionary is None else len(self.dictionary)

    def known(self, begin: int, end: int) -> bytes:
        """See `attar.exact.coder.Decoder`."""
        # A copy of all: up to 60 microseconds, and half of the memory that holding both takes.
        return b"" if self.dictionary is None else self.dictionary.as_bytes()[begin:end]

    def decode(self, coded: bytes, size: int, starts: Starts) -> bytes:
        """See `attar.exact.coder.Decoder`."""
        return zstd.decompress(coded, size, self.dictionary)


def _smaller(raw: bytes, compressed: bytes) -> bytes:
    return compressed if len(compressed) < len(raw) else raw
