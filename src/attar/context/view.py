"""The text of all passages as a reader sees it, and where each character came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar.context import protect
from attar.context.gaps import joiner
from attar.context.protect import Protection, Range
from attar.context.span import Passage, Span
from attar.context.visible import visible
from attar.errors import UsageError

SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of visible text that was copied from one passage."""

    at: int
    length: int
    passage: int
    source_start: int
    opens: bool  # a block of its own: another passage, or after markup that ends a line
    table: int = -1  # in whose row it stands


class Block(NamedTuple):
    """A stretch of the text that is divided by itself.

    Args:
        start: where it begins.
        end: where it ends.
        kind: the kind of its passage.
        table: the table of which it is a row, by a number that no other table has; -1 if none.
    """

    start: int
    end: int
    kind: str
    table: int = -1


@dataclass(frozen=True)
class View:
    """The visible text of passages: without protection marks and, in HTML, without markup.

    Passages are separated by a blank line, and what markup kept apart by a line break; all else
    is copied. Positions below are characters of `text`.

    Args:
        passages: what was read.
        text: the visible text.
        protected: what must survive, in order; touching ranges are joined.
        mark: written where something was cut between two kept stretches; "" writes nothing.
    """

    passages: tuple[Passage, ...]
    text: str
    protected: tuple[Range, ...]
    _pieces: tuple[_Piece, ...] = field(repr=False)
    _at: NDArray[np.int64] = field(repr=False)
    mark: str = ""

    @classmethod
    def read(
        cls,
        passages: Sequence[Passage],
        protections: Sequence[Protection] = (),
        mark: str = "",
    ) -> View:
        """Lay out passages in the order given.

        Raises:
            UsageError: if a protection cannot be: see `protect.locate`.
        """
        if len(passages) != 1 and any(isinstance(p, tuple) for p in protections):
            raise UsageError(
                "offsets to protect need one text: mark what to protect in several passages"
            )
        texts: list[str] = []
        pieces: list[_Piece] = []
        protected: list[Range] = []
        length = 0
        for number, passage in enumerate(passages):
            marks, kept = protect.locate(passage.text, protections)
            begun = False
            first = 1 + max((p.table for p in pieces), default=-1)
            for start, end, gap, table in visible(passage, marks, kept):
                opens = gap == "\n" or not begun
                between = SEPARATOR if pieces and not begun else ""
                if begun and not texts[-1].endswith(gap):
                    between = gap
                length += len(between)
                pieces.append(
                    _Piece(
                        length,
                        end - start,
                        number,
                        passage.start + start,
                        opens,
                        first + table if table >= 0 else -1,
                    )
                )
                texts += [between, passage.text[start:end]]
                for a, b in kept:
                    if max(a, start) < min(b, end):
                        shift = length - start
                        protected.append((max(a, start) + shift, min(b, end) + shift))
                length += end - start
                begun = True
        return cls.joined(tuple(passages), "".join(texts), pieces, protected, mark)

    def blocks(self) -> Iterator[Block]:
        """Each passage, and within HTML each block and each row of a table."""
        start = end = 0
        kind = ""
        table = -1
        for piece in self._pieces:
            if piece.opens:
                if end > start:
                    yield Block(start, end, kind, table)
                start = piece.at
                kind = self.passages[piece.passage].kind
                table = piece.table
            end = piece.at + piece.length
        if end > start:
            yield Block(start, end, kind, table)

    def passage_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the passage that each character was copied from."""
        numbers = np.array([piece.passage for piece in self._pieces], dtype=np.int64)
        if not len(numbers):
            return np.zeros(len(places), dtype=np.int64)
        first = np.maximum(np.searchsorted(self._at, places, side="right") - 1, 0)
        return numbers[first]

    def by_passage(self, kept: Sequence[Range]) -> tuple[tuple[int, str], ...]:
        """The text of the kept ranges of each passage, with its number, where there is any."""
        ends: dict[int, Range] = {}
        for piece in self._pieces:
            start, _ = ends.get(piece.passage, (piece.at, 0))
            ends[piece.passage] = (start, piece.at + piece.length)
        found = []
        for number, (start, end) in ends.items():
            inside = [(max(a, start), min(b, end)) for a, b in kept if a < end and start < b]
            if inside:
                found.append((number, self.render(inside)))
        return tuple(found)

    def render(self, kept: Sequence[Range]) -> str:
        """The text of kept ranges (in order, not overlapping) with joiners between them.

        With a mark, it stands between two joiners wherever more than white space was cut.
        """
        parts = []
        last = None
        for start, end in kept:
            if last is not None:
                gap = joiner(self.text, last, start)
                if self.mark and self.text[last:start].strip():
                    gap = f"{gap or ' '}{self.mark}{gap or ' '}"
                parts.append(gap)
            parts.append(self.text[start:end])
            last = end
        return "".join(parts)

    def spans(self, kept: Sequence[Range]) -> tuple[Span, ...]:
        """The kept ranges as spans of the passages' sources; ranges that touch are one span."""
        found = []
        for start, end, inside in _split(protect.union(kept), self.protected):
            first = max(int(np.searchsorted(self._at, start, side="right")) - 1, 0)
            for piece in self._pieces[first:]:
                if piece.at >= end:
                    break
                a, b = max(start, piece.at), min(end, piece.at + piece.length)
                if a >= b:
                    continue
                passage = self.passages[piece.passage]
                offset = piece.source_start - piece.at
                found.append(
                    Span(
                        passage.source,
                        a + offset,
                        b + offset,
                        self.text[a:b],
                        passage.kind,
                        inside,
                        piece.passage,
                    )
                )
        return tuple(found)

    def narrowed(self, kept: Sequence[Range]) -> View:
        """A view of the kept ranges and what stands between them, as if there were nothing else."""
        parts: list[str] = []
        pieces: list[_Piece] = []
        protected: list[Range] = []
        length = 0
        last = None
        for start, end in kept:
            gap = "" if last is None else joiner(self.text, last, start)
            length += len(gap)
            shift = length - start
            first = max(int(np.searchsorted(self._at, start, side="right")) - 1, 0)
            for piece in self._pieces[first:]:
                if piece.at >= end:
                    break
                a, b = max(start, piece.at), min(end, piece.at + piece.length)
                if a < b:
                    origin = piece.source_start + a - piece.at
                    pieces.append(_Piece(a + shift, b - a, piece.passage, origin, not pieces))
            at = bisect_right(self.protected, start, key=lambda r: r[1])
            for a, b in self.protected[at:]:
                if a >= end:
                    break
                protected.append((max(a, start) + shift, min(b, end) + shift))
            parts += [gap, self.text[start:end]]
            length += end - start
            last = end
        return View.joined(self.passages, "".join(parts), pieces, protected, self.mark)

    @classmethod
    def joined(
        cls,
        passages: tuple[Passage, ...],
        text: str,
        pieces: Sequence[_Piece],
        protected: Sequence[Range],
        mark: str = "",
    ) -> View:
        """A view whose pieces are known."""
        at = np.array([p.at for p in pieces], dtype=np.int64)
        return cls(passages, text, tuple(protect.union(protected)), tuple(pieces), at, mark)

    @classmethod
    def chained(cls, passage: Passage, parts: Sequence[tuple[str, View]]) -> View:
        """Views of stretches of one passage, one behind the other, as one view.

        Args:
            passage: of which they are; its text is not looked at and may be left out.
            parts: each with the white space that stands before it.
        """
        texts: list[str] = []
        pieces: list[_Piece] = []
        protected: list[Range] = []
        length = 0
        for gap, view in parts:
            length += len(gap)
            pieces += [replace(p, at=p.at + length, opens=False) for p in view._pieces]
            protected += [(a + length, b + length) for a, b in view.protected]
            texts += [gap, view.text]
            length += len(view.text)
        pieces[:1] = [replace(p, opens=True) for p in pieces[:1]]
        return cls.joined((passage,), "".join(texts), pieces, protected)

    def extent(self, passage: int) -> Range:
        """From where to where the text of a passage goes; (0, 0) if none of it is seen."""
        own = [piece for piece in self._pieces if piece.passage == passage]
        return (own[0].at, own[-1].at + own[-1].length) if own else (0, 0)

    def places(self, span: Span) -> list[Range]:
        """Where in the text the characters of a span stand, as far as a reader sees them."""
        found = []
        for piece in self._pieces:
            offset = piece.source_start - piece.at
            start = max(span.start, piece.source_start) - offset
            end = min(span.end, piece.source_start + piece.length) - offset
            if piece.passage == span.passage and start < end:
                found.append((start, end))
        return found


def _split(ranges: Sequence[Range], protected: Sequence[Range]) -> Iterator[tuple[int, int, bool]]:
    """Cut ranges where protection begins and ends; says of each part whether it is protected."""
    edges = [edge for pair in protected for edge in pair]  # sorted, since ranges never touch
    for start, end in ranges:
        i = bisect_right(edges, start)
        while i < len(edges) and edges[i] < end:
            yield start, edges[i], i % 2 == 1
            start = edges[i]
            i += 1
        yield start, end, i % 2 == 1
