"""Where what a reader sees as one character ends.

The rules are those of UAX #29 (extended grapheme clusters), with the properties that Python's
`unicodedata` lacks replaced by categories that join at least as much: a cut is never made inside
a cluster, and now and then one is not made where it could be.
"""

from __future__ import annotations

import unicodedata

_ZWJ = "\u200d"
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
    ends = []
    flags = 0  # regional indicators in a row before this character
    for i in range(1, len(text)):
        before, after = text[i - 1], text[i]
        flags = flags + 1 if "\U0001f1e6" <= before <= "\U0001f1ff" else 0
        if not _joined(before, after, flags):
            ends.append(i)
    if text:
        ends.append(len(text))
    return ends


def _joined(before: str, after: str, flags: int) -> bool:
    """Whether no cluster ends between two characters."""
    if before < "\u0300" and after < "\u0300":
        return before == "\r" and after == "\n"
    left, right = unicodedata.category(before), unicodedata.category(after)
    if left in ("Cc", "Zl", "Zp") or right in ("Cc", "Zl", "Zp"):
        return False
    if right[0] == "M" or after == _ZWJ or after in _EXTEND or after in _THAI_LAO_AM:
        return True
    if "\U000e0020" <= after <= "\U000e007f":  # tags that spell a flag
        return True
    if before == _ZWJ:
        return right in ("So", "Sm", "Po", "Cn")
    if before in _PREPEND:
        return True
    if "\U0001f1e6" <= after <= "\U0001f1ff":
        return flags % 2 == 1
    if unicodedata.combining(before) == 9 and right == "Lo":  # a virama ties two consonants
        return True
    return _hangul(before, after)


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
