"""From the bytes of texts to the numbers of their terms, word by word.

Texts repeat their words: each is turned into its term once, and found again by its bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, no_type_check

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.vocabulary import Vocabulary

_ROOM = 1 << 15  # words that there is room for at first
_EMPTY = 0


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """What a word is.

    Args:
        fold: (256,) the byte that each is taken for, or -1 if it belongs to no word.
        least: bytes of the shortest word; shorter ones are passed over.
    """

    fold: NDArray[np.int16]
    least: int


def _text() -> NDArray[np.int16]:
    fold = np.full(256, -1, np.int16)
    inside = [*b"abcdefghijklmnopqrstuvwxyz0123456789_", *range(128, 256)]
    fold[inside] = inside
    fold[65:91] = fold[97:123]
    return fold


def _tokens() -> NDArray[np.int16]:
    fold = np.arange(256, dtype=np.int16)
    fold[SEPARATOR] = -1
    return fold


SEPARATOR: Final = 0xFF  # never occurs in UTF-8
TEXT: Final = Script(_text(), 2)
"""Letters of ASCII, small and capital alike, digits, underscores, and all other characters."""
TOKENS: Final = Script(_tokens(), 1)
"""Everything but `SEPARATOR`."""


class Words:
    """The words seen so far, and the numbers of their terms.

    Args:
        term: word to term; "" for words to leave out.
        script: what a word is.

    Attributes:
        terms: by number; the first stands for what is left out.
    """

    def __init__(self, term: Callable[[str], str], script: Script) -> None:
        self._term = term
        self._script = script
        self._vocabulary = Vocabulary()
        self._terms = np.zeros(_ROOM, np.uint32)  # number of the term of each word
        self._count = 0
        self._ends = np.zeros(_ROOM + 1, np.int64)  # where each word ends in `_bytes`, after a 0
        self._bytes = np.zeros(8 * _ROOM, np.uint8)
        # By hash; an entry is 32 bits of the hash and 1 + the number of a word.
        self._table = np.zeros(2 * _ROOM, np.uint64)

    def __len__(self) -> int:
        return self._count

    @property
    def terms(self) -> list[bytes]:
        """By number, as the dictionary holds them."""
        return self._vocabulary.terms

    def numbers(
        self, data: bytes | bytearray, ends: NDArray[np.int64], weights: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The terms of some pieces of text, as numbers.

        Args:
            data: the pieces, one behind the other.
            ends: where each ends; no word reaches beyond.
            weights: how often each counts.

        Returns:
            All terms in order, and where those of each piece end.
        """
        text = np.frombuffer(data, np.uint8)
        sizes = np.diff(ends, prepend=0)
        most = (sizes + 1) // (self._script.least + 1) + 1  # words in each piece
        found = np.empty(int((most * weights).sum()), np.uint32)
        found_ends = np.empty(len(ends), np.int64)
        before, at = self._count, 0
        while True:
            at, self._count = _number(
                text, ends, weights, self._script.fold, self._script.least,
                self._count, self._ends, self._bytes, self._table, found, found_ends, at,
            )  # fmt: skip
            if at == len(ends):
                break
            self._grow(int(sizes[at]))
        self._learn(before)
        size = int(found_ends[-1]) if len(ends) else 0
        return self._terms[found[:size]], found_ends

    def _learn(self, before: int) -> None:
        """Find the terms of words from a number on."""
        if self._count > len(self._terms):
            more = np.zeros(len(self._ends) - 1 - len(self._terms), np.uint32)
            self._terms = np.concatenate([self._terms, more])
        bounds = self._ends[before : self._count + 1] - self._ends[before]
        data = self._bytes[self._ends[before] : self._ends[self._count]].tobytes()
        words = (data[a:b].decode("utf-8") for a, b in pairwise(bounds.tolist()))
        self._terms[before : self._count] = [self._vocabulary[self._term(w)] for w in words]

    def _grow(self, size: int) -> None:
        """Make room for twice as many words, and for those of a piece of so many bytes."""
        room = 2 * len(self._ends) + size
        self._ends = np.concatenate([self._ends, np.zeros(room - len(self._ends) + 1, np.int64)])
        more = np.zeros(len(self._bytes) + 8 * size, np.uint8)
        self._bytes = np.concatenate([self._bytes, more])
        self._table = np.zeros(1 << (2 * room).bit_length(), np.uint64)
        _fill(self._table, self._count, self._ends, self._bytes)


@kernel(inline="always")
@no_type_check
def _next(hash_, byte):
    """The hash of a word that goes on with a byte (FNV-1a)."""
    return (hash_ ^ np.uint64(byte)) * np.uint64(0x100000001B3)


@kernel(inline="always")
@no_type_check
def _finish(hash_):
    """Spread what was hashed over all bits."""
    return (hash_ ^ (hash_ >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)


@kernel(nogil=True)
@no_type_check
def _fill(table, count, ends, data):
    """Enter words that are known into an empty table."""
    mask = len(table) - 1
    for word in range(count):
        hash_ = np.uint64(0xCBF29CE484222325)
        for i in range(ends[word], ends[word + 1]):
            hash_ = _next(hash_, data[i])
        hash_ = _finish(hash_)
        at = np.int64(hash_ >> np.uint64(32)) & mask
        while table[at] != _EMPTY:
            at = (at + 1) & mask
        table[at] = hash_ << np.uint64(32) | np.uint64(word + 1)


@kernel(nogil=True)
@no_type_check
def _number(
    text, ends, weights, fold, least, count, word_ends, data, table, found, found_ends, first
):
    """Number the words of pieces from `first` on, while there surely is room for new ones.

    Returns the piece that has no room, or how many there are, and how many words are known then.
    """
    mask = len(table) - 1
    at = ends[first - 1] if first else np.int64(0)
    n = found_ends[first - 1] if first else np.int64(0)
    for piece in range(first, len(ends)):
        end = ends[piece]
        size = end - at
        new = size // (least + 1) + 1
        if count + new >= len(word_ends) or word_ends[count] + size > len(data):
            return piece, count
        while at < end:
            # The word is written behind those that are known, and stays there if it is new.
            begin = word_ends[count]
            stop = begin
            hash_ = np.uint64(0xCBF29CE484222325)
            while at < end:
                byte = fold[text[at]]
                at += 1
                if byte < 0:
                    break
                data[stop] = byte
                stop += 1
                hash_ = _next(hash_, byte)
            if stop - begin < least:
                continue
            hash_ = _finish(hash_)
            mark = hash_ << np.uint64(32)
            place = np.int64(hash_ >> np.uint64(32)) & mask
            word = np.int64(-1)
            while table[place] != _EMPTY:
                entry = table[place]
                if (entry ^ mark) >> np.uint64(32) == 0:
                    known = np.int64(entry & np.uint64(0xFFFFFFFF)) - 1
                    if _same(data, word_ends[known], word_ends[known + 1], begin, stop):
                        word = known
                        break
                place = (place + 1) & mask
            if word < 0:
                word = count
                table[place] = mark | np.uint64(word + 1)
                count += 1
                word_ends[count] = stop
            for _ in range(weights[piece]):
                found[n] = word
                n += 1
        found_ends[piece] = n
    return len(ends), count


@kernel(inline="always")
@no_type_check
def _same(data, a, a_end, b, b_end):
    """Whether two stretches of bytes are the same."""
    if a_end - a != b_end - b:
        return False
    same = 0
    while a + same < a_end and data[a + same] == data[b + same]:
        same += 1
    return a + same == a_end
