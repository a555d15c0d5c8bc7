"""The code of one posting list: document numbers and their payloads in few bits.

A list of up to 128 postings is one block. A longer one is a head (the list's length in bits
and, per block of 128, its span of documents, its bits and two pairs of a payload and a length)
and then the blocks.

Gaps between documents are Rice-coded with the parameter that the block's span and count imply,
so nothing is spent on saying it: for documents that fall at random this is within a tenth of a
bit of their entropy, where one fixed width per block, as bit-packing has it, costs two bits
more. Low bits and unary quotients lie apart, so decoding is a few instructions each. Payloads
(term frequencies or quantised weights, from 1 on) are Rice-coded with a chosen parameter; a
block of ones costs one bit.

The head is what a search needs to leave blocks out. Its first pair is the block's largest
payload and the shortest document that has it; of the documents that are shorter still, the
second is the largest payload and the shortest length. No posting can score more than the better
pair, whatever the weighting, if more payload and less length are never worth less.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import (
    MAX_WIDTH,
    OUTSIDE,
    Words,
    bit_length,
    gamma_bits,
    read,
    read_gamma,
    read_unary,
    skip_ones,
    trailing_zeros,
    write,
    write_gamma,
    write_unary,
)

BLOCK = 128
LENGTH_BITS = 48
WIDTH_BITS = 6
HEAD_FIELDS = 6  # span, bits, and two pairs of a payload less one and a length
HEAD = 7  # columns of a head as `read_head` fills it
MAX_PARAMETER = 40

_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@kernel()
def gap_parameter(span: int, count: int) -> int:
    """Rice parameter for `count` sorted numbers within a range of `span`.

    The floor of log2(span / (count + 1)), at least 0: the nearest whole number to the best one
    for geometric gaps, log2(ln 2 * mean).
    """
    return max(0, bit_length(span // (count + 1)) - 1)


@kernel()
def payload_parameter(payloads: NDArray[np.int64]) -> int:
    """OUTSIDE if all are 1, else the Rice parameter that codes payloads less one shortest."""
    total = np.int64(0)
    for p in payloads:
        total += p - 1
    if total == 0:
        return OUTSIDE
    best, best_bits = 0, total
    for k in range(1, MAX_PARAMETER):
        bits = np.int64((k + 1) * payloads.size)
        for p in payloads:
            bits += (p - 1) >> k
        if bits < best_bits + payloads.size:
            best, best_bits = k, bits - payloads.size
    return best


@kernel()
def block_bits(
    documents: NDArray[np.int64], payloads: NDArray[np.int64], base: int, span: int
) -> int:
    """Bits that `write_block` will use."""
    n = documents.size
    if n == 1:
        return bit_length(span - 1) + gamma_bits(payloads[0])
    k = gap_parameter(span, n)
    bits = n * (k + 1)
    previous = base
    for d in documents:
        bits += (d - previous - 1) >> k
        previous = d
    k = payload_parameter(payloads)
    bits += k + 2
    if k != OUTSIDE:
        for p in payloads:
            bits += k + 1 + ((p - 1) >> k)
    return bits


@kernel()
def write_block(
    words: Words,
    position: int,
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
    base: int,
    span: int,
) -> int:
    """Code up to BLOCK postings, all documents in (base, base + span]; the position after."""
    n = documents.size
    if n == 1:
        # One number uniform in its range: nothing beats writing it out.
        position = write(words, position, documents[0] - base - 1, bit_length(span - 1))
        return write_gamma(words, position, payloads[0])
    k = gap_parameter(span, n)
    previous = base
    for d in documents:
        position = write(words, position, d - previous - 1, k)
        previous = d
    previous = base
    for d in documents:
        position = write_unary(words, position, (d - previous - 1) >> k)
        previous = d
    k = payload_parameter(payloads)
    position = write_unary(words, position, k + 1)
    if k != OUTSIDE:
        for p in payloads:
            position = write(words, position, p - 1, k)
        for p in payloads:
            position = write_unary(words, position, (p - 1) >> k)
    return position


@kernel()
def _read_rice(words: Words, position: int, k: int, count: int, out: NDArray[np.int64]) -> int:
    """Decode `count` Rice-coded numbers into `out`; the position after, or OUTSIDE."""
    unary = position + k * count
    index = unary >> 6
    if position < 0 or index >= words.size:
        return OUTSIDE
    # Quotients first: `word` holds what is left of the current word, `at` is its lowest bit.
    word = words[index] >> np.uint64(unary & 63)
    at = unary
    start = unary
    for i in range(count):
        while word == _ZERO:
            index += 1
            if index >= words.size:
                return OUTSIDE
            word = words[index]
            at = index << 6
        zeros = trailing_zeros(word)
        word = (word >> np.uint64(zeros)) >> _ONE
        at += zeros + 1
        out[i] = (at - 1 - start) << k
        start = at
    if k > 0:
        # The fields end before the quotients do, so they lie within the words.
        mask = (_ONE << np.uint64(k)) - _ONE
        for i in range(count):
            index = position >> 6
            shift = np.uint64(position & 63)
            low = words[index] >> shift
            if np.int64(shift) + k > 64:
                low |= words[index + 1] << (np.uint64(64) - shift)
            out[i] |= np.int64(low & mask)
            position += k
    return at


@kernel()
def read_block(
    words: Words,
    position: int,
    count: int,
    base: int,
    span: int,
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
) -> int:
    """Decode a block into the first `count` places of the two arrays.

    Documents come out strictly rising from above `base`, and payloads are at least 1, whatever
    the stream holds; that no document lies beyond base + span is checked as well.

    Returns:
        The position after the block, or OUTSIDE if the stream cannot be such a block.
    """
    if count == 1:
        width = bit_length(span - 1)
        documents[0] = base + 1 + read(words, position, width)
        payloads[0], position = read_gamma(words, position + width)
        if documents[0] > base + span:
            return OUTSIDE
        return position
    position = _read_rice(words, position, gap_parameter(span, count), count, documents)
    if position == OUTSIDE:
        return OUTSIDE
    previous = base
    for i in range(count):
        previous += documents[i] + 1
        documents[i] = previous
        if previous > base + span:
            return OUTSIDE
    k = read_unary(words, position)
    if k == OUTSIDE or k > MAX_PARAMETER:
        return OUTSIDE
    position += k + 1
    if k == 0:
        payloads[:count] = 1
        return position
    position = _read_rice(words, position, k - 1, count, payloads)
    for i in range(count):
        payloads[i] += 1
    return position


@kernel()
def skip_list(words: Words, position: int, count: int, documents: int) -> Any:
    """The position after a list of `count` postings, or OUTSIDE."""
    if count > BLOCK:
        return position + read(words, position, LENGTH_BITS)
    if count == 1:
        position += bit_length(documents - 1)
        return read_gamma(words, position)[1]
    position = skip_ones(words, position + count * gap_parameter(documents, count), count)
    if position == OUTSIDE:
        return OUTSIDE
    k = read_unary(words, position)
    if k == OUTSIDE or k > MAX_PARAMETER:
        return OUTSIDE
    position += k + 1
    return position if k == 0 else skip_ones(words, position + count * (k - 1), count)


@kernel()
def locate_lists(
    words: Words,
    where: NDArray[np.int64],
    before: NDArray[np.int64],
    documents: int,
    begins: NDArray[np.int64],
) -> int:
    """Find where lists begin by skipping those before them.

    Args:
        words: the coded lists.
        where: (n, 4) as `Dictionary.find` gives it.
        before: likewise, (n, terms in a block).
        documents: documents in the index.
        begins: (n,) filled; untouched where there is no list.

    Returns:
        OUTSIDE if a list does not end within the bits of its block, else 0.
    """
    for i in range(begins.size):
        position = where[i, 2]
        for place in range(where[i, 0] + 1):
            count = before[i, place]
            if count < 1 or count > documents:
                return OUTSIDE
            begins[i] = position
            position = skip_list(words, position, count, documents)
            if position < 0 or position > where[i, 3]:
                return OUTSIDE
    return 0


@kernel()
def blocks_of(count: int) -> int:
    """Blocks in a list of `count` postings."""
    return (count + BLOCK - 1) // BLOCK


@kernel()
def read_head(
    words: Words, position: int, count: int, documents: int, head: NDArray[np.int64]
) -> Any:
    """Read the head of a list of more than BLOCK postings.

    Args:
        words: the stream.
        position: where the list begins.
        count: its postings.
        documents: documents in the index.
        head: (blocks, HEAD) filled with base, span, position, and two pairs of payload and length.

    Returns:
        The position after the list, or OUTSIDE if the head cannot be one.
    """
    end = position + read(words, position, LENGTH_BITS)
    at = position + LENGTH_BITS
    widths = np.empty(HEAD_FIELDS, dtype=np.int64)
    total = 0
    for f in range(HEAD_FIELDS):
        widths[f] = read(words, at, WIDTH_BITS)
        total += widths[f]
        at += WIDTH_BITS
        if widths[f] > MAX_WIDTH:
            return OUTSIDE
    blocks = blocks_of(count)
    block = at + blocks * total
    if block > end or end > words.size * 64:
        return OUTSIDE
    base = np.int64(-1)
    for i in range(blocks):
        span = read(words, at, widths[0])
        at += widths[0]
        bits = read(words, at, widths[1])
        at += widths[1]
        head[i, 0] = base
        head[i, 1] = span
        head[i, 2] = block
        for f in range(2, HEAD_FIELDS):
            head[i, f + 1] = read(words, at, widths[f]) + (f + 1) % 2
            at += widths[f]
        base += span
        block += bits
        if span < 1 or base >= documents or block > end:
            return OUTSIDE
    return end


@kernel()
def _corners(
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
    lengths: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Fill in two pairs of payload less one and length, as the module's head says."""
    most, length = payloads[0], lengths[documents[0]]
    for i in range(documents.size):
        p, n = payloads[i], lengths[documents[i]]
        if p > most or (p == most and n < length):
            most, length = p, n
    out[0], out[1] = most - 1, length
    out[2], out[3] = 0, length
    for i in range(documents.size):
        n = lengths[documents[i]]
        if n < length:
            out[2] = max(out[2], payloads[i] - 1)
            out[3] = min(out[3], n)


