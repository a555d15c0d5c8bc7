"""The loop over the bits of a text: predict, code, learn. `attar.exact.mixing` says what it is."""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from attar.exact.alphabet import LEAD, SINGLE
from attar.exact.mixing_model import (
    BUCKET,
    BY_KNOWN,
    BY_MATCH,
    BYTE,
    BYTE_MAP,
    CONSTANT,
    CONTEXTS,
    FINAL_RATE,
    MASK,
    MATCH,
    MATCH_BITS,
    MATCH_LEAST,
    MATCH_MAP,
    MATCH_MOST,
    RATE,
    STEPS,
    STRONG,
    WEIGHT_MOST,
)
from attar.exact.mixing_steps import (
    bucket,
    chance,
    clip,
    common,
    contexts,
    hashed,
    learn,
)
from attar.kernel import kernel


@kernel(nogil=True)
@no_type_check
def run(decoding, text, begin, size, starts, alphabet, coded, model, fixed, x):
    """Code or decode `size` bytes, which `alphabet` spells in those of `text` from `begin` on.

    Returns:
        The coded bytes there would be, which may be more than fit, and the end within `text`.
    """
    kinds, letters, chars, sizes = alphabet
    slots, maps, weights, final, curves, seen = model
    squash, stretch, next_state, _, rate = fixed
    inputs = len(x)  # a constant would be unrolled, and then not be vectorised
    bits = 0
    while (CONTEXTS * BUCKET) << bits < len(slots):
        bits += 1

    low, high, window, place = 0, MASK, 0, 0
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
    lead = done = 0
    at = begin
    while done < size and at < len(text):
        # A text that begins here knows nothing of the one before it, but what it is.
        while (
            left == 0
            and lead == 0
            and next_start < len(starts)
            and starts[next_start] >> 8 == characters
        ):
            last4, before4, word, word1, word2 = starts[next_start] & 255, 0, 0, 0, 0
            length = 0
            next_start += 1

        contexts(hashes, last4, before4, word, word1, word2)
        first = last4 & 0xFF
        expected = np.int64(text[match]) | 256 if length > 0 else 0
        sure = length if length < 16 else min(16 + ((length - 16) >> 2), 31)
        depth = 1 + (length >= 8) + (length >= 12) + (length >= 16)
        depth += (length >= 24) + (length >= 32) + (length >= 48)

        partial = 1  # the bits of this byte so far, behind a one
        for bit in range(8):
            if bit == 0:
                for i in range(CONTEXTS):
                    node[i] = bucket(slots, i, bits, hashes[i])
            elif bit == 4:
                for i in range(CONTEXTS):
                    node[i] = bucket(slots, i, bits, hashed(hashes[i], partial))

            # What each context expects
            level = bit & 3
            inside = (1 << level) + (partial & ((1 << level) - 1)) - 1
            known = strong = 0
            for i in range(CONTEXTS):
                s = np.int64(slots[node[i] + inside])
                state[i] = (i << 8) + s
                p = chance(maps, state[i])
                x[2 * i] = stretch[p] if s > 0 else 0
                x[2 * i + 1] = (p - 2048) >> 1 if s > 0 else 0
                known += s > 0
                strong += s > STRONG
            p = chance(maps, BYTE_MAP + partial)
            x[BYTE] = stretch[p]
            x[BYTE + 1] = (p - 2048) >> 1
            matched = -1
            x[MATCH] = x[MATCH + 1] = 0
            if expected > 0 and expected >> (8 - bit) == partial:
                matched = MATCH_MAP + (sure << 1) + ((expected >> (7 - bit)) & 1)
                p = chance(maps, matched)
                x[MATCH] = stretch[p]
                x[MATCH + 1] = (p - 2048) >> 1
            x[CONSTANT] = 256

            # Three opinions by different weights, and one of them
            sets[0] = partial
            sets[1] = BY_MATCH + (depth << 8 if matched >= 0 else 0) + first
            sets[2] = BY_KNOWN + (known << 4) + strong
            total = 0
            for j in range(3):
                row = np.uint64(sets[j])
                dot = np.int32(0)
                for i in range(inputs):
                    dot = np.int32(dot + (np.int32(x[i] * weights[row, i]) >> np.int32(8)))
                opinion[j] = clip(np.int64(dot) >> 8)
                guess[j] = squash[opinion[j] + 2048]
                total += opinion[j] * final[partial, j]
            total = clip(total >> 16)
            mixed = np.int64(squash[total + 2048])

            # Corrected by what came of such predictions before
            lower, part = (total + 2048) >> 7, (total + 2048) & 127
            a = partial * STEPS + lower
            b = (256 + (first << 8 | partial)) * STEPS + lower
            pa = (np.int64(curves[a]) * (128 - part) + np.int64(curves[a + 1]) * part) >> 7
            pb = (np.int64(curves[b]) * (128 - part) + np.int64(curves[b + 1]) * part) >> 7
            p = min(max((2 * mixed + pa + pb) >> 2, 1), 65535)

            # The coder: a one lies in the lower part of the range
            wide = high - low
            middle = low + (wide >> 16) * p + (((wide & 0xFFFF) * p) >> 16)
            y = (window <= middle) * 1 if decoding else (np.int64(text[at]) >> (7 - bit)) & 1
            if y == 1:
                high = middle
            else:
                low = middle + 1
            while (low ^ high) >> 24 == 0:
                if decoding:
                    window = (window << 8) & MASK
                    window |= np.int64(coded[place]) if place < len(coded) else 0
                elif place < len(coded):
                    coded[place] = high >> 24
                place += 1
                low = (low << 8) & MASK
                high = (high << 8) & MASK | 255

            # Learning
            error = ((y << 16) - mixed) * FINAL_RATE
            for j in range(3):
                v = final[partial, j] + ((opinion[j] * error + (1 << 20)) >> 21)
                final[partial, j] = min(max(v, -WEIGHT_MOST), WEIGHT_MOST)
                e = np.int32(((y << 16) - guess[j]) * RATE >> 4)
                row = np.uint64(sets[j])
                for i in range(inputs):
                    step = np.int32(np.int32(x[i] * e) + np.int32(1 << 17)) >> np.int32(18)
                    u = min(np.int32(weights[row, i] + step), np.int32(WEIGHT_MOST))
                    weights[row, i] = max(u, np.int32(-WEIGHT_MOST))
            near = part >> 6
            aim = (y << 16) - y
            curves[a + near] += (aim - np.int64(curves[a + near])) >> 6
            curves[b + near] += (aim - np.int64(curves[b + near])) >> 6
            for i in range(CONTEXTS):
                learn(maps, state[i], y, rate, 1023)
                o = node[i] + inside
                slots[o] = next_state[(y << 8) + np.int64(slots[o])]
            learn(maps, BYTE_MAP + partial, y, rate, 255)
            if matched >= 0:
                learn(maps, matched, y, rate, 1023)
            partial = partial << 1 | y

        c = partial & 0xFF
        if decoding:
            text[at] = c
        if lead > 0 or kinds[c] == SINGLE:
            pair = (lead << 8 | c) if lead > 0 else c
            characters += chars[pair]
            done += sizes[pair]
            lead = 0
        elif kinds[c] == LEAD:
            lead = c
        else:
            done += 1
            if left > 0:
                left -= 1
            elif c >= 0xC0:
                left = 1 if c < 0xE0 else 2 if c < 0xF0 else 3
            characters += left == 0

        before4 = (before4 << 8 | last4 >> 24) & MASK
        last4 = (last4 << 8) & MASK | c
        folded = c + 32 if 65 <= c <= 90 else c
        if letters[c]:
            word = hashed(word + folded + 1, 6)
        elif word != 0:
            word2, word1, word = word1, word, 0

        at += 1
        if at >= MATCH_LEAST:
            length = min(length + 1, MATCH_MOST) if length > 0 and text[match] == c else 0
            match += 1
            key = hashed(last4, before4 & 0xFFFF) >> (32 - MATCH_BITS)
            if length == 0:
                match = np.int64(seen[key])
                length = common(text, match, at)
            seen[key] = at
    if not decoding:
        # One byte is enough: zeros follow, and it lies above `low`, whose top byte is smaller.
        if place < len(coded):
            coded[place] = high >> 24
        place += 1
    return place, at
