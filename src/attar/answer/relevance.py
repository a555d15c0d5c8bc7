"""Whether what a search found has anything to do with the question.

A search always finds something. By the default rule 99.6% of Cranfield's own questions find
something relevant in it, and 2.3% of questions on other subjects; see docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attar.context.terms import stem, words_of
from attar.errors import UsageError

# Words that tell nothing about what a question is about.
_WORDS = (
    "a about after all also an and any are as at be been before between both but by can could did"
    " do does during each for from had has have how i if in into is it its many may me more most"
    " much my name not of on one or other over please some such tell than that the their them"
    " then there these they this to us used was we were what when where which while who whom"
    " whose why will with would you your"
)
_FUNCTION_WORDS = frozenset(stem(_WORDS.split()))


@dataclass(frozen=True, slots=True)
class Relevance:
    """When a passage counts as relevant: near in meaning, or holding most of the words.

    The cosine was measured with the default embedder; another one needs its own.

    Args:
        cosine: the least cosine of question and best passage.
        words: the least share of the question's content words that one passage holds.
    """

    cosine: float = 0.4
    words: float = 0.6

    def __post_init__(self) -> None:
        if not 0 <= self.words <= 1 or not -1 <= self.cosine <= 1:
            raise UsageError("relevance takes a cosine of -1 to 1 and a share of words of 0 to 1")

    def holds(self, question: str, texts: Iterable[str], cosine: float) -> bool:
        """Whether any passage is relevant.

        Args:
            question: what was asked.
            texts: the passages found.
            cosine: of the question and the passage nearest in meaning.
        """
        return cosine >= self.cosine or shared_words(question, texts) >= self.words


def shared_words(question: str, texts: Iterable[str]) -> float:
    """The greatest share of the question's content words that one text holds, by stems.

    0 if the question has no content words.
    """
    wanted = set(stem(words_of(question)[0])) - _FUNCTION_WORDS
    if not wanted:
        return 0.0
    held = (len(wanted.intersection(stem(words_of(text)[0]))) for text in texts)
    return max(held, default=0) / len(wanted)
