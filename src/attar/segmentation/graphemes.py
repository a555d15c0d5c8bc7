"""Where what a reader sees as one character ends.

The rules are those of UAX #29 (extended grapheme clusters), with the properties that Python's
`unicodedata` lacks replaced by categories that join at least as much: a cut is never made inside
a cluster, and now and then one is not made where it could be.
"""

from __future__ import annotations

import unicodedata

_ZWJ = "\u200d"
_VIRAMA = 9  # canonical combining class of the marks that join consonants (rule GB9c)
_CONTROLS = frozenset(("Cc", "Zl", "Zp"))
_EXTEND = frozenset("\u200c\uff9e\uff9f" + "".join(map(chr, range(0x1F3FB, 0x1F400))))
_PREPEND = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e"
    "\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941\U00011a3a\U00011d46"
)
_THAI_LAO_AM = "\u0e33\u0eb3"  # spacing vowels that UAX #29 counts as marks


def cluster_ends(text: str) -> list[int]:
    """Positions at which a grapheme cluster of `text` ends, in order; the last is its length."""
    if text.isascii() and "\r" not in text:
        return list(range(1, len(text) + 1))
    return [i for i in range(1, len(text) + 1) if is_boundary(text, i)]


def is_boundary(text: str, i: int) -> bool:
    """Whether position `i` lies between two grapheme clusters of `text`, or at an end of it."""
    if i <= 0 or i >= len(text):
        return True
    before, after = text[i - 1], text[i]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    left, right = unicodedata.category(before), unicodedata.category(after)
    if left in _CONTROLS or right in _CONTROLS:
        return True
    if right[0] == "M" or after == _ZWJ or after in _EXTEND or after in _THAI_LAO_AM:
        return False
    if "\U000e0020" <= after <= "\U000e007f":  # tags that spell a flag
        return False
    if right[0] == "L" and _after_virama(text, i):  # a virama ties two consonants
        return False
    if before == _ZWJ:
        return right not in ("So", "Sm", "Po", "Cn")
    if before in _PREPEND:
        return False
    if _is_regional(before) and _is_regional(after):
        return _regional_run(text, i) % 2 == 0
    return not _hangul(before, after)


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


def _hangul(before: str, after: str) -> bool:
    """Whether two parts of one Korean syllable block meet."""
    left, right = _jamo(before), _jamo(after)
    if left == "L":
        return right in ("L", "V", "LV", "LVT")
    if left in ("LV", "V"):
        return right in ("V", "T")
    return left in ("LVT", "T") and right == "T"


def _jamo(char: str) -> str:
    """The Hangul syllable type of a character, or ""."""
    if "\u1100" <= char <= "\u115f" or "\ua960" <= char <= "\ua97c":
        return "L"
    if "\u1160" <= char <= "\u11a7" or "\ud7b0" <= char <= "\ud7c6":
        return "V"
    if "\u11a8" <= char <= "\u11ff" or "\ud7cb" <= char <= "\ud7fb":
        return "T"
    if "\uac00" <= char <= "\ud7a3":
        return "LV" if (ord(char) - 0xAC00) % 28 == 0 else "LVT"
    return ""
