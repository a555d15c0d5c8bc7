"""WordPiece as BERT applies it to ASCII, the longest piece first (Wu et al. 2016, 1609.08144).

Of other characters it takes Unicode's tables to say what they become; those are left to the
tokenizer itself. Here a text takes a hundredth of the time.
"""

from __future__ import annotations

import json
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, no_type_check

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

if TYPE_CHECKING:
    from tokenizers import Tokenizer as RustTokenizer

Spans = NDArray[np.int64]

_ODD = 127
_WORD_START, _WITHIN = 1, 2  # nodes of the trie; 0 is none
_SPACE, _LETTER, _MARK, _OTHER = range(4)  # what a character is
_KINDS = np.full(128, _LETTER, np.uint8)
_KINDS[:33] = _OTHER
_KINDS[[ord(c) for c in " \t\n\r"]] = _SPACE
_KINDS[[ord(c) for c in string.punctuation]] = _MARK
_KINDS[_ODD] = _OTHER


@dataclass(frozen=True, slots=True, eq=False)
class WordPiece:
    """The pieces of a vocabulary, as a trie.

    Args:
        special: texts that are one token wherever they stand.
        fold: (128,) what each ASCII character is taken for.
        edges: a hash table. An entry: node * 128 + character, child, whether a piece ends there.
        longest: characters of a word beyond which it is one unknown token.
    """

    special: tuple[str, ...]
    fold: NDArray[np.uint8]
    edges: NDArray[np.uint64]
    longest: int

    @classmethod
    def of(cls, rust: RustTokenizer) -> WordPiece | None:
        """That of a tokenizer, if it is one of BERT's kind."""
        said = json.loads(rust.to_str())
        model, normalizer = said["model"], said["normalizer"] or {}
        if not (
            model["type"] == "WordPiece"
            and model["continuing_subword_prefix"] == "##"
            and normalizer.get("type") == "BertNormalizer"
            and normalizer["clean_text"]
            and (said["pre_tokenizer"] or {}).get("type") == "BertPreTokenizer"
            and not any(token["normalized"] for token in said["added_tokens"])
        ):
            return None
        fold = np.arange(128, dtype=np.uint8)
        if normalizer["lowercase"]:
            fold[65:91] += 32
        special = tuple(token["content"] for token in said["added_tokens"])
        edges = _trie([piece for piece in model["vocab"] if piece.isascii()])
        return cls(special, fold, edges, model["max_input_chars_per_word"])

    def spans(self, text: str) -> tuple[Spans, Spans, Spans]:
        """Where tokens lie, and which words were left out because they hold other characters.

        Args:
            text: any.

        Returns:
            (n, 2) the tokens of all other words, in characters of `text`; (m, 2) the words left
            out, which white space parts from the rest; and (m,) how many of the tokens come before
            each.
        """
        characters = _ascii(text)
        for token in self.special:
            at = text.find(token)
            while at >= 0:
                characters[at] = _ODD
                at = text.find(token, at + 1)
        spans = np.empty((len(text), 2), np.int64)
        left_out = np.empty((len(text) // 2 + 1, 3), np.int64)
        n, m = _split(characters, _KINDS, self.fold, self.edges, self.longest, spans, left_out)
        return spans[:n], left_out[:m, :2], left_out[:m, 2]


def _ascii(text: str) -> NDArray[np.uint8]:
    """A byte for each character, a copy; `_ODD` for those that are not ASCII."""
    if text.isascii():
        return np.frombuffer(bytearray(text, "ascii"), np.uint8)
    points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    characters: NDArray[np.uint8] = np.minimum(points, _ODD).astype(np.uint8)
    return characters


def _trie(pieces: list[str]) -> NDArray[np.uint64]:
    starts = [(piece, _WORD_START) for piece in pieces]
    within = [(piece[2:], _WITHIN) for piece in pieces if piece.startswith("##")]
    words = [(word, root) for word, root in starts + within if word]
    data = np.frombuffer("".join(word for word, _ in words).encode("ascii"), np.uint8)
    ends = np.cumsum([len(word) for word, _ in words], dtype=np.int64)
    # Twice as many places as there can be edges, or more.
    edges = np.zeros(1 << (2 * len(data)).bit_length(), np.uint64)
    _grow(edges, data, ends, np.array([root for _, root in words], np.int64))
    return edges


@kernel(inline="always")
@no_type_check
def _place(edges, key):
    """Where the entry of a key is, or would be."""
    mask = np.int64(len(edges) - 1)
    at = np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) & mask
    while edges[at] != 0 and edges[at] >> np.uint64(32) != key:
        at = (at + 1) & mask
    return at


@kernel(nogil=True)
@no_type_check
def _grow(edges, data, ends, roots):
    nodes = np.uint64(3)
    start = 0
    for i in range(len(ends)):
        node = np.uint64(roots[i])
        for j in range(start, ends[i]):
            key = node * np.uint64(128) + np.uint64(data[j])
            at = _place(edges, key)
            if edges[at] == 0:
                edges[at] = key << np.uint64(32) | nodes << np.uint64(1)
                nodes += np.uint64(1)
            if j + 1 == ends[i]:
                edges[at] |= np.uint64(1)
            node = (edges[at] & np.uint64(0xFFFFFFFF)) >> np.uint64(1)
        start = ends[i]


@kernel(nogil=True)
@no_type_check
def _split(text, kinds, fold, edges, longest, spans, left_out):
    """Tokens and words left out; what `WordPiece.spans` says."""
    n = m = at = 0
    while at < len(text):
        if kinds[text[at]] == _SPACE:
            at += 1
            continue
        first, start = n, at
        while at < len(text) and kinds[text[at]] != _SPACE:
            kind = kinds[text[at]]
            begin = at
            at += 1
            if kind == _OTHER:
                while at < len(text) and kinds[text[at]] != _SPACE:
                    at += 1
                n = first
                left_out[m, 0], left_out[m, 1], left_out[m, 2] = start, at, n
                m += 1
                break
            while kind == _LETTER and at < len(text) and kinds[text[at]] == _LETTER:
                at += 1
            n = _pieces(text, begin, at, fold, edges, longest, spans, n)
    return n, m


@kernel(nogil=True)
@no_type_check
def _pieces(text, begin, end, fold, edges, longest, spans, n):
    """Append the pieces of one word to `spans`; how many there are then."""
    first, at = n, begin
    node = np.uint64(_WORD_START)
    while at < end:
        stop = at
        for i in range(at, end):
            entry = edges[_place(edges, node * np.uint64(128) + np.uint64(fold[text[i]]))]
            if entry == 0:
                break
            if entry & np.uint64(1):
                stop = i + 1
            node = (entry & np.uint64(0xFFFFFFFF)) >> np.uint64(1)
        if stop == at or end - begin > longest:  # unknown
            spans[first, 0], spans[first, 1] = begin, end
            return first + 1
        spans[n, 0], spans[n, 1] = at, stop
        n += 1
        at, node = stop, np.uint64(_WITHIN)
    return n
