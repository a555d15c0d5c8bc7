"""What is kept or dropped at once: words and phrases, never a part of a character."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from attar.context.protect import Range
from attar.segmentation.graphemes import is_boundary
from attar.segmentation.scripts import unspaced

# "3.14", "U.S.A", "don't" and "well-known" are one word each; a comma after a word is not part
# of it.
_WORD = re.compile(r"\w+(?:[^\w\s]{1,2}\w+)*|[^\w\s]+")
_LONGEST = 40
"""Characters of a piece; only what no writer has divided is longer (a line of base64, say)."""


def words(text: str) -> list[Range]:
    """Words and runs of punctuation, in order; where no spaces are written, single characters."""
    found: list[Range] = []
    for match in _WORD.finditer(text):
        start = match.start()
        if found and found[-1][1] == start and not is_boundary(text, start):
            start = found.pop()[0]
        found += _divided(text, start, match.end())
    return found


def phrases(text: str) -> list[Range]:
    """Runs of content words with the grammar words before them, up to a punctuation mark.

    "the major political impact" is one phrase, as a parser's noun phrase would be. Grammar words
    are those of English; in other languages each word is a phrase.
    """
    found: list[Range] = []
    grammar = _grammar_words()
    last = ""
    for start, end in words(text):
        word = text[start:end]
        kind = "grammar" if word.casefold() in grammar else "content" if word.isalnum() else "mark"
        joins = (last == "grammar" and kind != "mark") or last == kind == "content"
        if joins and text[found[-1][1] : start].strip() == "":
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
        last = kind
    return found


def mean_by_piece(
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    offsets: NDArray[np.int64],
    values: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The mean of the values of the tokens that touch each piece.

    A piece that no token touches gets the least of all values.

    Args:
        starts: (pieces,) where each begins; pieces are in order and do not overlap.
        ends: (pieces,) where each ends.
        offsets: (tokens, 2) where each token lies.
        values: (tokens, k).

    Returns:
        (pieces, k).
    """
    sums = np.zeros((len(starts), values.shape[1]))
    counts = np.zeros(len(starts))
    if len(values):
        first = np.searchsorted(ends, offsets[:, 0], side="right")
        after = np.searchsorted(starts, offsets[:, 1], side="left")
        touched = np.maximum(after - first, 0)
        token = np.repeat(np.arange(len(values)), touched)
        begun = np.cumsum(touched) - touched
        piece = np.arange(len(token)) - begun[token] + first[token]
        np.add.at(sums, piece, values[token])
        np.add.at(counts, piece, 1)
    means = np.divide(sums, counts[:, None], out=np.zeros_like(sums), where=counts[:, None] > 0)
    if len(values):
        means[counts == 0] = values.min(axis=0)
    return means


def _divided(text: str, start: int, end: int) -> list[Range]:
    """Cut where a script writes no spaces, and what is too long; never inside a character."""
    piece = text[start:end]
    if end - start <= _LONGEST and (piece.isascii() or not any(map(unspaced, piece))):
        return [(start, end)]
    found = []
    at = start
    for i in range(start + 1, end):
        apart = unspaced(text[i - 1]) or unspaced(text[i]) or i - at >= _LONGEST
        if apart and is_boundary(text, i):
            found.append((at, i))
            at = i
    return [*found, (at, end)]


@lru_cache(maxsize=1)
def _grammar_words() -> frozenset[str]:
    from stopwords import safe_get_stopwords

    return frozenset(safe_get_stopwords("english"))
