"""Canonical prefix codes (Huffman, 1952), one for each context.

A book is the code of one context: bit lengths of its symbols, at most 15, from which the code
words follow (shorter first, then by symbol, as in RFC 1951). Decoding looks up the next eight bits
at once; what is longer, and rare, goes bit by bit.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import (
    OUTSIDE,
    Words,
    read,
    read_gamma,
    window,
    words_for,
    write,
    write_gamma,
)

MAX_LENGTH = 15

QUICK = 8  # code words up to this length are looked up at once, longer ones bit by bit
SYMBOLS_AT = 1 << QUICK
COUNTS_AT = -2 * MAX_LENGTH - 4  # counted from a row's end

_ONE = np.uint64(1)


def code_lengths(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bit lengths of a Huffman code of at most MAX_LENGTH bits; 0 for what never occurs."""
    lengths = np.zeros(counts.size, dtype=np.int64)
    used = np.flatnonzero(counts)
    if used.size == 1:
        lengths[used] = 1
    if used.size < 2:
        return lengths
    weights = counts[used].astype(np.int64)
    while True:
        # Ties go to the earlier node, so that the same counts give the same code anywhere.
        heap: list[tuple[int, int, tuple[int, ...]]] = [
            (int(w), i, (i,)) for i, w in enumerate(weights)
        ]
        heapq.heapify(heap)
        depth = np.zeros(used.size, dtype=np.int64)
        serial = used.size
        while len(heap) > 1:
            a, b = heapq.heappop(heap), heapq.heappop(heap)
            members = a[2] + b[2]
            depth[list(members)] += 1
            heapq.heappush(heap, (a[0] + b[0], serial, members))
            serial += 1
        if depth.max() <= MAX_LENGTH:
            lengths[used] = depth
            return lengths
        weights = (weights + 1) // 2


@dataclass(frozen=True)
class Books:
    """Codes by context, ready for the kernels.

    Args:
        book: (contexts,) which book a context uses.
        length: (books, symbols) bits of each symbol's code word; 0 if it has none.
        decoder: a row a book, for `read_symbol`. For each next QUICK bits of the stream, the
            symbol that they begin with, times 16, plus the length of its code word, or 0 if that
            is longer; then the symbols by length and value; then, at `COUNTS_AT + 2 * length`, the
            first code word of that length and where its symbols begin.
    """

    book: NDArray[np.int64]
    length: NDArray[np.uint8]
    decoder: NDArray[np.int32]

    @classmethod
    def of(cls, book: NDArray[np.int64], length: NDArray[np.uint8]) -> Books:
        """Make canonical codes from bit lengths, (books, symbols).

        Raises:
            ValueError: if the lengths of a book are those of no prefix code.
        """
        count, width = length.shape
        decoder = np.zeros((count, SYMBOLS_AT + width - COUNTS_AT), dtype=np.int32)
        unsound = _fill(length, decoder)
        if unsound >= 0:
            raise ValueError(f"book {unsound} has more code words than bits allow")
        return cls(book, length, decoder)

    def to_words(self) -> Words:
        """Write the books: per book its contexts and its symbols' lengths."""
        count, width = self.length.shape
        out = np.zeros(words_for(count * width * 24 + self.book.size * 24 + 512), dtype=np.uint64)
        at = write_gamma(out, 0, count + 1)
        for b in range(count):
            for members, extra in (
                (np.flatnonzero(self.book == b), None),
                (np.flatnonzero(self.length[b]), self.length[b]),
            ):
                at = write_gamma(out, at, members.size + 1)
                previous = -1
                for m in members:
                    at = write_gamma(out, at, int(m) - previous)
                    previous = int(m)
                    if extra is not None:
                        at = write(out, at, int(extra[m]), 4)
        return out[: words_for(at)]

    @classmethod
    def from_words(cls, words: Words, contexts: int, width: int) -> Books:
        """Read what `to_words` wrote.

        Raises:
            ValueError: if it cannot be that.
        """
        book = np.zeros(contexts, dtype=np.int64)
        length = np.zeros((contexts, width), dtype=np.uint8)
        count = _read(words, book, length)
        if count == OUTSIDE:
            raise ValueError("the code books cannot be read")
        return cls.of(book, length[:count].copy())


