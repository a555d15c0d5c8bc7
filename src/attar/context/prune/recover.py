"""What a reader quotes of a pruned text, with the words put back that were left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from attar.context.prune.pieces import words
from attar.context.span import Passage, Span

_LONGEST_GAP = 60
"""Characters left out at one place that are put back: about the ten tokens of the paper's code."""


class _Place(NamedTuple):
    """A span and where it stands in the squeezed text."""

    start: int
    end: int
    span: Span


def recover(
    answer: str, text: str, spans: Sequence[Span], passages: Sequence[str | Passage]
) -> str:
    """The answer with each quotation as it stands in its source.

    A reader of "William Conqueror landed 1066" answers in these words; the source has "William
    the Conqueror landed in 1066". Every run of two or more words that stands in the squeezed
    text is replaced by the source from its first to its last character, where no more than 60
    characters were left out at a time; of several places, the one with the shortest source.
    Subsequence recovery of LongLLMLingua (Jiang et al., ACL 2024), section 4.4; spans say here
    what has to be searched for there.

    Args:
        answer: what the reader wrote.
        text: what it was given: `Squeezed.text`.
        spans: `Squeezed.spans`.
        passages: what was squeezed, in the same order.
    """
    places = list(_places(text, spans))
    given = [p if isinstance(p, Passage) else Passage(p) for p in passages]
    cut = words(answer)
    parts = []
    at = i = 0
    while i < len(cut):
        start = cut[i][0]
        j, found = i, None
        while j + 1 < len(cut) and (
            sources := _sources(answer[start : cut[j + 1][1]], text, places, given)
        ):
            j += 1
            found = min(sources, key=len)
        if found is not None:
            parts += [answer[at:start], found]
            at = cut[j][1]
        i = j + 1
    return "".join([*parts, answer[at:]])


def _places(text: str, spans: Sequence[Span]) -> Iterator[_Place]:
    at = 0
    for span in spans:  # in order, and only white space between them
        at = text.index(span.text, at)
        yield _Place(at, at + len(span.text), span)
        at += len(span.text)


def _sources(
    quoted: str, text: str, places: Sequence[_Place], passages: Sequence[Passage]
) -> list[str]:
    """What the source has wherever the squeezed text has `quoted`, gaps being short."""
    found = []
    start = text.find(quoted)
    while start >= 0:
        end = start + len(quoted)
        inside = [place for place in places if place.start < end and start < place.end]
        if _whole(text, start, end) and inside and _close(inside):
            first, last = inside[0], inside[-1]
            passage = passages[first.span.passage]
            a = first.span.start + max(start - first.start, 0) - passage.start
            b = last.span.start + min(end, last.end) - last.start - passage.start
            found.append(passage.text[a:b])
        start = text.find(quoted, start + 1)
    return found


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no word is cut at the ends."""
    return not any(0 < i < len(text) and text[i - 1 : i + 1].isalnum() for i in (start, end))


def _close(places: Sequence[_Place]) -> bool:
    """Whether all lie in one passage, with little left out between neighbours."""
    pairs = pairwise(places)
    return all(
        a.span.passage == b.span.passage and b.span.start - a.span.end <= _LONGEST_GAP
        for a, b in pairs
    )
