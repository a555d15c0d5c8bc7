"""Decoding blocks, at about a nanosecond a posting; `block` says how they are coded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel
from attar.postings.bits import (
    OUTSIDE,
    Words,
    bit_length,
    load,
    low_mask,
    read,
    read_gamma,
    read_unary,
    skip_ones,
    trailing_zeros,
)
from attar.postings.block import FEW, MAX_PARAMETER, ONES, RICE, gap_parameter

Postings = NDArray[np.uint32]
"""(2, n): documents, and below them payloads."""

MAX_PAYLOAD = (1 << 32) - 1

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel(**LEAF)
def _with_a_bit(words: Words, word: np.uint64, index: int) -> Any:
    """The word at hand, or the next that has a bit set, and its number; OUTSIDE: there is none."""
    while word == _ZERO:
        index += 1
        if index >= words.size:
            return word, OUTSIDE
        word = words[index]
    return word, index


@kernel(**LEAF)
def _field(words: Words, position: int, k: int, mask: np.uint64, inside: bool) -> Any:
    """The k bits at a position; `inside`: eight bytes from there on are the stream's."""
    if inside:
        return np.int64(load(words, position >> 3) >> np.uint64(position & 7) & mask)
    return read(words, position, k)


@kernel(**LEAF)
def read_documents(
    words: Words,
    position: int,
    count: int,
    base: int,
    span: int,
    out: Postings,
    place: int,
) -> Any:
    """Decode the documents of a block into `out`, from a place on.

    They come out strictly rising from above `base` to at most `base + span`, whatever the stream
    holds.

    Returns:
        The position after them, or OUTSIDE if the stream cannot be such a block.
    """
    if position < 0:
        return OUTSIDE
    if count == 1:
        width = bit_length(span - 1)
        document = base + 1 + read(words, position, width)
        out[0, place] = document
        return OUTSIDE if document > base + span else position + width
    k = gap_parameter(span, count)
    unary = position + k * count
    index = unary >> 6
    if index >= words.size:
        return OUTSIDE
    # The i-th set bit, at `last` from where quotients begin, has i ones before it and as many
    # zeros as the quotients up to the i-th add up to.
    word = words[index] & (_FULL << np.uint64(unary & 63))
    last = 0
    document = base
    inside = words.size * 64 - 64 >= unary
    mask = low_mask(k)
    for i in range(count):
        word, index = _with_a_bit(words, word, index)
        if index == OUTSIDE:
            return OUTSIDE
        last = (index << 6) - unary + trailing_zeros(word)
        word &= word - _ONE
        low = _field(words, position, k, mask, inside)
        position += k
        document += low + 1
        out[0, place + i] = document + ((last - i) << k)
    if last - (count - 1) > span >> k:
        return OUTSIDE
    document += (last - (count - 1)) << k
    return OUTSIDE if document > base + span else unary + last + 1


@kernel(**LEAF)
def read_payloads(words: Words, position: int, count: int, out: Postings, place: int) -> Any:
    """Decode the payloads of a block, each at least 1, into `out`, from a place on.

    Args:
        words: the stream.
        position: where `read_documents` ended.
        count: postings in the block.
        out: filled.
        place: the first that is filled.

    Returns:
        The position after them, or OUTSIDE if the stream cannot be such a block.
    """
    if count == 1:
        payload, position = read_gamma(words, position)
        out[1, place] = payload
        return OUTSIDE if payload > MAX_PAYLOAD else position
    code = read_unary(words, position)
    if code == OUTSIDE or code > RICE + MAX_PARAMETER:
        return OUTSIDE
    position += code + 1
    for i in range(count):
        out[1, place + i] = 1
    if code == ONES:
        return position
    if code == FEW:
        return _read_few(words, position, count, out, place)
    return _read_rice(words, position, code - RICE, count, out, place)


@kernel(**LEAF)
def _read_rice(words: Words, position: int, k: int, count: int, out: Postings, place: int) -> Any:
    """Add Rice-coded numbers to `out`; the position after them, or OUTSIDE."""
    unary = position + k * count
    index = unary >> 6
    if index >= words.size:
        return OUTSIDE
    word = words[index] & (_FULL << np.uint64(unary & 63))
    previous, most = -1, 0
    inside = words.size * 64 - 64 >= unary
    mask = low_mask(k)
    for i in range(count):
        word, index = _with_a_bit(words, word, index)
        if index == OUTSIDE:
            return OUTSIDE
        last = (index << 6) - unary + trailing_zeros(word)
        word &= word - _ONE
        low = _field(words, position, k, mask, inside)
        position += k
        payload = 1 + ((last - previous - 1) << k | low)
        out[1, place + i] = payload
        most = max(most, payload)
        previous = last
    return OUTSIDE if most > MAX_PAYLOAD else unary + previous + 1


@kernel(**LEAF)
def _read_few(words: Words, position: int, count: int, out: Postings, place: int) -> Any:
    """Fill in the payloads that are not 1; the position after them, or OUTSIDE."""
    few, low = read_gamma(words, position)
    if low == OUTSIDE or few > count:
        return OUTSIDE
    k = gap_parameter(count, few)
    unary = low + k * few
    index = unary >> 6
    if index >= words.size:
        return OUTSIDE
    word = words[index] & (_FULL << np.uint64(unary & 63))
    inside = words.size * 64 - 64 >= unary
    mask = low_mask(k)
    which, previous = -1, -1
    for _ in range(few):
        word, index = _with_a_bit(words, word, index)
        if index == OUTSIDE:
            return OUTSIDE
        last = (index << 6) - unary + trailing_zeros(word)
        word &= word - _ONE
        field = _field(words, low, k, mask, inside)
        which += 1 + ((last - previous - 1) << k | field)
        low += k
        word, index = _with_a_bit(words, word, index)
        if index == OUTSIDE:
            return OUTSIDE
        previous = (index << 6) - unary + trailing_zeros(word)
        word &= word - _ONE
        if which >= count:
            return OUTSIDE
        out[1, place + which] = min(previous - last + 1, MAX_PAYLOAD)
    return unary + previous + 1


@kernel(**LEAF)
def skip_block(words: Words, position: int, count: int, span: int) -> Any:
    """The position after a block of `count` postings, or OUTSIDE."""
    if count == 1:
        return read_gamma(words, position + bit_length(span - 1))[1]
    position = skip_ones(words, position + count * gap_parameter(span, count), count)
    if position == OUTSIDE:
        return OUTSIDE
    code = read_unary(words, position)
    if code == OUTSIDE or code > RICE + MAX_PARAMETER:
        return OUTSIDE
    position += code + 1
    if code >= RICE:
        return skip_ones(words, position + count * (code - RICE), count)
    if code == FEW:
        few, position = read_gamma(words, position)
        if position == OUTSIDE or few > count:
            return OUTSIDE
        return skip_ones(words, position + few * gap_parameter(count, few), 2 * few)
    return position
