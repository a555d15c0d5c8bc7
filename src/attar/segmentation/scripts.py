"""Scripts that write no spaces between words."""

from __future__ import annotations

# Thai, Lao, Burmese, Khmer, kana, ideographs.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3000, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF00, 0xFFEF),
    (0x20000, 0x3FFFF),
)


def unspaced(char: str) -> bool:
    """Whether a character is of a script that writes no spaces between words."""
    point = ord(char)
    return point >= 0x0E00 and any(low <= point <= high for low, high in _UNSPACED)
