"""The steps of `attar.exact.mixing_run`: each is a line or a few of the loop over the bits."""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from attar.exact.mixing_model import BUCKET, K1, K2, MASK, MATCH_LOOK
from attar.kernel import kernel


@kernel(nogil=True, inline="always")
@no_type_check
def hashed(a, b):
    """32 bits of two numbers."""
    h = (((a * K1) & MASK) + ((b * K2) & MASK)) & MASK
    return h ^ (h >> 15)


@kernel(nogil=True, inline="always")
@no_type_check
def bucket(slots, context, bits, h):
    """Where the first node of a bucket lies, which is emptied if it was another's."""
    check = h & 255
    i = h >> (32 - bits)
    base = (context * BUCKET) << bits
    here, there = base + (i << 4), base + ((i ^ 1) << 4)
    found = here
    if slots[here] != check or slots[here + 1] == 0:
        if slots[there] == check and slots[there + 1] != 0:
            found = there
        else:
            if slots[there + 1] < slots[here + 1]:
                found = there
            for j in range(1, BUCKET):
                slots[found + j] = 0
            slots[found] = check
    return found + 1


@kernel(nogil=True, inline="always")
@no_type_check
def chance(maps, i):
    """A probability in 12 bits."""
    return np.int64(maps[i]) >> 20


@kernel(nogil=True, inline="always")
@no_type_check
def learn(maps, i, bit, rate, most):
    """Move a probability towards a bit that came, the less the more it has seen."""
    v = np.int64(maps[i])
    n = v & 1023
    p = v >> 10
    p += (((bit << 22) - bit - p) * rate[n]) >> 16
    maps[i] = (p << 10) | min(n + 1, most)


@kernel(nogil=True, inline="always")
@no_type_check
def clip(x):
    """Within the range of `squash`."""
    return min(max(x, -2047), 2047)


@kernel(nogil=True, inline="always")
@no_type_check
def common(text, a, b):
    """How many bytes that end before `a` and before `b` are the same, up to a bound."""
    n = 0
    while n < MATCH_LOOK and n < a and text[a - 1 - n] == text[b - 1 - n]:
        n += 1
    return n


@kernel(nogil=True, inline="always")
@no_type_check
def contexts(hashes, last4, before4, word, word1, word2):
    """What the next byte may depend on, by `CONTEXTS`."""
    hashes[0] = hashed((last4 & 0xFF) + 1, 1)
    hashes[1] = hashed((last4 & 0xFFFF) + 1, 2)
    hashes[2] = hashed((last4 & 0xFFFFFF) + 1, 3)
    hashes[3] = hashed(last4, 4)
    hashes[4] = hashed(last4, (before4 & 0xFFFF) + 5)
    hashes[5] = hashed(word, (last4 & 0xFF) + 0x20000)
    hashes[6] = hashed(word, word1 ^ 0x5A5A5A5A)
    hashes[7] = hashed(word, word2 ^ 0x3A5A5A5A)