@kernel()
def _write_list(
    words: Words,
    position: int,
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
    total: int,
    lengths: NDArray[np.int64],
) -> int:
    n = documents.size
    if n <= BLOCK:
        return write_block(words, position, documents, payloads, -1, total)
    blocks = blocks_of(n)
    head = np.zeros((blocks, HEAD_FIELDS), dtype=np.int64)
    base = -1
    for i in range(blocks):
        ds, ps = documents[i * BLOCK : (i + 1) * BLOCK], payloads[i * BLOCK : (i + 1) * BLOCK]
        span = ds[-1] - base
        head[i, 0] = span
        head[i, 1] = block_bits(ds, ps, base, span)
        _corners(ds, ps, lengths, head[i, 2:])
        base = int(ds[-1])
    at = position + LENGTH_BITS
    widths = np.zeros(HEAD_FIELDS, dtype=np.int64)
    for f in range(HEAD_FIELDS):
        widths[f] = bit_length(head[:, f].max())
        at = write(words, at, widths[f], WIDTH_BITS)
    for i in range(blocks):
        for f in range(HEAD_FIELDS):
            at = write(words, at, head[i, f], widths[f])
    base = -1
    for i in range(blocks):
        ds, ps = documents[i * BLOCK : (i + 1) * BLOCK], payloads[i * BLOCK : (i + 1) * BLOCK]
        at = write_block(words, at, ds, ps, base, head[i, 0])
        base = int(ds[-1])
    write(words, position, at - position, LENGTH_BITS)
    return at


