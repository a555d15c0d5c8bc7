"""Sorted terms as bits: what each shares with the one before, then its other bytes.

In a block of 16, the first term stands alone. Bytes are written in prefix codes chosen by the
byte before, which halves what plain front coding takes; shared lengths and the magnitude of
document frequencies have a code each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import OUTSIDE, Words, bit_length, read, write
from attar.postings.prefix_code import read_symbol, write_symbol

TERMS = 16
"""Terms in a block: fewer are quicker to search through, more take fewer bytes."""

MAX_TERM = 4096
"""Longest term, in bytes."""

END = 256  # the symbol that ends a term
START = 256  # the context of a term's first byte
SHARED = 257  # the context of shared lengths
FREQUENCY = 258  # the context of a document frequency's bit length
CONTEXTS = 259
SYMBOLS = 257
MAX_SHARED = 255


@kernel()
def _common(data: NDArray[np.uint8], a: int, b: int, stop: int) -> int:
    """Bytes that the terms at `a` (up to `b`) and at `b` (up to `stop`) begin alike with."""
    n = min(b - a, stop - b, MAX_SHARED)
    for i in range(n):
        if data[a + i] != data[b + i]:
            return i
    return n


@kernel()
def count_symbols(
    data: NDArray[np.uint8], bounds: NDArray[np.int64], frequencies: NDArray[np.int64]
) -> Any:
    """(contexts, symbols) how often each symbol comes in each context."""
    counts = np.zeros((CONTEXTS, SYMBOLS), dtype=np.int64)
    for t in range(bounds.size - 1):
        shared = 0
        if t % TERMS:
            shared = _common(data, bounds[t - 1], bounds[t], bounds[t + 1])
            counts[SHARED, shared] += 1
        context = START if shared == 0 else np.int64(data[bounds[t] + shared - 1])
        for i in range(bounds[t] + shared, bounds[t + 1]):
            counts[context, data[i]] += 1
            context = np.int64(data[i])
        counts[context, END] += 1
        counts[FREQUENCY, bit_length(frequencies[t])] += 1
    return counts


@kernel()
def encode(
    data: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    frequencies: NDArray[np.int64],
    book: NDArray[np.int64],
    code: NDArray[np.int64],
    length: NDArray[np.uint8],
) -> Any:
    """Write terms and their frequencies.

    Args:
        data: the terms' bytes.
        bounds: (n + 1,) where each begins and the last ends.
        frequencies: (n,) documents that hold each.
        book: as `Books` has it.
        code: as `code_words` gives them.
        length: their bits.

    Returns:
        The words, and the bit where each block begins and the last one ends.
    """
    n = bounds.size - 1
    room = 16 * (data.size + 4 * n) + n * 64 + 128
    words = np.zeros(room // 64 + 1, dtype=np.uint64)
    starts = np.zeros((n + TERMS - 1) // TERMS + 1, dtype=np.int64)
    at = 0
    for t in range(n):
        shared = 0
        if t % TERMS:
            shared = _common(data, bounds[t - 1], bounds[t], bounds[t + 1])
            b = book[SHARED]
            at = write_symbol(words, at, code[b, shared], length[b, shared])
        else:
            starts[t // TERMS] = at
        context = START if shared == 0 else np.int64(data[bounds[t] + shared - 1])
        for i in range(bounds[t] + shared, bounds[t + 1]):
            b = book[context]
            context = np.int64(data[i])
            at = write_symbol(words, at, code[b, context], length[b, context])
        b = book[context]
        at = write_symbol(words, at, code[b, END], length[b, END])
        width = bit_length(frequencies[t])
        b = book[FREQUENCY]
        at = write_symbol(words, at, code[b, width], length[b, width])
        at = write(words, at, frequencies[t], width - 1)
    starts[-1] = at
    return words[: (at + 63) // 64].copy(), starts


@kernel()
def pack_index(fields: NDArray[np.int64], w0: int, w1: int) -> Words:
    """Fields of two widths, (n, 2), one pair after another."""
    out = np.zeros((fields.shape[0] * (w0 + w1) + 63) // 64, dtype=np.uint64)
    at = 0
    for i in range(fields.shape[0]):
        at = write(out, at, fields[i, 0], w0)
        at = write(out, at, fields[i, 1], w1)
    return out


@kernel()
def field(index: Words, block: int, w0: int, w1: int, which: int) -> Any:
    """A block's first or second field of the index (`which` is 0 or 1)."""
    at = block * (w0 + w1)
    return read(index, at, w0) if which == 0 else read(index, at + w0, w1)


