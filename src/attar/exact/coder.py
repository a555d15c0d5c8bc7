"""What codes the blocks of a text file: the part in which the tiers differ."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Starts = NDArray[np.int64]
"""Where texts begin within some bytes, ascending: 256 times the number of characters before, plus
1 + the field that begins."""

NOT_TOLD: Starts = np.zeros(0, np.int64)
"""What coders get to which the beginnings of texts make no difference."""

Bytes = NDArray[np.uint8]


class Encoder(Protocol):
    """Codes blocks that may refer back to a primer."""

    @property
    def primer(self) -> bytes:
        """The primer, coded."""
        ...

    def encode(self, data: bytes, starts: Starts) -> bytes:
        """Code one block: fewer bytes than it has, or the block itself."""
        ...


class Decoder(Protocol):
    """Opens blocks that refer back to a primer. Safe to share between threads."""

    @property
    def held(self) -> int:
        """Bytes of memory that the primer takes."""
        ...

    def known(self, begin: int, end: int) -> bytes:
        """A part of the primer."""
        ...

    def decode(self, coded: bytes, size: int, starts: Starts) -> bytes:
        """Open a block of `size` bytes that was coded in fewer.

        Raises:
            DamagedPackError: if it is seen that this is no such block. It need not be seen: a
                checksum of the block is for the caller to compare.
        """
        ...


class Coder(Protocol):
    """A tier."""

    @property
    def name(self) -> str:
        """What users call it."""
        ...

    @property
    def version(self) -> int:
        """What the header of a file says that it was coded by."""
        ...

    @property
    def plain(self) -> int:
        """The same of a file whose index has none of the tables that may be absent."""
        ...

    @property
    def block(self) -> int:
        """Bytes that are compressed together, unless somebody asks for another number."""
        ...

    @property
    def quick(self) -> bool:
        """Whether a primer opens in milliseconds, so that it need not be kept open."""
        ...

    @property
    def told(self) -> bool:
        """Whether it makes a difference to it where texts begin."""
        ...

    @property
    def keep(self) -> int:
        """Blocks that a reader should hold when they are open: the costlier, the more."""
        ...

    def primer_size(self, total: int, most: int) -> int:
        """Bytes that the primer of a text of `total` bytes should have, at most `most`."""
        ...

    def encoder(self, primer: bytes, starts: Starts, text: Bytes, *, largest: int) -> Encoder:
        """Code a primer, and be ready for the blocks.

        Args:
            primer: bytes.
            starts: within the primer.
            text: all blocks.
            largest: bytes of the largest block.
        """
        ...

    def decoder(self, coded: bytes, size: int, starts: Starts) -> Decoder:
        """Open a primer of `size` bytes, and be ready for the blocks.

        Raises:
            DamagedPackError: if it is seen that this is no such primer.
        """
        ...
