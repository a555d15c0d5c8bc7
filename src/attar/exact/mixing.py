"""Context mixing: each bit of a text is predicted by several contexts at once.

The family of models that M. Mahoney began with PAQ ("Adaptive Weighing of Context Models for
Lossless Data Compression", 2005): every context keeps a short history of the bits that followed
it, each history stands for a probability that is learned, and a small online network mixes
them in the logistic domain. An arithmetic coder turns the predictions into bytes.

All arithmetic is on whole numbers, so that every machine makes the same predictions; a single
different one would make all following text unreadable. docs/format-text-archive.md is the
specification, and tests/exact/plain_mixing.py the same model in plain Python.
"""

from __future__ import annotations

from typing import NamedTuple, no_type_check

import numpy as np
from numba import njit
from numpy.typing import NDArray

from attar.exact.mixing_tables import tables

# The last 1, 2, 3, 4, 6 and 8 bytes; the word so far, alone and with the two words before it.
CONTEXTS = 9
# Two of each context, two of the bits of this byte alone, two of the match, a constant, and one
# that is always 0: three vectors of eight are faster than two and a rest.
INPUTS = 24
BUCKET = 16  # bytes: a check, and the histories of the 15 nodes of half a byte

_BYTE, _MATCH, _CONSTANT = 2 * CONTEXTS, 2 * CONTEXTS + 2, 2 * CONTEXTS + 4  # places of inputs
# Where the parts of `Model.maps` and `Model.weights` begin.
_BYTE_MAP = 256 * CONTEXTS
_MATCH_MAP = _BYTE_MAP + 256
_MAPS = _MATCH_MAP + 64
_BY_MATCH = 256
_BY_KNOWN = _BY_MATCH + 8 * 256
_SETS = _BY_KNOWN + 256
_STEPS = 33  # supports of a curve of corrections
_CURVES = 256 + 65536

