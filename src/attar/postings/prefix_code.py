"""Canonical prefix codes (Huffman, 1952), one for each context.

A book is the code of one context: bit lengths of its symbols, at most 15, from which the code
words follow (shorter first, then by symbol, as in RFC 1951). Decoding goes bit by bit, which
needs no tables worth mentioning and is fast enough for the few symbols of a term.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from attar.postings.bits import (
    OUTSIDE,
    Words,
    read,
    read_gamma,
    words_for,
    write,
    write_gamma,
)

MAX_LENGTH = 15


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
        first_code: (books, 16) the first code word of each length.
        first_index: (books, 17) where that length's symbols begin in `symbols`.
        symbols: (books, symbols) by length, then by value.
        code: (books, symbols) code word of each symbol, to write with.
        length: (books, symbols) its bits; 0 if it has none.
    """

    book: NDArray[np.int64]
    first_code: NDArray[np.int64]
    first_index: NDArray[np.int64]
    symbols: NDArray[np.int64]
    code: NDArray[np.int64]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, book: NDArray[np.int64], length: NDArray[np.int64]) -> Books:
        """Make canonical codes from bit lengths, (books, symbols).

        Raises:
            ValueError: if the lengths of a book are those of no prefix code.
        """
        count, width = length.shape
        first_code = np.zeros((count, MAX_LENGTH + 1), dtype=np.int64)
        first_index = np.zeros((count, MAX_LENGTH + 2), dtype=np.int64)
        symbols = np.zeros((count, width), dtype=np.int64)
        code = np.zeros((count, width), dtype=np.int64)
        for b in range(count):
            order = np.lexsort((np.arange(width), length[b]))
            order = order[length[b, order] > 0]
            symbols[b, : order.size] = order
            next_code, index = 0, 0
            for bits in range(1, MAX_LENGTH + 1):
                next_code <<= 1
                here = int(np.count_nonzero(length[b] == bits))
                first_code[b, bits], first_index[b, bits] = next_code, index
                code[b, order[index : index + here]] = next_code + np.arange(here)
                next_code, index = next_code + here, index + here
                if next_code > 1 << bits:
                    raise ValueError(f"book {b} has more code words than bits allow")
            first_index[b, MAX_LENGTH + 1] = index
        return cls(book, first_code, first_index, symbols, code, length)

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
        at = 0

        def number() -> int:
            nonlocal at
            value, at = read_gamma(words, at)
            if at == OUTSIDE:
                raise ValueError("the code books end too soon")
            return int(value)

        count = number() - 1
        if count > contexts:
            raise ValueError("there are more code books than contexts")
        book = np.zeros(contexts, dtype=np.int64)
        length = np.zeros((count, width), dtype=np.int64)
        for b in range(count):
            for limit, of_symbols in ((contexts, False), (width, True)):
                member = -1
                for _ in range(number() - 1):
                    member += number()
                    if member >= limit:
                        raise ValueError("a code book names what does not exist")
                    if of_symbols:
                        length[b, member] = read(words, at, 4)
                        at += 4
                    else:
                        book[member] = b
        return cls.of(book, length)

    def decoder(self) -> tuple[NDArray[np.int64], ...]:
        """What `read_symbol` takes after the stream."""
        return self.book, self.first_code, self.first_index, self.symbols


@numba.njit(cache=True)
def write_symbol(words: Words, position: int, code: int, length: int) -> int:
    """Put a code word, its highest bit first; the position after it."""
    for i in range(length - 1, -1, -1):
        position = write(words, position, (code >> i) & 1, 1)
    return position


@numba.njit(cache=True)
def read_symbol(
    words: Words,
    position: int,
    b: int,
    first_code: NDArray[np.int64],
    first_index: NDArray[np.int64],
    symbols: NDArray[np.int64],
) -> Any:
    """A symbol of book `b` and the position after it; both OUTSIDE on damage."""
    code = 0
    for bits in range(1, MAX_LENGTH + 1):
        code = (code << 1) | read(words, position, 1)
        position += 1
        offset = code - first_code[b, bits]
        here = first_index[b, bits + 1] - first_index[b, bits]
        if 0 <= offset < here:
            return symbols[b, first_index[b, bits] + offset], position
    return np.int64(OUTSIDE), np.int64(OUTSIDE)
