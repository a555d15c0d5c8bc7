"""Cut a document into chunks that an embedder can read whole.

A document that fits is one chunk. A longer one is cut where its author divided it: between
sections, then blocks, sentences, words; small neighbours share a chunk as long as they stand
under the same heading. Nothing is cut inside a word unless the word alone is too long, and then
between characters as readers see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from attar.errors import UsageError
from attar.models.base import Tokenizer
from attar.pack.breaks import may_break
from attar.pack.counts import Counts
from attar.pack.document import Document
from attar.pack.html import Visible, visible
from attar.pack.splitters import splitter
from attar.pack.splitters.markup import split_visible
from attar.pack.splitters.unit import Unit, divided
from attar.pack.view import view
from attar.segmentation.graphemes import is_boundary

# A text of at most this many characters a token is counted before it is divided: most records
# fit whole, and then nothing else needs to be known of them.
_LIKELY_FITS = 8
# Headings help to find a passage, but must leave most of the room to it.
_HEADING_SHARE = 0.25
_SOLID = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One stretch of a document.

    Args:
        start: where it begins, in characters of the document's text.
        end: where it ends; neither begins nor ends with white space, except that the first line
            of source code keeps its indentation.
        heading: the headings that it stands under and does not itself show, outermost first,
            joined by " > "; "" if there is none. The document's title is left out, and so are
            outer headings when all together would take more than a quarter of the tokens.
    """

    start: int
    end: int
    heading: str = ""


def chunk(document: Document, tokenizer: Tokenizer, max_tokens: int) -> list[Chunk]:
    """Cut a document into chunks, in order.

    They do not overlap, and together they hold all text that is not white space (of HTML: all
    that is seen; a byte order mark belongs to none). The view of each (see `view`) and its heading
    have at most `max_tokens` tokens together, unless a single code point has more.

    Args:
        document: what to cut; its kind says how it is divided.
        tokenizer: counts the tokens.
        max_tokens: the most that a chunk may have, its heading included.

    Raises:
        UsageError: if `max_tokens` is less than 1.
    """
    if max_tokens < 1:
        raise UsageError(f"a chunk needs room for at least 1 token, not {max_tokens}")
    page = visible(document.text) if document.kind == "html" else None
    text = page.text if page else document.text
    start, end = _trimmed(text, 0, len(text), indented=False)
    if start == end:
        return []
    cutter = _Cutter(document, page, text, tokenizer, max_tokens)
    if end - start <= max_tokens * _LIKELY_FITS and (whole := cutter.whole(start, end)):
        return [whole]
    root = split_visible(page) if page else splitter(document.kind)(text)
    return list(cutter.chunks(root, ()))


