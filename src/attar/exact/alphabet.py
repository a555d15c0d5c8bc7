"""Words written as one or two bytes that the text itself never uses.

A text that is coded bit by bit is coded faster when it has fewer bytes, and a dictionary knows all
of a corpus's common words where a block knows few. The idea is that of P. Skibinski, S. Grabowski
and S. Deorowicz, "Revisiting dictionary-based compression" (2005). UTF-8 leaves at least 13 byte
values unused, and a text in Latin letters over a hundred, so nothing needs to be escaped.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, no_type_check

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError
from attar.kernel import kernel

SINGLE, LEAD = 1, 2  # kinds of bytes: a word, and the first of two that are one
LONGEST = 255  # bytes of a word
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{2,255}")
_MOST_SHARED = ord("A") - 1
_ENTRY = re.compile(rb"[\x00-\x40][\x41-\xff]*")
# A word that is rarer costs as much in the dictionary as it gains.
_LEAST_COUNT = 6
# One in so many free bytes stands for a word alone. A text in many scripts has few of them, and
# still 14,000 words.
_ALONE = 5


class Sizes(NamedTuple):
    """What a coder needs to know of an alphabet.

    Args:
        kinds: of each byte: 0 for itself, SINGLE or LEAD.
        letters: whether each byte belongs to a word.
        chars: characters of the word that a byte, or two as 256 * first + second, stands for.
        sizes: its bytes.
    """

    kinds: NDArray[np.uint8]
    letters: NDArray[np.bool_]
    chars: NDArray[np.uint8]
    sizes: NDArray[np.uint8]


@dataclass(frozen=True)
class Alphabet:
    """Words, and the bytes that stand for them.

    Args:
        free: the byte values that stand for words, ascending; a fifth of them alone, the others
            with a second byte of any value.
        words: first those that one byte stands for; each 2 to 255 bytes, none twice.
    """

    free: bytes
    words: tuple[bytes, ...]

    @classmethod
    def plain(cls) -> Alphabet:
        """Every byte stands for itself."""
        return cls(b"", ())

    @classmethod
    def of(cls, blocks: Iterable[bytes]) -> Alphabet:
        """Learn the common words of a text, given in pieces of whole characters."""
        used = np.zeros(256, dtype=bool)
        counts: Counter[bytes] = Counter()
        for block in blocks:
            used |= np.bincount(np.frombuffer(block, dtype=np.uint8), minlength=256) > 0
            counts.update(_WORD.findall(block))
        free = bytes(np.flatnonzero(~used).tolist())
        common = [w for w, n in counts.items() if n >= _LEAST_COUNT and _whole(w)]
        common.sort(key=lambda w: (-counts[w] * (len(w) - 1), w))
        alone = len(free) // _ALONE
        if alone == 0:
            return cls.plain()
        most = alone + (len(free) - alone) * 256
        return cls(free, (*sorted(common[:alone]), *sorted(common[alone:most])))

    @classmethod
    def decode(cls, data: bytes) -> Alphabet:
        """Read what `encode` wrote.

        Raises:
            DamagedPackError: if it is no alphabet.
        """
        bits = np.frombuffer(data[:32], dtype=np.uint8)
        if len(bits) != 32:
            raise DamagedPackError("its alphabet is cut short")
        free = bytes(np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist())
        alone = len(free) // _ALONE
        most = alone + (len(free) - alone) * 256 if alone else 0
        entries = _ENTRY.findall(data, 32)
        if sum(map(len, entries)) != len(data) - 32 or len(entries) > most:
            raise DamagedPackError("its alphabet has an impossible length")
        words: list[bytes] = []
        before = b""
        for entry in entries:
            word = before[: entry[0]] + entry[1:]
            if entry[0] > len(before) or not 2 <= len(word) <= LONGEST:
                raise DamagedPackError("its alphabet holds an impossible word")
            words.append(word)
            before = word
        return cls(free, tuple(words))

    def encode(self) -> bytes:
        """The free bytes as 256 bits, and the words: how much each shares with the last, the rest.

        No letter is as small a byte as what tells how many are shared, so nothing need part them.
        """
        flags = np.zeros(256, dtype=bool)
        flags[list(self.free)] = True
        entries = [np.packbits(flags, bitorder="little").tobytes()]
        for before, word in itertools.pairwise((b"", *self.words)):
            shared = _common(before, word[:_MOST_SHARED])
            entries += [bytes([shared]), word[shared:]]
        return b"".join(entries)

    def spell(self, text: bytes, cuts: Sequence[int] = ()) -> bytes:
        """Write a text with words as their bytes; no word goes over one of the cuts."""
        if not self.words:
            return text
        codes = self._codes
        places = [0, *cuts, len(text)]
        return b"".join(
            _WORD.sub(lambda m: codes.get(m[0], m[0]), text[a:b])
            for a, b in itertools.pairwise(places)
        )

    def read(self, spelled: bytes) -> bytes:
        """The text that was spelled so; of anything else, something."""
        if not self.words:
            return spelled
        data = np.frombuffer(spelled, dtype=np.uint8)
        table = (self.sizes.kinds, *self._spelling)
        text = np.empty(_read(data, *table, np.empty(0, np.uint8)), dtype=np.uint8)
        _read(data, *table, text)
        return text.tobytes()

    @cached_property
    def sizes(self) -> Sizes:
        """For a coder."""
        alone = len(self.free) // _ALONE
        kinds = np.zeros(256, dtype=np.uint8)
        kinds[list(self.free[:alone])] = SINGLE
        kinds[list(self.free[alone:])] = LEAD
        letters = np.zeros(256, dtype=bool)
        letters[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = True
        letters[128:] = True
        letters[list(self.free)] = True
        number, start, joined = self._spelling
        known = np.flatnonzero(number >= 0)
        begins = np.append(0, np.cumsum(joined & 0xC0 != 0x80))[start]
        chars = np.ones(1 << 16, dtype=np.uint8)
        sizes = np.ones(1 << 16, dtype=np.uint8)
        chars[known] = np.diff(begins)[number[known]]
        sizes[known] = np.diff(start)[number[known]]
        return Sizes(kinds, letters, chars, sizes)

    @cached_property
    def _spelling(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8]]:
        """The number of the word that each code stands for, or -1; where each begins; all words."""
        number = np.full(1 << 16, -1, dtype=np.int32)
        number[self._numbers] = np.arange(len(self.words))
        start = np.cumsum([0, *map(len, self.words)], dtype=np.int64)
        return number, start, np.frombuffer(b"".join(self.words), dtype=np.uint8)

    @cached_property
    def _codes(self) -> dict[bytes, bytes]:
        """What each word is written as."""
        alone = len(self.free) // _ALONE
        return {
            word: number.to_bytes(1 if i < alone else 2, "big")
            for i, (word, number) in enumerate(zip(self.words, self._numbers.tolist(), strict=True))
        }

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        """The code of each word: a byte, or 256 * first + second; no first is 0, the least."""
        alone = len(self.free) // _ALONE
        free = np.frombuffer(self.free, dtype=np.uint8).astype(np.int64)
        pairs = (free[alone:, None] << 8) + np.arange(256)
        return np.concatenate([free[:alone], pairs.reshape(-1)])[: len(self.words)]


@kernel(nogil=True)
@no_type_check
def _read(data, kinds, number, start, joined, text):
    """Bytes that are read; they are written if there is room."""
    size = at = 0
    while at < len(data):
        kind = kinds[data[at]]
        wide = 2 if kind == LEAD and at + 1 < len(data) else 1
        code = np.int64(data[at]) << 8 | data[at + 1] if wide == 2 else np.int64(data[at])
        word = number[code] if kind == SINGLE or wide == 2 else -1
        if word >= 0:
            for i in range(start[word], start[word + 1]):
                if len(text) > 0:
                    text[size] = joined[i]
                size += 1
        else:
            for i in range(at, at + wide):
                if len(text) > 0:
                    text[size] = data[i]
                size += 1
        at += wide
    return size


def _whole(word: bytes) -> bool:
    """Whether it is whole characters: a very long one may have been cut."""
    try:
        return bool(word.decode())
    except UnicodeDecodeError:
        return False


def _common(a: bytes, b: bytes) -> int:
    """How many bytes two words share at their beginning."""
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    return n
