"""What a mixture of contexts learns, and how large its parts are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar.exact.mixing_tables import tables

# The last 1, 2, 3, 4 and 6 bytes; the word so far with the byte, the word, and the one but last
# before it.
CONTEXTS = 8
# Two of each context, two of the bits of this byte alone, two of the match, a constant, and three
# that are always 0: three vectors of eight are faster than two and a rest.
INPUTS = 24
BUCKET = 16  # bytes: a check, and the histories of the 15 nodes of half a byte

BYTE, MATCH, CONSTANT = 2 * CONTEXTS, 2 * CONTEXTS + 2, 2 * CONTEXTS + 4  # places of inputs
# Where the parts of `Model.maps` and `Model.weights` begin.
BYTE_MAP = 256 * CONTEXTS
MATCH_MAP = BYTE_MAP + 256
MAPS = MATCH_MAP + 64
BY_MATCH = 256
BY_KNOWN = BY_MATCH + 8 * 256
SETS = BY_KNOWN + 256
STEPS = 33  # supports of a curve of corrections
CURVES = 256 + 65536

MASK = 0xFFFFFFFF
K1, K2 = 0x2F0B4C47, 0x3D4D51CB  # odd, and below 2^31: products stay within int64
MATCH_LEAST, MATCH_BITS, MATCH_LOOK, MATCH_MOST = 6, 18, 32, 400
RATE, FINAL_RATE = 24, 10
WEIGHT_MOST = (1 << 18) - 1
STRONG = 6  # states above it have seen at least three bits


class Model(NamedTuple):
    """All that is learned. Copying the arrays copies the model.

    Args:
        slots: buckets of bit histories, of each context in turn.
        maps: 22 bits of probability over 10 of count, for every history of every context.
        weights: of the first mixers, (sets, inputs), with 16 bits behind the point.
        final: of the last mixers, (256, 3), likewise.
        curves: corrections of the final probability, 16 bits each.
        seen: where the last six bytes, hashed, were seen last.
    """

    slots: NDArray[np.uint8]
    maps: NDArray[np.uint32]
    weights: NDArray[np.int32]
    final: NDArray[np.int32]
    curves: NDArray[np.uint16]
    seen: NDArray[np.int32]

    def copy_to(self, other: Model) -> None:
        """Make `other`, of the same size, equal to this one."""
        for name in self._fields:
            np.copyto(getattr(other, name), getattr(self, name))


def fresh(bits: int) -> Model:
    """A model that has seen nothing, with 2^bits buckets for each context."""
    maps = np.full(MAPS, 1 << 31, dtype=np.uint32)
    maps[:BYTE_MAP] = np.tile(tables().first << np.uint32(10), CONTEXTS)
    straight = tables().squash[np.clip(np.arange(STEPS) * 128, 1, 4095)]
    return Model(
        np.zeros(CONTEXTS * BUCKET << bits, dtype=np.uint8),
        maps,
        np.full((SETS, INPUTS), (1 << 16) // CONTEXTS, dtype=np.int32),
        np.full((256, 3), (1 << 16) // 3, dtype=np.int32),
        np.tile(straight.astype(np.uint16), CURVES),
        np.zeros(1 << MATCH_BITS, dtype=np.int32),
    )
