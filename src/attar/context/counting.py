"""How long a text is in the unit of its budget: estimated for parts, exact for the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.models.base import Tokenizer

CountUnit: TypeAlias = Literal["tokens", "bytes"]


@dataclass(frozen=True)
class Counter:
    """Counts a text as its budget does.

    Args:
        tokenizer: the reader's.
        unit: "tokens" of that tokenizer, or "bytes" of UTF-8.
    """

    tokenizer: Tokenizer
    unit: CountUnit = "tokens"

    def count(self, text: str) -> int:
        """The exact length of `text`."""
        if self.unit == "tokens":
            return self.tokenizer.count(text)
        return utf8_length(text)

    def starts(self, text: str) -> NDArray[np.int64]:
        """Position of the character in which each token or byte begins, in order.

        How many lie in a range estimates that range's cost; the text that is put together
        from ranges is counted again, since tokens may join or split at the seams.
        """
        if self.unit == "tokens":
            return np.maximum.accumulate(self.tokenizer.offsets(text)[:, 0])
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        width = 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF)
        return np.repeat(np.arange(len(points), dtype=np.int64), width)


def utf8_length(text: str) -> int:
    """Bytes of `text` in UTF-8; a lone surrogate counts three, as a replacement for it does."""
    return len(text.encode("utf-8", "surrogatepass"))
