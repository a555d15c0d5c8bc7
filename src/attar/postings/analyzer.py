"""Text to the tokens that an index holds.

A word is two or more letters, digits or underscores in a row, as Unicode has them, after NFKC
normalisation and case folding. Stop words are left out, and what remains is cut to its stem.

Of Chinese, Japanese, Thai and their like, which write no spaces, `segment` has the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, get_args

from attar.errors import UsageError
from attar.postings.segment import UNSPACED, Segmenter, segmenter

WORD: Final = re.compile(r"(?u)\b\w\w+\b")

LONGEST = 255
"""Words are cut to this many characters; longer ones are encoded data, not words."""


@dataclass(frozen=True, slots=True)
class Analyzer:
    """How text becomes tokens. A value: its `name` reads back to it.

    Args:
        language: a Snowball language ("english", "german", ...), or "none" for words as they are.
        stem: cut words to their stems.
        stopwords: leave out the language's grammar words.
        segment: how scripts without spaces are cut: "pairs" of characters, or words by "icu",
            for which the extra `attar[icu]` must be installed.

    Raises:
        UsageError: if the language or the way to segment is not known.
    """

    language: str = "english"
    stem: bool = True
    stopwords: bool = True
    segment: Segmenter = "pairs"

    def __post_init__(self) -> None:
        if self.language not in languages():
            known = ", ".join(languages())
            raise UsageError(f"there is no analyzer for {self.language!r}; known: {known}")
        if self.segment not in get_args(Segmenter):
            raise UsageError(f"text is segmented by 'pairs' or 'icu', not by {self.segment!r}")

    @property
    def name(self) -> str:
        """What `analyzer` reads back: the language, what is switched off, and how it segments."""
        off = [n for n, on in (("stem", self.stem), ("stopwords", self.stopwords)) if not on]
        on = [] if self.segment == "pairs" else [self.segment]
        return self.language + "".join(f" -{n}" for n in off) + "".join(f" +{n}" for n in on)

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, in order, repeats included."""
        term = self.term_function()
        return [t for t in map(term, self.words(text)) if t]

    def words(self, text: str) -> list[str]:
        """The words of a text, folded, before stop words and stemming."""
        if text.isascii():
            return WORD.findall(text.lower())
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if UNSPACED.search(folded) is None:
            return WORD.findall(folded)
        cut = segmenter(self.segment)
        words: list[str] = []
        at = 0
        for run in UNSPACED.finditer(folded):
            words += WORD.findall(folded[at : run.start()])
            words += cut(run.group())
            at = run.end()
        return words + WORD.findall(folded[at:])

    def encoded(self, text: str) -> bytes:
        """The same words in UTF-8, for a writer: what `attar.postings.words.TEXT` finds in it."""
        if text.isascii():
            return text.encode("ascii")
        return " ".join(self.words(text)).encode("utf-8")

    def term_function(self) -> Callable[[str], str]:
        """What turns one folded word into its term, or into "" if it is to be left out.

        Not for two threads at once: stemmers keep a buffer.
        """
        stop = _stop_words(self.language) if self.stopwords else frozenset[str]()
        stem = _stemmer(self.language) if self.stem else str

        def term(word: str) -> str:
            return "" if word in stop else stem(word[:LONGEST])

        return term


def analyzer(name: str) -> Analyzer:
    """The analyzer of a name such as "english", "german -stem -stopwords" or "none +icu".

    Raises:
        UsageError: if the name is none.
    """
    language, *options = name.split() or [""]
    if not set(options) <= {"-stem", "-stopwords", "+icu"}:
        raise UsageError(f"{name!r} names no analyzer; write it like 'english -stem +icu'")
    return Analyzer(
        language,
        stem="-stem" not in options,
        stopwords="-stopwords" not in options,
        segment="icu" if "+icu" in options else "pairs",
    )


@lru_cache
def languages() -> tuple[str, ...]:
    """Languages with an analyzer."""
    import Stemmer

    return (*sorted(Stemmer.algorithms()), "none")


def _stemmer(language: str) -> Callable[[str], str]:
    import Stemmer

    if language == "none":
        return str
    # The stemmer's own cache of words is of no use behind that of the writer.
    stem: Callable[[str], str] = Stemmer.Stemmer(language, 0).stemWord
    return stem


@lru_cache
def _stop_words(language: str) -> frozenset[str]:
    from stopwords import safe_get_stopwords

    # Snowball's second stemmers of a language are called "porter" and "dutch_porter".
    words = safe_get_stopwords("english" if language == "porter" else language.split("_")[0])
    fold = (unicodedata.normalize("NFKC", word).casefold() for word in words)
    # "don't" comes to the index as "don": the pieces of such words are stop words too.
    return frozenset(piece for word in fold for piece in WORD.findall(word))