class _Cutter:
    """Cuts one text, in characters of what is seen of it."""

    def __init__(
        self, document: Document, page: Visible | None, text: str, tokenizer: Tokenizer, limit: int
    ) -> None:
        self.document = document
        self.page = page
        self.text = text
        self.tokenizer = tokenizer
        self.limit = limit
        self.heading_tokens: dict[str, int] = {"": 0}

    @cached_property
    def counts(self) -> Counts:
        return Counts(self.text, self.tokenizer)

    def whole(self, start: int, end: int) -> Chunk | None:
        """The span as one chunk, if it fits when it is tokenized on its own."""
        found = self.placed(start, end, "")
        return found if self.tokens(found) <= self.limit else None

    def chunks(self, unit: Unit, path: tuple[Unit, ...]) -> Iterator[Chunk]:
        """Cut a unit, and pack small neighbours together."""
        path = (*path, unit)
        room = self.limit - self.heading_tokens[self.heading(path)]
        if self.counts.between(unit.start, unit.end) <= room:
            yield from self.confirmed(unit.start, unit.end, path)
            return
        start = end = unit.start
        first = 0  # tokens before `start`
        for part, before, after in self.parts(unit, room):
            if end > start and after - first <= room:
                end = part.end
                continue
            yield from self.confirmed(start, end, path)
            start, end, first = part.start, part.end, before
            if part.heading and after - before > room:
                yield from self.chunks(part, path)
                start = end
        yield from self.confirmed(start, end, path)

    def parts(self, unit: Unit, room: int) -> Iterator[tuple[Unit, int, int]]:
        """The largest units below this one that have room or are sections.

        Each with the tokens of the text before it and up to its end.
        """
        if unit.by == "words" and not unit.children:
            words = [Unit(a, b) for a, b in self.counts.wrapped(unit.start, unit.end, room)]
            yield from self.counted(words)
            return
        for part, before, after in self.counted(unit.children or list(divided(self.text, unit))):
            if part.heading or after - before <= room:
                yield part, before, after
            else:
                yield from self.parts(part, room)

    def counted(self, units: Sequence[Unit]) -> Iterable[tuple[Unit, int, int]]:
        """Units with the tokens of the text before each and up to its end."""
        before = self.counts.before([unit.start for unit in units])
        after = self.counts.before([unit.end for unit in units])
        return zip(units, before, after, strict=True)

    def confirmed(self, start: int, end: int, path: tuple[Unit, ...]) -> Iterator[Chunk]:
        """The span as a chunk; as several where cutting it out has made more tokens of it."""
        code = self.document.kind.startswith("code")
        start, end = _trimmed(self.text, start, end, indented=code)
        if start == end:
            return
        found = self.placed(start, end, self.heading(path, start))
        if self.page:
            tokens = self.tokens(found)
        else:
            tokens = self.counts.alone(start, end) + self.heading_tokens[found.heading]
        if end - start == 1 or tokens <= self.limit:
            if found.start < found.end:
                yield found
            return
        middle = _middle(self.text, start, end)
        yield from self.confirmed(start, middle, path)
        yield from self.confirmed(middle, end, path)

    def placed(self, start: int, end: int, heading: str) -> Chunk:
        if self.page:
            start, end = self.page.source(start, end)
        return Chunk(start, end, heading)

    def tokens(self, found: Chunk) -> int:
        """Tokens of a chunk's view and of its heading."""
        passage = view(self.document.kind, self.document.text[found.start : found.end])
        return self.tokenizer.count(passage) + self.heading_tokens[found.heading]

    def heading(self, path: tuple[Unit, ...], start: int | None = None) -> str:
        """The headings of a path, or those of them that a chunk from `start` on does not show."""
        above = [
            unit.heading
            for unit in path
            if unit.heading and (start is None or self.first_of(unit) < start)
        ]
        if above and above[0] == self.document.title:
            del above[0]
        while above:
            heading = " > ".join(above)
            if heading not in self.heading_tokens:
                self.heading_tokens[heading] = self.tokenizer.count(heading)
            if self.heading_tokens[heading] <= self.limit * _HEADING_SHARE:
                return heading
            del above[0]
        return ""

    def first_of(self, unit: Unit) -> int:
        """Where the first character of a unit stands that is not white space."""
        found = _SOLID.search(self.text, unit.start)
        return found.start() if found else unit.start


def _trimmed(text: str, start: int, end: int, *, indented: bool) -> tuple[int, int]:
    """The span without blank lines, spaces and byte order mark at its ends."""
    if start == 0 and text.startswith("\ufeff"):
        start = 1
    passage = text[start:end]
    first = len(passage) - len(passage.lstrip())
    if indented:
        first = max(passage.rfind(mark, 0, first) for mark in "\r\n") + 1
    return start + min(first, len(passage.rstrip())), start + len(passage.rstrip())


def _middle(text: str, start: int, end: int) -> int:
    """Where to cut a span in two: between words, else characters, else code points."""
    places = sorted(range(start + 1, end), key=lambda i: abs(2 * i - start - end))
    for allowed in (may_break, is_boundary):
        for i in places:
            if allowed(text, i) and text[start:i].strip() and text[i:end].strip():
                return i
    return places[0]