@kernel()
def _list_bound(documents: NDArray[np.int64], payloads: NDArray[np.int64], total: int) -> int:
    """Bits that a list surely fits in."""
    n = documents.size
    head = LENGTH_BITS + HEAD_FIELDS * WIDTH_BITS + blocks_of(n) * (HEAD_FIELDS * 64 + 128)
    # Rice with k = floor(log2(mean)) spends at most k + 3 bits a value on average.
    return head + n * (bit_length(total) + bit_length(payloads.max()) + 6)


@kernel()
def encode_lists(
    counts: NDArray[np.int64],
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
    total: int,
    lengths: NDArray[np.int64],
    first_bit: int,
) -> Any:
    """Code many lists one after another.

    Args:
        counts: (v,) postings of each list, at least 1.
        documents: (sum of counts,) document numbers, rising within each list.
        payloads: (sum of counts,) from 1 on.
        total: documents in the index.
        lengths: (total,) tokens of each document.
        first_bit: where in the first word to begin, below 64; the bits before it stay zero.

    Returns:
        The words, the position after the last list, and (v,) where each list begins.
    """
    room = np.int64(256)
    start = 0
    for c in counts:
        room += _list_bound(documents[start : start + c], payloads[start : start + c], total)
        start += c
    words = np.zeros(room // 64 + 2, dtype=np.uint64)
    begins = np.empty(counts.size, dtype=np.int64)
    position = first_bit
    start = 0
    for i in range(counts.size):
        stop = start + counts[i]
        begins[i] = position
        position = _write_list(
            words, position, documents[start:stop], payloads[start:stop], total, lengths
        )
        start = stop
    return words[: (position + 63) // 64].copy(), position, begins
