"""The steps of `attar.exact.mixing_run`: each is a line or a few of the loop over the bits.

Indices are unsigned where it matters: numba asks of every signed one whether it is negative.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from attar.exact.mixing_model import BUCKET, K1, K2, MASK, MATCH_LOOK, STEPS
from attar.kernel import kernel

index = np.uint64


@kernel(nogil=True, inline="always")
@no_type_check
def hashed(a, b):
    """32 bits of two numbers."""
    h = (((a * K1) & MASK) + ((b * K2) & MASK)) & MASK
    return h ^ (h >> 15)


@kernel(nogil=True, inline="always")
@no_type_check
def line_of(context, bits, h):
    """Where the four buckets lie of which a hash may have one."""
    return ((context * BUCKET) << bits) + ((h >> (34 - bits)) << 6)


@kernel(nogil=True, inline="always")
@no_type_check
def holds(slots, bucket, check):
    """Whether a bucket is in use, for this check."""
    return np.int64(slots[index(bucket)]) == check and slots[index(bucket + 1)] != 0


@kernel(nogil=True, inline="always")
@no_type_check
def rarer(slots, one, other):
    """The one of two buckets that has seen less, the first if they are equal."""
    return other if slots[index(other + 1)] < slots[index(one + 1)] else one


@kernel(nogil=True, inline="always")
@no_type_check
def node_of(slots, words, line, h, journal):
    """Where the first node of a hash's bucket lies, which is emptied if it was another's."""
    check = h & 255
    here = line + ((h >> 8 & 3) << 4)
    there, beyond = here ^ 16, here ^ 32
    found = here
    mine = True
    if not holds(slots, here, check):
        if holds(slots, there, check):
            found = there
        elif holds(slots, beyond, check):
            found = beyond
        else:
            found = rarer(slots, rarer(slots, here, there), beyond)
            mine = False
    word = index(found >> 3)
    uses, place, held = journal
    if len(place) > 0:
        n = index(uses[0])
        place[n] = word
        held[n, 0] = words[word]
        held[n, 1] = words[word + index(1)]
        uses[0] += 1
    if not mine:
        words[word] = words[word + index(1)] = 0
        slots[index(found)] = check
    return found + 1


@kernel(nogil=True, inline="always")
@no_type_check
def chance(maps, i):
    """A probability in 12 bits."""
    return np.int64(maps[index(i)]) >> 20


@kernel(nogil=True, inline="always")
@no_type_check
def learn(maps, i, bit, rate, most):
    """Move a probability towards a bit that came, the less the more it has seen."""
    v = np.int64(maps[index(i)])
    n = v & 1023
    p = v >> 10
    p += (((bit << 22) - bit - p) * rate[index(n)]) >> 16
    maps[index(i)] = (p << 10) | min(n + 1, most)


@kernel(nogil=True, inline="always")
@no_type_check
def clip(x):
    """Within the range of `squash`."""
    return min(max(x, -2047), 2047)


@kernel(nogil=True, inline="always")
@no_type_check
def bounded(x, most):
    """Within -most and most."""
    return min(max(x, -most), most)


@kernel(nogil=True, inline="always")
@no_type_check
def between(curves, i, part):
    """A curve between two supports, `part` of 128 behind the first."""
    a, b = np.int64(curves[index(i)]), np.int64(curves[index(i + 1)])
    return (a * (128 - part) + b * part) >> 7


@kernel(nogil=True, inline="always")
@no_type_check
def spot_of(total):
    """Where a prediction lies on a curve, in 128ths of what is between two supports."""
    return ((total + 2048) * (STEPS - 1)) >> 5


@kernel(nogil=True, inline="always")
@no_type_check
def bend(curves, i, y):
    """Move a support towards a bit that came."""
    v = np.int64(curves[index(i)])
    curves[index(i)] = v + (((y << 16) - y - v) >> 6)


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
def contexts(hashes, last4, word, word1, word2):
    """What the next byte may depend on, by `CONTEXTS`."""
    hashes[0] = hashed((last4 & 0xFF) + 1, 1)
    hashes[1] = hashed((last4 & 0xFFFF) + 1, 2)
    hashes[2] = hashed((last4 & 0xFFFFFF) + 1, 3)
    hashes[3] = hashed(last4, 4)
    hashes[4] = hashed(last4 & 0xFFFF00, 0x40000)
    hashes[5] = hashed(word, (last4 & 0xFF) + 0x20000)
    hashes[6] = hashed(word, word1 ^ 0x5A5A5A5A)
    hashes[7] = hashed(word, word2 ^ 0x3A5A5A5A)
