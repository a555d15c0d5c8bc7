"""Long runs of bytes that a text holds twice, found so that the second need not be stored.

Folders are full of copies: licences, generated pages, vendored files, quotations. A block of text
cannot refer to another block, or reading one would mean opening many; so a long run that was there
before leaves the text, and a table says what stood there (`attar.exact.copies`). The way of finding
is that of J. Bentley and D. McIlroy, "Data Compression Using Long Common Strings" (1999):
fingerprints of every 32nd place of what is kept, looked up at every place of what comes.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

WINDOW = 32  # bytes of a fingerprint; every repeat of 63 holds one
# Shorter runs are cheaper where they stand: 2% of 6 MB of manual pages more at 64, 1% at 256.
LEAST = 128
# A text that repeats itself more often keeps some of it twice: what is read of a file stays in
# proportion to it.
MOST = 16
# What a block of text finds within itself it need not look for elsewhere.
NEAR = 16 * 1024

_BASE = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_ONE, _PLACE, _HALF = np.uint64(1), np.uint64(0xFFFFFFFF), np.uint64(32)
_THREE, _SEVEN = np.uint64(3), np.uint64(7)


def take_out(text: NDArray[np.uint8], near: int = NEAR) -> tuple[int, NDArray[np.int64]]:
    """Move what is not a repeat to the front of `text`, in order.

    Args:
        text: UTF-8, to be overwritten; what lies behind what is kept has no meaning afterwards.
        near: a repeat of something within so many bytes before it is no repeat.

    Returns:
        The bytes that are kept, and one row for each repeat, in order: where it began in the text,
        its length, and where the same stands in what is kept, all in bytes. No row begins or ends
        within a character.
    """
    bits = min(max(len(text) // WINDOW, 1).bit_length() + 1, 24)
    if len(text) > 0xFFFFFFFF:
        return len(text), np.zeros((0, 3), dtype=np.int64)  # no text that a pack writes at once
    places = np.zeros(1 << bits, dtype=np.uint64)
    # A bit for each fingerprint, or nearly: few places have one that was seen, and most of the
    # others need not be looked up in a table that no cache holds.
    seen = np.zeros(1 << max(bits + 1 - 3, 0), dtype=np.uint8)
    found = np.zeros((len(text) // LEAST + 1, 3), dtype=np.int64)
    kept, count = _take_out(text, places, seen, found, near)
    return int(kept), found[:count].copy()


@kernel(nogil=True, inline="always")
@no_type_check
def _within(byte):
    """Whether a character began before this byte."""
    return byte & 0xC0 == 0x80


@kernel(nogil=True)
@no_type_check
def _take_out(text, places, seen, found, near):
    # An entry of `places`: 1 + a place in the upper half, 32 bits of the fingerprint in the lower.
    bits = 0
    while 1 << bits < len(places):
        bits += 1
    shift = np.uint64(64 - bits)
    fine = np.uint64(64 - bits - 1)
    oldest = np.uint64(1)  # what the byte that leaves the window was multiplied with
    for _ in range(WINDOW):
        oldest *= _BASE

    size = len(text)
    kept = count = at = since = quiet = rolled = 0
    sum_ = np.uint64(0)
    while at < size:
        # text[since:at] was not found anywhere; it is the end of text[:kept]
        if at + WINDOW <= size:
            if rolled == 0:
                sum_ = np.uint64(0)
                for i in range(at, at + WINDOW):
                    sum_ = (sum_ + np.uint64(text[i]) + _ONE) * _BASE
                rolled = 1
            mark = sum_ * _SPREAD
            bit = mark >> fine
            entry = np.uint64(0)
            if seen[bit >> _THREE] >> (bit & _SEVEN) & _ONE:
                entry = places[mark >> shift]
            if at >= quiet and entry != 0 and (entry ^ mark) & _PLACE == 0:
                source = np.int64(entry >> _HALF) - 1
                if kept - source >= near:
                    ahead = 0
                    most = min(size - at, kept - source)
                    while ahead < most and text[source + ahead] == text[at + ahead]:
                        ahead += 1
                    behind = 0
                    most = min(at - since, source)
                    while behind < most and text[source - behind - 1] == text[kept - behind - 1]:
                        behind += 1
                    first, end = at - behind, at + ahead
                    # Not into a character, at either end
                    while behind > 0 and _within(text[kept - behind]):
                        behind -= 1
                    if behind == 0:
                        first = at
                        while first < end and _within(text[first]):
                            first += 1
                    else:
                        first = at - behind
                    while end < size and end > at and _within(text[end]):
                        end -= 1
                    begin = source + first - at
                    quiet = at + ahead - WINDOW
                    if (
                        end - first >= LEAST
                        and begin + end - first <= kept - behind
                        and end <= MOST * (kept - behind)
                    ):
                        kept -= behind
                        # What of a character was skipped stays
                        for i in range(at, first):
                            text[kept] = text[i]
                            kept += 1
                        found[count, 0] = first
                        found[count, 1] = end - first
                        found[count, 2] = begin
                        count += 1
                        at = since = end
                        rolled = 0
                        continue
        byte = text[at]
        if at + WINDOW < size:
            sum_ = (sum_ + np.uint64(text[at + WINDOW]) + _ONE) * _BASE
            sum_ -= (np.uint64(byte) + _ONE) * oldest * _BASE
        text[kept] = byte
        kept += 1
        at += 1
        if kept % WINDOW == 0:
            mark = np.uint64(0)
            for i in range(kept - WINDOW, kept):
                mark = (mark + np.uint64(text[i]) + _ONE) * _BASE
            mark *= _SPREAD
            # The first of its kind stays: the last would mostly be too near.
            entry = places[mark >> shift]
            if entry == 0 or (entry ^ mark) & _PLACE != 0:
                places[mark >> shift] = (np.uint64(kept - WINDOW + 1) << _HALF) | (mark & _PLACE)
                bit = mark >> fine
                seen[bit >> _THREE] |= np.uint8(_ONE << (bit & _SEVEN))
    return kept, count
