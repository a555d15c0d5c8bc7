"""A long text in blocks that fit into memory, none of which cuts what is protected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from attar.context.protect import Marks, Protection, Range, locate, union
from attar.segmentation.graphemes import is_boundary

BLOCK = 1 << 20
"""Characters of a block: about 250,000 tokens of English."""
# A protected text that begins in a block and is longer than this may be cut at the block's end.
_AHEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a text.

    Args:
        start: where it begins, in characters of the text.
        text: all of it.
        protections: what is protected in it; offsets count from its beginning.
    """

    start: int
    text: str
    protections: tuple[Protection, ...]


def blocks(
    pieces: Iterable[str], protections: Sequence[Protection], size: int = BLOCK
) -> Iterator[Block]:
    """Cut a text into blocks, at blank lines where there are any, else at line ends.

    Args:
        pieces: the text, piece by piece.
        protections: as `protect.read` gives them; offsets count from the beginning of the text.
        size: the most characters of a block; one is longer only where a pair of marks is.

    Raises:
        UsageError: for a mark without its partner.
    """
    buffer = ""
    start = 0
    wanted = size + _AHEAD
    source = iter(pieces)
    ended = False
    while not ended or buffer:
        while not ended and len(buffer) < wanted:
            piece = next(source, None)
            ended = piece is None
            buffer += piece or ""
        if ended and len(buffer) <= size:
            cut = len(buffer)
        else:
            cut = _cut(buffer, _here(protections, start, len(buffer)), size)
            if not cut and not ended:
                wanted += size
                continue
            cut = cut or len(buffer)
        yield Block(start, buffer[:cut], _here(protections, start, cut))
        buffer = buffer[cut:]
        start += cut
        wanted = size + _AHEAD


def _here(protections: Sequence[Protection], start: int, length: int) -> tuple[Protection, ...]:
    """The same protections in a stretch of the text."""
    found: list[Protection] = []
    for item in protections:
        if not isinstance(item, tuple):
            found.append(item)
            continue
        a, b = max(item[0] - start, 0), min(item[1] - start, length)
        if a < b:
            found.append((a, b))
    return tuple(found)


def _cut(buffer: str, protections: Sequence[Protection], size: int) -> int:
    """Where a block ends that the buffer begins with; 0 if more must be read to tell."""
    cut = _line_end(buffer, size)
    others = [item for item in protections if not isinstance(item, Marks)]
    whole = locate(buffer, others)[1] if others else []
    for pair in protections:
        whole += _pairs(buffer, pair) if isinstance(pair, Marks) else []
    for start, end in union(whole):
        if start < cut < end:
            # A pair that is still open at the end of the buffer may close further on.
            cut = start or (end if end < len(buffer) else 0)
    return cut


def _line_end(buffer: str, size: int) -> int:
    """Behind the last blank line, or line, or character that a reader sees as one."""
    for separator in ("\n\n", "\n"):
        found = buffer.rfind(separator, size // 2, size)
        if found >= 0:
            return found + len(separator)
    cut = min(size, len(buffer))
    while cut > 1 and not is_boundary(buffer, cut):
        cut -= 1
    return cut


def _pairs(text: str, marks: Marks) -> list[Range]:
    """From each outermost opening mark to behind its closing one, or to the end of the text."""
    same = marks.open == marks.close
    either = re.compile(f"{re.escape(marks.open)}|{re.escape(marks.close)}")
    found: list[Range] = []
    start = depth = 0
    for match in either.finditer(text):
        if match[0] == marks.open and not (same and depth):
            start = start if depth else match.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                found.append((start, match.end()))
    return [*found, (start, len(text))] if depth else found
