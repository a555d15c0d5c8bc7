"""Where a text may be cut when no space helps: between grapheme clusters, and between ideographs.

A reader sees a letter with its accents, a flag, or a family emoji as one character (UAX #29); a
line of Chinese or Japanese may be broken between almost any two of its characters (UAX #14).
The rules here are those of the standards for the scripts and emoji in common use, derived from
general categories, because Python's standard library carries no break properties.
"""

from __future__ import annotations

import unicodedata

_ZWJ = "\u200d"
_VIRAMA = 9  # canonical combining class of the marks that join consonants (rule GB9c)
# Characters that join the one before them although their category does not say so: Thai and Lao
# vowels "am", half-width voicing marks, and a zero-width non-joiner.
_JOINING = frozenset("\u0e33\u0eb3\uff9e\uff9f\u200c\u200d")
_NO_BREAK_BEFORE = frozenset(
    "、。，．！？：；）］｝」』】〉》〕〗〙ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ…"
)
_NO_BREAK_AFTER = frozenset("（［｛「『【〈《〔〖〘")


def is_boundary(text: str, i: int) -> bool:
    """Whether position `i` lies between two grapheme clusters of `text`."""
    if i <= 0 or i >= len(text):
        return True
    before, after = text[i - 1], text[i]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    category = unicodedata.category(after)
    if category[0] == "M" or after in _JOINING:
        return before in "\r\n"
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False  # skin tones; the letters of tag flags
    if before == _ZWJ:
        return category[0] == "L" and not _after_virama(text, i - 1)
    if category[0] == "L" and _after_virama(text, i):
        return False
    if "\u1160" <= after <= "\u11ff":
        return not "\u1100" <= before <= "\u11ff" and not "\uac00" <= before <= "\ud7a3"
    if _is_regional(before) and _is_regional(after):
        return _regional_run(text, i) % 2 == 0
    return True


def last_boundary(text: str, start: int, stop: int) -> int:
    """The last cluster boundary in `(start, stop]`, or `start` if there is none."""
    while stop > start and not is_boundary(text, stop):
        stop -= 1
    return stop


def next_boundary(text: str, start: int) -> int:
    """Where the cluster that begins at `start` ends."""
    stop = start + 1
    while not is_boundary(text, stop):
        stop += 1
    return stop


def may_break(text: str, i: int) -> bool:
    """Whether a line may be broken at `i`: beside white space, or beside an ideograph."""
    if i <= 0 or i >= len(text):
        return True
    before, after = text[i - 1], text[i]
    if before.isspace() or after.isspace():
        return True
    if not (_is_ideographic(before) or _is_ideographic(after)):
        return False
    if after in _NO_BREAK_BEFORE or before in _NO_BREAK_AFTER:
        return False
    return is_boundary(text, i)


def _is_ideographic(char: str) -> bool:
    return (
        "\u3000" <= char <= "\u30ff"  # punctuation, hiragana, katakana
        or "\u3400" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U0003ffff"
        or "\uff01" <= char <= "\uff65"
    )


def _after_virama(text: str, i: int) -> bool:
    while i > 0 and text[i - 1] == _ZWJ:
        i -= 1
    return i > 0 and unicodedata.combining(text[i - 1]) == _VIRAMA


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _regional_run(text: str, i: int) -> int:
    """How many regional indicators stand directly before `i`."""
    first = i
    while first > 0 and _is_regional(text[first - 1]):
        first -= 1
    return i - first