_MASK = 0xFFFFFFFF
_K1, _K2 = 0x2F0B4C47, 0x3D4D51CB  # odd, and below 2^31: products stay within int64
_MATCH_LEAST, _MATCH_BITS, _MATCH_LOOK, _MATCH_MOST = 6, 18, 32, 400
_RATE, _FINAL_RATE = 24, 10
_WEIGHT_MOST = (1 << 18) - 1
_STRONG = 6  # states above it have seen at least three bits


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
    maps = np.full(_MAPS, 1 << 31, dtype=np.uint32)
    maps[:_BYTE_MAP] = np.tile(tables().first << np.uint32(10), CONTEXTS)
    straight = tables().squash[np.clip(np.arange(_STEPS) * 128, 1, 4095)]
    return Model(
        np.zeros(CONTEXTS * BUCKET << bits, dtype=np.uint8),
        maps,
        np.full((_SETS, INPUTS), (1 << 16) // CONTEXTS, dtype=np.int32),
        np.full((256, 3), (1 << 16) // 3, dtype=np.int32),
        np.tile(straight.astype(np.uint16), _CURVES),
        np.zeros(1 << _MATCH_BITS, dtype=np.int32),
    )


def encode(
    model: Model, text: NDArray[np.uint8], begin: int, end: int, starts: NDArray[np.int64]
) -> bytes:
    """Code `text[begin:end]`, and let the model learn it.

    Args:
        model: has learned `text[:begin]`, or nothing.
        text: bytes.
        begin: first byte to code.
        end: one behind the last.
        starts: where texts begin: 256 times the number of characters (UTF-8) behind `begin`, plus
            a mark from 0 to 255 that says what begins there; ascending.

    Returns:
        Fewer bytes than were coded; if it would not be fewer, these bytes themselves.
    """
    coded = np.zeros(end - begin, dtype=np.uint8)
    inputs = np.zeros(INPUTS, dtype=np.int32)
    count = _run(False, text, begin, end, starts, coded, model, tables(), inputs)
    return coded[:count].tobytes() if count < len(coded) else text[begin:end].tobytes()


def decode(
    model: Model,
    text: NDArray[np.uint8],
    begin: int,
    end: int,
    starts: NDArray[np.int64],
    coded: bytes,
) -> None:
    """Fill `text[begin:end]` from what `encode` returned, and let the model learn it.

    Whatever the bytes are, it ends, and writes nowhere else; that they are right is for a
    checksum to say.
    """
    data = np.frombuffer(coded, dtype=np.uint8).copy()  # writable, as `encode` has it: one kernel
    inputs = np.zeros(INPUTS, dtype=np.int32)
    _run(True, text, begin, end, starts, data, model, tables(), inputs)


@njit(inline="always")
@no_type_check
def _hash(a, b):
    h = (((a * _K1) & _MASK) + ((b * _K2) & _MASK)) & _MASK
    return h ^ (h >> 15)


@njit(inline="always")
@no_type_check
def _bucket(slots, context, bits, h):
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


@njit(inline="always")
@no_type_check
def _chance(maps, i):
    """A probability in 12 bits."""
    return np.int64(maps[i]) >> 20


@njit(inline="always")
@no_type_check
def _learn(maps, i, bit, rate, most):
    v = np.int64(maps[i])
    n = v & 1023
    p = v >> 10
    p += (((bit << 22) - bit - p) * rate[n]) >> 16
    maps[i] = (p << 10) | min(n + 1, most)


@njit(inline="always")
@no_type_check
def _clip(x):
    return min(max(x, -2047), 2047)


@njit(inline="always")
@no_type_check
def _common(text, a, b):
    """How many bytes that end before `a` and before `b` are the same, up to a bound."""
    n = 0
    while n < _MATCH_LOOK and n < a and text[a - 1 - n] == text[b - 1 - n]:
        n += 1
    return n


@njit(inline="always")
@no_type_check
def _contexts(hashes, last4, before4, word, word1, word2):
    hashes[0] = _hash((last4 & 0xFF) + 1, 1)
    hashes[1] = _hash((last4 & 0xFFFF) + 1, 2)
    hashes[2] = _hash((last4 & 0xFFFFFF) + 1, 3)
    hashes[3] = _hash(last4, 4)
    hashes[4] = _hash(last4, (before4 & 0xFFFF) + 5)
    hashes[5] = _hash(last4, before4 + 6)
    hashes[6] = _hash(word, (last4 & 0xFF) + 0x20000)
    hashes[7] = _hash(word, word1 ^ 0x5A5A5A5A)
    hashes[8] = _hash(word, word2 ^ 0x3A5A5A5A)


@njit(cache=True, nogil=True)
@no_type_check
def _run(decoding, text, begin, end, starts, coded, model, fixed, x):
    """Code or decode; returns the coded bytes there would be, which may be more than fit."""
    slots, maps, weights, final, curves, seen = model
    squash, stretch, next_state, _, rate = fixed
    inputs = len(x)  # a constant would be unrolled, and then not be vectorised
    bits = 0
    while (CONTEXTS * BUCKET) << bits < len(slots):
        bits += 1

    low, high, window, place = 0, _MASK, 0, 0
    if decoding:
        while place < 4:
            window = window << 8 | (np.int64(coded[place]) if place < len(coded) else 0)
            place += 1

    hashes = np.zeros(CONTEXTS, dtype=np.int64)
    node = np.zeros(CONTEXTS, dtype=np.int64)
    state = np.zeros(CONTEXTS, dtype=np.int64)
    sets = np.zeros(3, dtype=np.int64)
    opinion = np.zeros(3, dtype=np.int64)
    guess = np.zeros(3, dtype=np.int64)

    last4, before4, word, word1, word2 = 0, 0, 0, 0, 0
    match, length = 0, 0
    characters, left, next_start = 0, 0, 0
    for at in range(begin, end):
        # A text that begins here knows nothing of the one before it, but what it is.
        while left == 0 and next_start < len(starts) and starts[next_start] >> 8 == characters:
            last4, before4, word, word1, word2 = starts[next_start] & 255, 0, 0, 0, 0
            length = 0
            next_start += 1

        _contexts(hashes, last4, before4, word, word1, word2)
        first = last4 & 0xFF
        expected = np.int64(text[match]) | 256 if length > 0 else 0
        sure = length if length < 16 else min(16 + ((length - 16) >> 2), 31)
        depth = 1 + (length >= 8) + (length >= 12) + (length >= 16)
        depth += (length >= 24) + (length >= 32) + (length >= 48)

        partial = 1  # the bits of this byte so far, behind a one
        for bit in range(8):
            if bit == 0:
                for i in range(CONTEXTS):
                    node[i] = _bucket(slots, i, bits, hashes[i])
            elif bit == 4:
                for i in range(CONTEXTS):
                    node[i] = _bucket(slots, i, bits, _hash(hashes[i], partial))

            # What each context expects
            level = bit & 3
            inside = (1 << level) + (partial & ((1 << level) - 1)) - 1
            known = strong = 0
            for i in range(CONTEXTS):
                s = np.int64(slots[node[i] + inside])
                state[i] = (i << 8) + s
                p = _chance(maps, state[i])
                x[2 * i] = stretch[p] if s > 0 else 0
                x[2 * i + 1] = (p - 2048) >> 1 if s > 0 else 0
                known += s > 0
                strong += s > _STRONG
            p = _chance(maps, _BYTE_MAP + partial)
            x[_BYTE] = stretch[p]
            x[_BYTE + 1] = (p - 2048) >> 1
            matched = -1
            x[_MATCH] = x[_MATCH + 1] = 0
            if expected > 0 and expected >> (8 - bit) == partial:
                matched = _MATCH_MAP + (sure << 1) + ((expected >> (7 - bit)) & 1)
                p = _chance(maps, matched)
                x[_MATCH] = stretch[p]
                x[_MATCH + 1] = (p - 2048) >> 1
            x[_CONSTANT] = 256

            # Three opinions by different weights, and one of them
            sets[0] = partial
            sets[1] = _BY_MATCH + (depth << 8 if matched >= 0 else 0) + first
            sets[2] = _BY_KNOWN + (known << 4) + strong
            total = 0
            for j in range(3):
                row = np.uint64(sets[j])
                dot = np.int32(0)
                for i in range(inputs):
                    dot = np.int32(dot + (np.int32(x[i] * weights[row, i]) >> np.int32(8)))
                opinion[j] = _clip(np.int64(dot) >> 8)
                guess[j] = squash[opinion[j] + 2048]
                total += opinion[j] * final[partial, j]
            total = _clip(total >> 16)
            mixed = np.int64(squash[total + 2048])

            # Corrected by what came of such predictions before
            lower, part = (total + 2048) >> 7, (total + 2048) & 127
            a = partial * _STEPS + lower
            b = (256 + (first << 8 | partial)) * _STEPS + lower
            pa = (np.int64(curves[a]) * (128 - part) + np.int64(curves[a + 1]) * part) >> 7
            pb = (np.int64(curves[b]) * (128 - part) + np.int64(curves[b + 1]) * part) >> 7
            p = min(max((2 * mixed + pa + pb) >> 2, 1), 65535)

            # The coder: a one lies in the lower part of the range
            size = high - low
            middle = low + (size >> 16) * p + (((size & 0xFFFF) * p) >> 16)
            y = (window <= middle) * 1 if decoding else (np.int64(text[at]) >> (7 - bit)) & 1
            if y == 1:
                high = middle
            else:
                low = middle + 1
            while (low ^ high) >> 24 == 0:
                if decoding:
                    window = (window << 8) & _MASK
                    window |= np.int64(coded[place]) if place < len(coded) else 0
                elif place < len(coded):
                    coded[place] = high >> 24
                place += 1
                low = (low << 8) & _MASK
                high = (high << 8) & _MASK | 255

            # Learning
            error = ((y << 16) - mixed) * _FINAL_RATE
            for j in range(3):
                v = final[partial, j] + ((opinion[j] * error + (1 << 20)) >> 21)
                final[partial, j] = min(max(v, -_WEIGHT_MOST), _WEIGHT_MOST)
                e = np.int32(((y << 16) - guess[j]) * _RATE >> 4)
                row = np.uint64(sets[j])
                for i in range(inputs):
                    step = np.int32(np.int32(x[i] * e) + np.int32(1 << 17)) >> np.int32(18)
                    u = min(np.int32(weights[row, i] + step), np.int32(_WEIGHT_MOST))
                    weights[row, i] = max(u, np.int32(-_WEIGHT_MOST))
            near = part >> 6
            aim = (y << 16) - y
            curves[a + near] += (aim - np.int64(curves[a + near])) >> 6
            curves[b + near] += (aim - np.int64(curves[b + near])) >> 6
            for i in range(CONTEXTS):
                _learn(maps, state[i], y, rate, 1023)
                o = node[i] + inside
                slots[o] = next_state[(y << 8) + np.int64(slots[o])]
            _learn(maps, _BYTE_MAP + partial, y, rate, 255)
            if matched >= 0:
                _learn(maps, matched, y, rate, 1023)
            partial = partial << 1 | y

        c = partial & 0xFF
        if decoding:
            text[at] = c
        if left > 0:
            left -= 1
        elif c >= 0xC0:
            left = 1 if c < 0xE0 else 2 if c < 0xF0 else 3
        characters += left == 0

        before4 = (before4 << 8 | last4 >> 24) & _MASK
        last4 = (last4 << 8) & _MASK | c
        folded = c + 32 if 65 <= c <= 90 else c
        if 97 <= folded <= 122 or 48 <= folded <= 57 or c >= 128:
            word = _hash(word + folded + 1, 6)
        elif word != 0:
            word2, word1, word = word1, word, 0

        if at + 1 >= _MATCH_LEAST:
            length = min(length + 1, _MATCH_MOST) if length > 0 and text[match] == c else 0
            match += 1
            key = _hash(last4, before4 & 0xFFFF) >> (32 - _MATCH_BITS)
            if length == 0:
                match = np.int64(seen[key])
                length = _common(text, match, at + 1)
            seen[key] = at + 1
    if not decoding:
        # One byte is enough: zeros follow, and it lies above `low`, whose top byte is smaller.
        if place < len(coded):
            coded[place] = high >> 24
        place += 1
    return place