@kernel()
def _read(words: Words, book: NDArray[np.int64], length: NDArray[np.uint8]) -> Any:
    """Fill in what `Books.to_words` wrote; how many books there are, or OUTSIDE."""
    contexts, width = length.shape
    count, at = read_gamma(words, 0)
    count -= 1
    if at == OUTSIDE or not 1 <= count <= contexts:
        return OUTSIDE
    for b in range(count):
        for of_symbols in range(2):
            members, at = read_gamma(words, at)
            if at == OUTSIDE or members - 1 > (width if of_symbols else contexts):
                return OUTSIDE
            member = -1
            for _ in range(members - 1):
                step, at = read_gamma(words, at)
                if at == OUTSIDE or step > max(contexts, width):
                    return OUTSIDE
                member += step
                if member >= (width if of_symbols else contexts):
                    return OUTSIDE
                if of_symbols:
                    length[b, member] = read(words, at, 4)
                    at += 4
                else:
                    book[member] = b
    return count


@kernel()
def code_words(length: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(books, symbols) code word of each symbol, to write with."""
    words = np.zeros(length.shape, dtype=np.int64)
    for b in range(len(length)):
        code = 0
        for bits in range(1, MAX_LENGTH + 1):
            code <<= 1
            for symbol in range(length.shape[1]):
                if length[b, symbol] == bits:
                    words[b, symbol] = code
                    code += 1
    return words


@kernel()
def _fill(length: NDArray[np.uint8], decoder: NDArray[np.int32]) -> Any:
    """Fill in the decoder of each book; the first that is no prefix code, or -1."""
    width = length.shape[1]
    counts = decoder.shape[1] + COUNTS_AT
    for b in range(len(length)):
        code, index = 0, 0
        for bits in range(1, MAX_LENGTH + 1):
            code <<= 1
            decoder[b, counts + 2 * bits] = code
            decoder[b, counts + 2 * bits + 1] = index
            for symbol in range(width):
                if length[b, symbol] != bits:
                    continue
                if code >= 1 << bits:
                    return b
                decoder[b, SYMBOLS_AT + index] = symbol
                if bits <= QUICK:
                    # The first bit of a code word is the lowest of the stream.
                    first = 0
                    for i in range(bits):
                        first |= ((code >> i) & 1) << (bits - 1 - i)
                    for place in range(first, SYMBOLS_AT, 1 << bits):
                        decoder[b, place] = symbol * 16 + bits
                code += 1
                index += 1
        decoder[b, decoder.shape[1] - 1] = index
    return -1


@kernel()
def write_symbol(words: Words, position: int, code: int, length: int) -> int:
    """Put a code word, its highest bit first; the position after it."""
    for i in range(length - 1, -1, -1):
        position = write(words, position, (code >> i) & 1, 1)
    return position


@kernel(inline="always")
def read_symbol(words: Words, position: int, b: int, decoder: NDArray[np.int32]) -> Any:
    """A symbol of book `b` and the position after it; both OUTSIDE on damage."""
    bits = window(words, position)
    quick = np.int64(decoder[b, np.int64(bits & np.uint64((1 << QUICK) - 1))])
    if quick:
        return quick >> 4, position + (quick & 15)
    code = np.int64(0)
    counts = decoder.shape[1] + COUNTS_AT
    for length in range(1, MAX_LENGTH + 1):
        code = (code << 1) | np.int64(bits & _ONE)
        bits >>= _ONE
        at = counts + 2 * length
        offset = code - decoder[b, at]
        if 0 <= offset < decoder[b, at + 3] - decoder[b, at + 1]:
            index = decoder[b, at + 1] + offset
            return np.int64(decoder[b, SYMBOLS_AT + index]), position + length
    return np.int64(OUTSIDE), np.int64(OUTSIDE)
