"""The sorted terms of an index: front-coded in blocks, each with its document frequency.

Terms are UTF-8 and sorted by bytes; `front_coding` writes them.

Where lists begin is kept once a block: the lists of a block follow each other, and skipping a
short list costs a few population counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attar.postings.bits import OUTSIDE, Words
from attar.postings.front_coding import (
    CONTEXTS,
    MAX_TERM,
    SHARED,
    TERMS,
    count_symbols,
    encode,
    field,
    find,
    pack_index,
    read_term,
)
from attar.postings.prefix_code import Books, code_lengths, code_words

OWN_BOOK = 400
"""A byte gets a code of its own from this many symbols after it on; for fewer, a book would take
more than it saves."""


@dataclass(frozen=True)
class Terms:
    """Sorted terms as one run of bytes.

    Args:
        data: all terms' bytes.
        bounds: (n + 1,) where each begins and the last ends.
    """

    data: NDArray[np.uint8]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, terms: Sequence[bytes]) -> Terms:
        """Join terms."""
        bounds = np.cumsum([0, *map(len, terms)], dtype=np.int64)
        return cls(np.frombuffer(b"".join(terms), np.uint8), bounds)

    def __len__(self) -> int:
        return self.bounds.size - 1


@dataclass(frozen=True)
class Dictionary:
    """A coded dictionary.

    Args:
        words: the blocks.
        index: where each block lies in `words`, and its lists in theirs; fields of `widths` bits.
        widths: bits of the two fields.
        books: the prefix codes.
        count: how many terms there are.
    """

    words: Words
    index: Words
    widths: tuple[int, int]
    books: Books
    count: int

    @classmethod
    def build(
        cls,
        terms: Terms,
        frequencies: NDArray[np.int64],
        begins: NDArray[np.int64],
        end: int,
    ) -> Dictionary:
        """Code sorted, distinct terms.

        Args:
            terms: n of them.
            frequencies: (n,) documents that hold each.
            begins: (n,) the bit where each one's list begins.
            end: the bit where the last list ends.
        """
        counts = count_symbols(terms.data, terms.bounds, frequencies)
        books = _choose_books(counts)
        words, starts = encode(
            terms.data, terms.bounds, frequencies, books.book, code_words(books.length),
            books.length,
        )  # fmt: skip
        lists = np.append(begins[::TERMS], end).astype(np.int64)
        widths = (int(starts[-1]).bit_length(), int(lists[-1]).bit_length())
        fields = np.stack([starts, lists], axis=1)
        return cls(words, pack_index(fields, *widths), widths, books, len(terms))

    def find(self, terms: Terms) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Look terms up.

        Returns:
            (n, 4): place in its block (OUTSIDE if it is not a term), document frequency, and the
            bits between which the lists of the block lie; and (n, TERMS): document frequencies in
            the block up to the term's.
        """
        where = np.zeros((len(terms), 4), dtype=np.int64)
        before = np.zeros((len(terms), TERMS), dtype=np.int64)
        find(
            terms.data,
            terms.bounds,
            self.words,
            self.index,
            *self.widths,
            self.count,
            self.books.book,
            self.books.decoder,
            where,
            before,
        )
        return where, before

    def decode(self, block: int) -> list[tuple[bytes, int]]:
        """Terms and document frequencies of a block.

        Raises:
            ValueError: if the block is damaged.
        """
        size = min(TERMS, self.count - block * TERMS)
        text = np.zeros(MAX_TERM, dtype=np.uint8)
        position = int(field(self.index, block, *self.widths, 0))
        length, out = 0, []
        for place in range(size):
            length, frequency, position = read_term(
                self.words, position, place, text, length, self.books.book, self.books.decoder
            )
            if position == OUTSIDE:
                raise ValueError(f"block {block} of the dictionary cannot be read")
            out.append((text[:length].tobytes(), int(frequency)))
        return out


def _choose_books(counts: NDArray[np.int64]) -> Books:
    """One code for all rare contexts, one for each common byte, for lengths and for counts."""
    totals = counts.sum(axis=1)
    own = [c for c in range(CONTEXTS) if c >= SHARED or totals[c] >= OWN_BOOK]
    book = np.zeros(CONTEXTS, dtype=np.int64)
    book[own] = np.arange(1, len(own) + 1)
    shared = counts.copy()
    shared[own] = 0
    lengths = [code_lengths(shared.sum(axis=0)), *(code_lengths(counts[c]) for c in own)]
    return Books.of(book, np.stack(lengths).astype(np.uint8))
