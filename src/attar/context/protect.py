"""What must survive: marks in the text, literal texts, patterns and offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from attar.errors import UsageError

Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marks:
    """A pair of marks around protected text; the marks themselves are not kept.

    Pairs may be nested. When both marks are the same, each second one closes.

    Args:
        open: what stands before the protected text.
        close: what stands after it.
    """

    open: str
    close: str

    def __post_init__(self) -> None:
        if not self.open or not self.close:
            raise UsageError("a protection mark cannot be empty: give both, as in <keep>...</keep>")

    def find(self, text: str) -> tuple[list[Range], list[Range]]:
        """Where the marks are, and what they protect.

        Raises:
            UsageError: if a mark has no partner; the message says where it stands.
        """
        either = re.compile(
            f"(?P<open>{re.escape(self.open)})|(?P<close>{re.escape(self.close)})"
            if self.open != self.close
            else f"(?P<open>{re.escape(self.open)})"
        )
        marks: list[Range] = []
        protected: list[Range] = []
        opened: list[re.Match[str]] = []
        for match in either.finditer(text):
            marks.append(match.span())
            closes = match["open"] is None or (self.open == self.close and opened)
            if not closes:
                opened.append(match)
            elif not opened:
                raise UsageError(
                    f"the protection mark {self.close!r} at character {match.start()}"
                    f" has no {self.open!r} before it: add it or remove the mark"
                )
            else:
                first = opened.pop()
                if not opened:
                    protected.append((first.end(), match.start()))
        if opened:
            raise UsageError(
                f"the protection mark {self.open!r} at character {opened[0].start()}"
                f" has no {self.close!r} after it: add it or remove the mark"
            )
        return marks, protected


Protection: TypeAlias = str | re.Pattern[str] | Marks | Range
Protections: TypeAlias = str | re.Pattern[str] | Marks | Sequence[Protection]


def read(protect: Protections) -> list[Protection]:
    """The protections as a list; of a text with "..." inside, the two marks that it means.

    Raises:
        UsageError: if one is empty or of another type.
    """
    items: Sequence[object] = (
        [protect] if isinstance(protect, str | re.Pattern | Marks) else list(protect)
    )
    if len(items) == 2 and all(type(i) is int for i in items):
        items = [tuple(items)]  # one bare range
    found: list[Protection] = []
    for item in items:
        if isinstance(item, str):
            if not item:
                raise UsageError("cannot protect an empty text: leave it out")
            before, dots, after = item.partition("...")
            pair = dots and before and after and "..." not in after
            found.append(Marks(before, after) if pair else item)
        elif isinstance(item, Marks | re.Pattern):
            found.append(item)
        elif isinstance(item, tuple | list) and [type(i) for i in item] == [int, int]:
            found.append((item[0], item[1]))
        else:
            raise UsageError(
                f"cannot protect {item!r}: give a text, marks such as <keep>...</keep>,"
                " a compiled pattern, or (start, end)"
            )
    return found


def locate(text: str, protections: Sequence[Protection]) -> tuple[list[Range], list[Range]]:
    """Find the marks in a text, and what is protected by them or otherwise.

    Literal texts and patterns are looked for in the text without its marks; offsets count
    characters of the text as it is. What overlaps is joined.

    Returns:
        The ranges of the marks, and the protected ranges (marks not taken out of them).

    Raises:
        UsageError: for a mark without its partner or offsets outside the text.
    """
    marks: list[Range] = []
    protected: list[Range] = []
    for item in protections:
        if isinstance(item, Marks):
            found, inside = item.find(text)
            marks += found
            protected += inside
        elif isinstance(item, tuple):
            if not 0 <= item[0] <= item[1] <= len(text):
                raise UsageError(
                    f"cannot protect characters {item[0]} to {item[1]}"
                    f" of a text of {len(text)} characters"
                )
            protected.append(item)
    marks = union(marks)
    bare, where = _without(text, marks)
    for item in protections:
        if isinstance(item, str | re.Pattern):
            pattern = re.compile(re.escape(item)) if isinstance(item, str) else item
            for match in pattern.finditer(bare):
                if match.end() > match.start():
                    protected.append((where(match.start()), where(match.end() - 1) + 1))
    return marks, union(protected)


def union(ranges: Sequence[Range]) -> list[Range]:
    """The same ground in ranges that neither touch nor overlap, in order, none empty."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class _Where:
    """From positions in a text without some ranges to positions in the whole text."""

    def __init__(self, removed: Sequence[Range]) -> None:
        self._starts = []
        self._lost = [0]
        for start, end in removed:
            self._starts.append(start - self._lost[-1])
            self._lost.append(self._lost[-1] + end - start)

    def __call__(self, position: int) -> int:
        return position + self._lost[bisect_right(self._starts, position)]


def _without(text: str, removed: Sequence[Range]) -> tuple[str, _Where]:
    edges = [0, *(edge for pair in removed for edge in pair), len(text)]
    pieces = (text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
    return "".join(pieces), _Where(removed)
