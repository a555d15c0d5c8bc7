"""The code of whole posting lists: blocks, and a head that lets a search leave blocks out.

A list of up to 128 postings is one block. A longer one is a head (the list's length in bits
and, per block of 128, its span of documents, its bits and two pairs of a payload and a length)
and then the blocks.

The first pair is the block's largest payload and the shortest document that has it; of the
documents that are shorter still, the second is the largest payload and the shortest length. No
posting can score more than the better pair, whatever the weighting, if more payload and less
length are never worth less.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel
from attar.postings.bits import MAX_WIDTH, OUTSIDE, Words, bit_length, read, write
from attar.postings.block import BLOCK, block_bits, write_block
from attar.postings.unpack import skip_block

LENGTH_BITS = 48
WIDTH_BITS = 6
HEAD_FIELDS = 6  # span, bits, and two pairs of a payload less one and a length

# Columns of a block's row as `read_head` fills it: the document before its first, its last one,
# where it begins, and the two pairs.
BASE, LAST, POSITION, MOST, MOST_LENGTH, SECOND, SECOND_LENGTH = range(7)
ROW = 7


@kernel(**LEAF)
def skip_list(words: Words, position: int, count: int, documents: int) -> Any:
    """The position after a list of `count` postings, or OUTSIDE."""
    if count > BLOCK:
        return position + read(words, position, LENGTH_BITS)
    return skip_block(words, position, count, documents)


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


@kernel(**LEAF)
def blocks_of(count: int) -> int:
    """Blocks in a list of `count` postings."""
    return (count + BLOCK - 1) // BLOCK


@kernel(**LEAF)
def read_head(
    words: Words,
    position: int,
    count: int,
    documents: int,
    rows: NDArray[np.int64],
    first: int,
) -> Any:
    """Read the head of a list of more than BLOCK postings.

    Args:
        words: the stream.
        position: where the list begins.
        count: its postings.
        documents: documents in the index.
        rows: (n, ROW) of which those of the list's blocks are filled.
        first: the first of them.

    Returns:
        The position after the list, or OUTSIDE if the head cannot be one.
    """
    end = position + read(words, position, LENGTH_BITS)
    at = position + LENGTH_BITS
    packed = read(words, at, HEAD_FIELDS * WIDTH_BITS)
    w0, w1 = packed & 63, packed >> 6 & 63
    w2, w3 = packed >> 12 & 63, packed >> 18 & 63
    w4, w5 = packed >> 24 & 63, packed >> 30
    at += HEAD_FIELDS * WIDTH_BITS
    if max(w0, w1, w2, w3, w4, w5) > MAX_WIDTH:
        return OUTSIDE
    total = w0 + w1 + w2 + w3 + w4 + w5
    blocks = blocks_of(count)
    block = at + blocks * total
    if block > end or end > words.size * 64:
        return OUTSIDE
    base = np.int64(-1)
    for i in range(first, first + blocks):
        span, bits = read(words, at, w0), read(words, at + w0, w1)
        rows[i, BASE] = base
        rows[i, POSITION] = block
        base += span
        rows[i, LAST] = base
        block += bits
        at += w0 + w1
        rows[i, MOST] = read(words, at, w2) + 1
        rows[i, MOST_LENGTH] = read(words, at + w2, w3)
        at += w2 + w3
        rows[i, SECOND] = read(words, at, w4) + 1
        rows[i, SECOND_LENGTH] = read(words, at + w4, w5)
        at += w4 + w5
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
