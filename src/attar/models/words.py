"""Tokens of a text from those of its words, each word tokenized once.

A tokenizer that divides its input at white space before anything else, as BERT's does, gives a
text exactly the tokens of its words. Texts repeat their words: what is remembered of them
counts ten times as fast as the tokenizer does. If it is BERT's own, words of ASCII need not even
be remembered.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer as RustTokenizer

    from attar.models.wordpiece import WordPiece

# White space to every tokenizer below. Other characters that Unicode counts as such, BERT drops
# (U+000B, U+0085) or takes for spaces (U+00A0): they stay within what is here called a word.
_WORD = re.compile(r"[^ \t\n\r]+")
_IS_SPACE = np.isin(np.arange(34), [ord(char) for char in " \t\n\r"])

_DIVIDE_AT_SPACES = frozenset(("BertPreTokenizer", "WhitespaceSplit", "Whitespace"))
# Of these, what becomes of a character depends at most on those around it up to the next space.
_WITHIN_WORDS = frozenset(
    ("BertNormalizer", "Lowercase", "StripAccents", "NFC", "NFD", "NFKC", "NFKD")
)
# Bounds on what is remembered; all of it is forgotten beyond. A word takes some 100 bytes.
_MOST_WORDS = 1 << 18
_MOST_CHARACTERS = 1 << 23
_SLAB = 1 << 16  # characters tokenized at a time: an encoding takes many times its text


class WordTokens:
    """Where the tokens of a text lie, by its words; safe to use from several threads.

    Args:
        rust: a tokenizer for which `divides_at_spaces` holds, without truncation, padding and
            post-processor.
    """

    def __init__(self, rust: RustTokenizer) -> None:
        self._rust = rust
        # Start and end of each token within the word, as bytes, which are joined at once.
        self._known: dict[str, bytes] = {}
        self._characters = 0

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled without what it remembers."""
        return WordTokens, (self._rust,)

    def count(self, text: str) -> int:
        """Tokens in `text`, which holds no lone surrogate."""
        if self._pieces is None:
            return self._count(text)
        tokens, odd, _ = self._pieces.spans(text)
        return len(tokens) + sum(self._count(text[a:b]) for a, b in odd.tolist())

    def offsets(self, text: str) -> NDArray[np.int64]:
        """Where each token lies, (n, 2), in characters of `text`."""
        if self._pieces is None:
            return self._remembered(_WORD.findall(text), _starts(text))[0]
        tokens, odd, before = self._pieces.spans(text)
        if not len(odd):
            return tokens
        words = [text[a:b] for a, b in odd.tolist()]
        more, sizes = self._remembered(words, odd[:, 0])
        return np.insert(tokens, np.repeat(before, sizes), more, axis=0)

    @cached_property
    def _pieces(self) -> WordPiece | None:
        from attar.models.wordpiece import WordPiece

        return WordPiece.of(self._rust)

    def _count(self, text: str) -> int:
        return sum(map(len, self._found(_WORD.findall(text)))) // 8

    def _remembered(
        self, words: list[str], starts: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The tokens of words that begin at some places, and how many each has."""
        found = self._found(words)
        within = np.frombuffer(b"".join(found), np.int32).reshape(-1, 2)
        sizes = np.fromiter(map(len, found), np.int64, len(found)) // 8
        return within + np.repeat(starts, sizes)[:, None], sizes

    def _found(self, words: list[str]) -> list[bytes]:
        """What is known of each word; of those that are new, after they are tokenized."""
        known = self._known
        new = self._tokenized(list(set(words).difference(known)))
        if new:
            known.update(new)
            self._characters += sum(map(len, new))
            if len(known) > _MOST_WORDS or self._characters > _MOST_CHARACTERS:
                # Another thread that reads the old one goes on with it.
                self._known, self._characters = {}, 0
        return list(map(known.__getitem__, words))

    def _tokenized(self, words: list[str]) -> dict[str, bytes]:
        tokens: dict[str, bytes] = {}
        begin = 0
        while begin < len(words):
            size, end = 0, begin
            while end < len(words) and (end == begin or size + len(words[end]) < _SLAB):
                size += len(words[end]) + 1
                end += 1
            some = words[begin:end]
            encoding = self._rust.encode(" ".join(some), add_special_tokens=False)
            spans = np.array(encoding.offsets, np.int64).reshape(-1, 2)
            first = np.cumsum([0, *(len(word) + 1 for word in some)])
            # A token that is made of dropped characters alone may have no length.
            owner = np.searchsorted(first, spans[:, 0], side="right") - 1
            data = (spans - first[owner][:, None]).astype(np.int32).tobytes()
            ends = 8 * np.searchsorted(owner, np.arange(len(some)), side="right")
            at = 0
            for word, stop in zip(some, ends.tolist(), strict=True):
                tokens[word] = data[at:stop]
                at = stop
            begin = end
        return tokens


def divides_at_spaces(rust: RustTokenizer) -> bool:
    """Whether a text has exactly the tokens of its words, whatever the text.

    That holds if the vocabulary is applied to parts that no white space joins (WordPiece behind
    a pre-tokenizer that divides there), if nothing before that looks across white space, and no
    added token holds any.
    """
    said = json.loads(rust.to_str())
    divide = said["pre_tokenizer"] or {}
    if said["model"]["type"] != "WordPiece" or divide.get("type") not in _DIVIDE_AT_SPACES:
        return False
    normalizer = said["normalizer"] or {"type": "NFC"}
    steps = normalizer["normalizers"] if normalizer["type"] == "Sequence" else [normalizer]
    if not all(step["type"] in _WITHIN_WORDS for step in steps):
        return False
    for token in said["added_tokens"]:
        content = token["content"]
        if rust.normalizer is not None and token["normalized"]:
            content += rust.normalizer.normalize_str(content)
        if token["lstrip"] or token["rstrip"] or any(char.isspace() for char in content):
            return False
    return True


def _starts(text: str) -> NDArray[np.int64]:
    """Where each word begins."""
    if text.isascii():
        points: NDArray[Any] = np.frombuffer(text.encode("ascii"), np.uint8)
    else:
        points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    space = np.ones(len(points) + 1, bool)
    space[1:] = _IS_SPACE[np.minimum(points, len(_IS_SPACE) - 1)]
    return np.flatnonzero(space[:-1] & ~space[1:])