@kernel()
def read_term(
    words: Words,
    at: int,
    place: int,
    text: NDArray[np.uint8],
    previous: int,
    book: NDArray[np.int64],
    decoder: NDArray[np.int32],
) -> Any:
    """Decode the next term of a block over the one before it in `text`.

    Returns:
        Its length, its document frequency, and the position after; the position is OUTSIDE on
        damage.
    """
    shared = np.int64(0)
    if place:
        shared, at = read_symbol(words, at, book[SHARED], decoder)
        if at == OUTSIDE or shared > previous:
            return np.int64(0), np.int64(0), np.int64(OUTSIDE)
    size = shared
    context = np.int64(START) if shared == 0 else np.int64(text[shared - 1])
    while True:
        symbol, at = read_symbol(words, at, book[context], decoder)
        if at == OUTSIDE or (symbol != END and size >= text.size):
            return np.int64(0), np.int64(0), np.int64(OUTSIDE)
        if symbol == END:
            break
        text[size] = symbol
        size += 1
        context = symbol
    width, at = read_symbol(words, at, book[FREQUENCY], decoder)
    if at == OUTSIDE or width < 1 or width > 48:
        return np.int64(0), np.int64(0), np.int64(OUTSIDE)
    frequency = (1 << (width - 1)) | read(words, at, width - 1)
    return size, np.int64(frequency), at + width - 1


@kernel()
def _compare(a: NDArray[np.uint8], size: int, b: NDArray[np.uint8]) -> int:
    """-1, 0 or 1 as the first `size` bytes of `a` sort before, like or after `b`."""
    for i in range(min(size, b.size)):
        if a[i] != b[i]:
            return -1 if a[i] < b[i] else 1
    if size == b.size:
        return 0
    return -1 if size < b.size else 1


@kernel()
def find(
    data: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    words: Words,
    index: Words,
    w0: int,
    w1: int,
    count: int,
    book: NDArray[np.int64],
    decoder: NDArray[np.int32],
    where: NDArray[np.int64],
    before: NDArray[np.int64],
) -> None:
    """Look terms up by bisection over the blocks' first terms; what `Dictionary.find` says.

    Args:
        data: bytes of the terms sought.
        bounds: where each begins and the last ends.
        words: the coded blocks.
        index: where they lie, in fields of `w0` and `w1` bits.
        w0: see `index`.
        w1: see `index`.
        count: terms in the dictionary.
        book: as `Books` has it.
        decoder: likewise.
        where: (n, 4) filled.
        before: (n, TERMS) filled.
    """
    text = np.zeros(MAX_TERM, dtype=np.uint8)
    blocks = (count + TERMS - 1) // TERMS
    for q in range(bounds.size - 1):
        term = data[bounds[q] : bounds[q + 1]]
        where[q, 0] = OUTSIDE
        # The last block whose first term is not after the one sought.
        low, high = 0, blocks
        while low < high:
            middle = (low + high) // 2
            size, _, at = read_term(
                words,
                field(index, middle, w0, w1, 0),
                0,
                text,
                0,
                book,
                decoder,
            )
            if at != OUTSIDE and _compare(text, size, term) <= 0:
                low = middle + 1
            else:
                high = middle
        block = low - 1
        if block < 0:
            continue
        where[q, 2] = field(index, block, w0, w1, 1)
        where[q, 3] = field(index, block + 1, w0, w1, 1)
        at = field(index, block, w0, w1, 0)
        size = 0
        for place in range(min(TERMS, count - block * TERMS)):
            size, frequency, at = read_term(words, at, place, text, size, book, decoder)
            if at == OUTSIDE:
                break
            before[q, place] = frequency
            order = _compare(text, size, term)
            if order >= 0:
                if order == 0:
                    where[q, 0] = place
                    where[q, 1] = frequency
                break
