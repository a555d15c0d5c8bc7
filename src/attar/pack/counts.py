"""How many tokens lie between any two places of a text, found by tokenizing it once."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from attar.models.base import Tokenizer
from attar.models.tokenizers import HFTokenizer
from attar.pack.breaks import last_boundary, may_break

# Tokenizers keep far more than a byte for each byte of their input, so they are fed by slabs.
_SLAB = 1 << 18
_SPACES = " \t\n\r"


class Counts:
    """The tokens of one text, by the places where they end.

    A token belongs to a span if it ends in it. A span that begins and ends at white space has as
    many tokens as when it is tokenized alone, or nearly: byte-pair tokenizers tell a word after
    a space from one at the beginning.
    """

    def __init__(self, text: str, tokenizer: Tokenizer) -> None:
        self._text = text
        self._tokenizer = tokenizer
        self._ends = array("q")
        self._exact = isinstance(tokenizer, HFTokenizer) and tokenizer.by_words
        for start, end in _slabs(text):
            ends = tokenizer.offsets(text[start:end])[:, 1].astype(np.int64) + start
            self._ends.frombytes(ends.tobytes())
            self._exact &= self._parted(end)

    def between(self, start: int, end: int) -> int:
        """Tokens in `text[start:end]`."""
        return bisect_right(self._ends, end) - bisect_right(self._ends, start)

    def before(self, places: Sequence[int]) -> list[int]:
        """Tokens in `text[:place]` for each place: many at once take a tenth of the time."""
        ends = np.frombuffer(self._ends, np.int64)
        found: list[int] = np.searchsorted(ends, places, side="right").tolist()
        return found

    def alone(self, start: int, end: int) -> int:
        """Tokens of `text[start:end]` when it is cut out and tokenized alone."""
        if self._exact and self._parted(start) and self._parted(end):
            return self.between(start, end)
        return self._tokenizer.count(self._text[start:end])

    def wrapped(self, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
        """Fill pieces of at most `limit` tokens with whole words of `text[start:end]`.

        A word that is too long alone is cut between tokens and characters as readers see them.
        """
        while start < end:
            stop = self._reach(start, end, limit)
            yield start, stop
            start = stop

    def _reach(self, start: int, end: int, limit: int) -> int:
        """Where a piece that begins at `start` should end."""
        text = self._text
        while start < end and text[start].isspace():
            start += 1
        over = bisect_right(self._ends, start) + limit  # the first token that has no room
        if over >= len(self._ends) or self._ends[over] > end:
            return end
        furthest = max(self._ends[over] - 1, start + 1)
        if furthest >= end:
            return end
        stop = furthest
        while stop > start and not may_break(text, stop):
            stop -= 1
        if stop > start:
            return stop
        # One word, longer than a piece: end it with a token if that is between two characters.
        between = last_boundary(text, start, min(furthest, self._ends[over - 1]))
        return between if between > start else max(last_boundary(text, start, furthest), start + 1)

    def _parted(self, i: int) -> bool:
        """Whether no word reaches across `i`."""
        text = self._text
        return i == 0 or i == len(text) or text[i - 1] in _SPACES or text[i] in _SPACES


def _slabs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(start + _SLAB, len(text))
        while end < len(text) and end < start + 2 * _SLAB and not text[end].isspace():
            end += 1
        yield start, end
        start = end
