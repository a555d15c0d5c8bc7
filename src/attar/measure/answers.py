"""Is the answer there? Exact match and F1 of generated answers, and survival in a text.

The normalisation is SQuAD's (Rajpurkar et al., arXiv 1606.05250): lower case, no punctuation, no
English articles, single blanks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def normalised(text: str) -> str:
    """The text as answers are compared."""
    letters = (c for c in text.casefold() if unicodedata.category(c)[0] not in "PS")
    return " ".join(_ARTICLES.sub(" ", "".join(letters)).split())


def exact_match(given: str, answers: Sequence[str]) -> float:
    """1 if `given` is one of the answers, else 0."""
    return float(normalised(given) in {normalised(answer) for answer in answers})


def f1(given: str, answers: Sequence[str]) -> float:
    """Harmonic mean of precision and recall of words, against the best of the answers."""
    return max((_f1(normalised(given).split(), normalised(a).split()) for a in answers), default=0)


def survives(text: str, answers: Sequence[str]) -> float:
    """1 if one of the answers stands in `text`, else 0; white space and case do not count."""
    folded = _folded(text)
    return float(any(_folded(answer) in folded for answer in answers))


def _f1(given: list[str], answer: list[str]) -> float:
    if not given or not answer:
        return float(given == answer)
    shared = (Counter(given) & Counter(answer)).total()
    return 2 * shared / (len(given) + len(answer))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
