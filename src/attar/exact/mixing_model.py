"""What a mixture of contexts learns, and how large its parts are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar.exact.mixing_tables import tables

# The last 1, 2, 3 and 4 bytes, and the two before the last; the word so far with the byte, the
# word, and the one but last before it.
CONTEXTS = 8
# Beyond the first so many, both halves of a byte are looked up in the same line.
APART = 3
# Two of each context, two of the bits of this byte alone, two of the match, a constant, and three
# that are always 0: whole vectors of eight.
INPUTS = 24
BUCKET = 16  # bytes: a check, and the histories of the 15 nodes of half a byte
LINE = 4 * BUCKET  # what a processor fetches at once

BYTE, MATCH, CONSTANT = 2 * CONTEXTS, 2 * CONTEXTS + 2, 2 * CONTEXTS + 4  # places of inputs
# Where the parts of `Model.maps` and `Model.weights` begin.
BYTE_MAP = 256 * CONTEXTS
MATCH_MAP = BYTE_MAP + 256
MAPS = MATCH_MAP + 64
BY_MATCH = 256
BY_KNOWN = BY_MATCH + 8 * 256
BY_PLACE = BY_KNOWN + 256
SETS = BY_PLACE + 256
MIXERS = 4
STEPS = 32  # supports of a curve of corrections: one line
CURVES = 256 + 65536

MASK = 0xFFFFFFFF
K1, K2 = 0x2F0B4C47, 0x3D4D51CB  # odd, and below 2^31: products stay within int64
MATCH_LEAST, MATCH_BITS, MATCH_LOOK, MATCH_MOST = 6, 18, 32, 400
# How fast weights follow: faster at the beginning, by one less every 512 bytes.
RATE, HASTE, CALMER, FINAL_RATE = 24, 80, 9, 10
WEIGHT_MOST = (1 << 18) - 1
STRONG = 6  # states above it have seen at least three bits


class Model(NamedTuple):
    """All that is learned. Copying the arrays copies the model.

    Args:
        slots: buckets of bit histories, of each context in turn.
        maps: 22 bits of probability over 10 of count, for every history of every context.
        weights: of the first mixers, (sets, inputs), with 16 bits behind the point.
        final: of the last mixers, (256, MIXERS), likewise.
        curves: corrections of the final probability, 16 bits each.
        seen: where the last six bytes, hashed, were seen last.
    """

    slots: NDArray[np.uint8]
    maps: NDArray[np.uint32]
    weights: NDArray[np.int32]
    final: NDArray[np.int32]
    curves: NDArray[np.uint16]
    seen: NDArray[np.int32]


def fresh(bits: int) -> Model:
    """A model that has seen nothing, with 2^bits buckets for each context, at least four."""
    maps = np.full(MAPS, 1 << 31, dtype=np.uint32)
    maps[:BYTE_MAP] = np.tile(tables().first << np.uint32(10), CONTEXTS)
    supports = np.clip(np.arange(STEPS) * 4096 // (STEPS - 1), 1, 4095)
    curves = _lines(CURVES * STEPS, np.uint16)
    curves.reshape(CURVES, STEPS)[:] = tables().squash[supports]
    return Model(
        _lines(CONTEXTS * BUCKET << bits, np.uint8),
        maps,
        np.full((SETS, INPUTS), (1 << 16) // CONTEXTS, dtype=np.int32),
        np.full((256, MIXERS), (1 << 16) // MIXERS, dtype=np.int32),
        curves,
        np.zeros(1 << MATCH_BITS, dtype=np.int32),
    )


def _lines(size: int, kind: type[Any]) -> NDArray[Any]:
    """Zeros that begin where a line of the processor's does."""
    each = np.dtype(kind).itemsize
    room = np.zeros(size + LINE // each, dtype=kind)
    skipped = -room.ctypes.data % LINE // each
    return room[skipped : skipped + size]
