"""Words of scripts that write no spaces between them: Chinese, Japanese, Thai, Lao, Khmer, Burmese.

By default a run of such characters becomes its overlapping pairs, as in Lucene's CJK analyzer:
nothing to install, no dictionary to age, and a phrase still finds itself. With ICU's dictionaries
it becomes words, in half of the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from attar.errors import UsageError

Segmenter: TypeAlias = Literal["pairs", "icu"]

# Han, kana, Thai, Lao, Khmer, Myanmar. Hangul is not here: Korean writes spaces.
_CLASS = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
UNSPACED: Final = re.compile(f"[{_CLASS}]+")
"""A run of characters of these scripts."""


def segmenter(kind: Segmenter) -> Callable[[str], list[str]]:
    """What cuts a run into words.

    Raises:
        UsageError: if what it needs is not installed.
    """
    if kind == "pairs":
        return pairs
    try:
        from icu4py.breakers import WordBreaker
    except ImportError as error:
        raise UsageError(
            "words by ICU need the package icu4py: pip install 'attar[icu]'"
        ) from error
    # The dictionaries do not depend on the locale; "und" is that of no language.
    return lambda run: list(WordBreaker(run, "und"))


def pairs(run: str) -> list[str]:
    """Overlapping pairs of characters; a single one is itself."""
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
