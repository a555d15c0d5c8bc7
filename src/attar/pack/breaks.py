"""Where a line may be broken, and the nearest end of what a reader sees as one character.

A line of Chinese or Japanese may be broken between almost any two of its characters (UAX #14);
other scripts break beside white space.
"""

from __future__ import annotations

from attar.segmentation.graphemes import is_boundary

_NO_BREAK_BEFORE = frozenset(
    "、。，．！？：；）］｝」』】〉》〕〗〙ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ…"
)
_NO_BREAK_AFTER = frozenset("（［｛「『【〈《〔〖〘")


def last_boundary(text: str, start: int, stop: int) -> int:
    """The last cluster boundary in `(start, stop]`, or `start` if there is none."""
    while stop > start and not is_boundary(text, stop):
        stop -= 1
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
