"""The loop over the bits of a text: predict, code, learn. `attar.exact.mixing` says what it is."""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from attar.exact.alphabet import LEAD, SINGLE
from attar.exact.mixing_model import (
    APART,
    BUCKET,
    BY_KNOWN,
    BY_MATCH,
    BY_PLACE,
    BYTE,
    BYTE_MAP,
    CALMER,
    CONSTANT,
    CONTEXTS,
    FINAL_RATE,
    HASTE,
    MASK,
    MATCH,
    MATCH_BITS,
    MATCH_LEAST,
    MATCH_MAP,
    MATCH_MOST,
    MIXERS,
    RATE,
    STEPS,
    STRONG,
    WEIGHT_MOST,
)
from attar.exact.mixing_steps import (
    bend,
    between,
    bounded,
    chance,
    clip,
    common,
    contexts,
    hashed,
    index,
    learn,
    line_of,
    node_of,
    spot_of,
)
from attar.exact.mixing_vectors import dot, fetch, move
from attar.kernel import LEAF, kernel


@kernel(nogil=True, **LEAF)
@no_type_check
def run(decoding, text, begin, size, starts, alphabet, coded, model, journal, fixed, work):
    """Code or decode `size` bytes, which `alphabet` spells in those of `text` from `begin` on.

    Returns:
        The coded bytes there would be, which may be more than fit, and the end within `text`.
    """
    kinds, letters, chars, sizes = alphabet
    slots, maps, weights, final, curves, seen = model
    squash, stretch, next_state, _, rate = fixed
    x, hashes, lines, node, state, sets, opinion = work
    words = slots.view(np.uint64)
    bits = 0
    while (CONTEXTS * BUCKET) << bits < len(slots):
        bits += 1

    low, high, window, place = 0, MASK, 0, 0
    if decoding:
        while place < 4:
            window = window << 8 | (np.int64(coded[place]) if place < len(coded) else 0)
            place += 1

    last4, before4, word, word1, word2, letter = 0, 0, 0, 0, 0, 0
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
            letter = length = 0
            next_start += 1

        # All that must be brought near is asked for before any of it is waited for.
        contexts(hashes, last4, word, word1, word2)
        for i in range(CONTEXTS):
            lines[i] = line_of(i, bits, hashes[i])
            fetch(slots, lines[i])
        if at >= MATCH_LEAST:
            key = hashed(last4, before4 & 0xFFFF) >> (32 - MATCH_BITS)
            if length == 0:
                match = np.int64(seen[key])
                length = common(text, match, at)
            seen[key] = at

        first = last4 & 0xFF
        expected = np.int64(text[match]) | 256 if length > 0 else 0
        sure = length if length < 16 else min(16 + ((length - 16) >> 2), 31)
        depth = 1 + (length >= 8) + (length >= 12) + (length >= 16)
        depth += (length >= 24) + (length >= 32) + (length >= 48)
        # How far into a word, and into a match
        spot = min(letter, 7) << 2 | ((length > 0) + (length >= 16) + (length >= 32))
        fast = RATE + max(HASTE - (at >> CALMER), 0)

        partial = 1  # the bits of this byte so far, behind a one
        for bit in range(8):
            own = (256 + (first << 8 | partial)) * STEPS
            fetch(curves, own)
            if bit == 0:
                for i in range(CONTEXTS):
                    node[i] = node_of(slots, words, lines[i], hashes[i], journal)
            elif bit == 4:
                for i in range(CONTEXTS):
                    h = hashed(hashes[i], partial)
                    if i < APART:
                        lines[i] = line_of(i, bits, h)
                    node[i] = node_of(slots, words, lines[i], h, journal)

            # What each context expects
            level = bit & 3
            inside = (1 << level) + (partial & ((1 << level) - 1)) - 1
            known = strong = 0
            for i in range(CONTEXTS):
                s = np.int64(slots[index(node[i] + inside)])
                state[i] = (i << 8) + s
                p = chance(maps, state[i])
                x[2 * i] = stretch[index(p)] if s > 0 else 0
                x[2 * i + 1] = (p - 2048) >> 1 if s > 0 else 0
                known += s > 0
                strong += s > STRONG
            p = chance(maps, BYTE_MAP + partial)
            x[BYTE] = stretch[index(p)]
            x[BYTE + 1] = (p - 2048) >> 1
            matched = -1
            x[MATCH] = x[MATCH + 1] = 0
            if expected > 0 and expected >> (8 - bit) == partial:
                matched = MATCH_MAP + (sure << 1) + ((expected >> (7 - bit)) & 1)
                p = chance(maps, matched)
                x[MATCH] = stretch[index(p)]
                x[MATCH + 1] = (p - 2048) >> 1
            x[CONSTANT] = 256

            # Four opinions by different weights, and one of them
            sets[0] = partial
            sets[1] = BY_MATCH + (depth << 8 if matched >= 0 else 0) + first
            sets[2] = BY_KNOWN + (known << 4) + strong
            sets[3] = BY_PLACE + (bit << 5 | spot)
            total = 0
            for j in range(MIXERS):
                opinion[j] = clip(dot(x, weights, sets[j]) >> 8)
                total += opinion[j] * final[index(partial), j]
            total = clip(total >> 16)
            mixed = np.int64(squash[index(total + 2048)])

            # Corrected by what came of such predictions before
            lower, part = spot_of(total) >> 7, spot_of(total) & 127
            a, b = partial * STEPS + lower, own + lower
            p = (2 * mixed + between(curves, a, part) + between(curves, b, part)) >> 2
            p = min(max(p, 1), 65535)

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
            for j in range(MIXERS):
                v = final[index(partial), j] + ((opinion[j] * error + (1 << 20)) >> 21)
                final[index(partial), j] = bounded(v, WEIGHT_MOST)
                e = ((y << 16) - np.int64(squash[index(opinion[j] + 2048)])) * fast >> 4
                move(x, weights, sets[j], e, WEIGHT_MOST)
            near = part >> 6
            bend(curves, a + near, y)
            bend(curves, b + near, y)
            for i in range(CONTEXTS):
                learn(maps, state[i], y, rate, 1023)
                o = index(node[i] + inside)
                slots[o] = next_state[index((y << 8) + np.int64(slots[o]))]
            learn(maps, BYTE_MAP + partial, y, rate, 255)
            if matched >= 0:
                learn(maps, matched, y, rate, 1023)
            partial = partial << 1 | y

        c = partial & 0xFF
        if decoding:
            text[at] = c
        second = lead > 0
        if second or kinds[c] == SINGLE:
            pair = lead << 8 | c
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
        folded = c + 32 if 65 <= c <= 90 and not second else c
        if second or letters[c]:
            word = hashed(word + folded + 1, 6)
            letter += 1
        elif word != 0:
            word2, word1, word = word1, word, 0
            letter = 0

        at += 1
        if length > 0:
            length = min(length + 1, MATCH_MOST) if text[match] == c else 0
            match += 1
    if not decoding:
        # One byte is enough: zeros follow, and it lies above `low`, whose top byte is smaller.
        if place < len(coded):
            coded[place] = high >> 24
        place += 1
    return place, at
