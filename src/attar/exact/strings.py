"""Columns of strings as they are held: in few bytes, each string made when it is asked for.

A Python list of a million names takes a hundred megabytes; most names are a number between the
same two ends, a choice among few, or a stretch of one run of bytes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError
from attar.exact.narrow import Ascending, narrow


class Strings(Sequence[str]):
    """Strings that are made when they are asked for."""

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Bytes that it holds, but for a few."""

    @abstractmethod
    def _at(self, i: int) -> str:
        """String `i`, from 0 to less than the length."""

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        size = len(self)
        if isinstance(i, slice):
            return [self._at(j) for j in range(*i.indices(size))]
        if not -size <= i < size:
            raise IndexError(f"there is no string {i} among {size}")
        return self._at(i % size)

    def __iter__(self) -> Iterator[str]:
        return map(self._at, range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Whether it holds the same strings as another sequence."""
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class Joined(Strings):
    """Stretches of one run of UTF-8.

    Args:
        data: all strings, one behind the other.
        lengths: bytes of each; they add up to those of `data`.

    Raises:
        DamagedPackError: if a string is not UTF-8.
    """

    def __init__(self, data: bytes, lengths: NDArray[np.int64]) -> None:
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        if not data.isascii():
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise DamagedPackError("a column of names is not UTF-8") from error
            bounds = starts[starts < len(data)]
            # A byte 10xxxxxx goes on with a character (RFC 3629): no string begins with one.
            if bool((np.frombuffer(data, np.uint8)[bounds] & 0xC0 == 0x80).any()):
                raise DamagedPackError("a column of names is not UTF-8")
        self._data = data
        self._starts = Ascending(starts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @property
    def nbytes(self) -> int:
        """Of the run, and of where each string begins."""
        return len(self._data) + self._starts.nbytes

    def _at(self, i: int) -> str:
        return self._data[self._starts[i] : self._starts[i + 1]].decode("utf-8")


class Numbered(Strings):
    """Numbers between the same two ends.

    Args:
        prefix: what all begin with.
        numbers: one a string, 0 or more, written without zeros before it.
        suffix: what all end with.
    """

    def __init__(self, prefix: str, numbers: NDArray[np.int64], suffix: str) -> None:
        self._prefix, self._suffix = prefix, suffix
        self._least = int(numbers.min()) if len(numbers) else 0
        self._above = narrow(numbers - self._least)

    def __len__(self) -> int:
        return len(self._above)

    @property
    def nbytes(self) -> int:
        """Of the numbers."""
        return self._above.nbytes

    def _at(self, i: int) -> str:
        return f"{self._prefix}{self._least + int(self._above[i])}{self._suffix}"


class Repeated(Strings):
    """The same string again and again.

    Args:
        value: the string.
        count: how often.
    """

    def __init__(self, value: str, count: int) -> None:
        self._value, self._count = value, count

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Next to nothing."""
        return 0

    def _at(self, i: int) -> str:
        return self._value


class Chosen(Strings):
    """Choices among strings.

    Args:
        distinct: what there is to choose from.
        choice: for each string, which one.
    """

    def __init__(self, distinct: Strings, choice: NDArray[np.int64]) -> None:
        self._distinct = distinct
        self._choice = narrow(choice)

    def __len__(self) -> int:
        return len(self._choice)

    @property
    def nbytes(self) -> int:
        """Of the choices, and of what there is to choose from."""
        return self._distinct.nbytes + self._choice.nbytes

    def _at(self, i: int) -> str:
        return self._distinct[int(self._choice[i])]
