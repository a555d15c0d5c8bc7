"""What a reader sees of an HTML text, and where each character of it stands in the source.

The rules are those of the HTML standard's tokenizer that matter for reading: comments, scripts,
styles and templates are not seen, tags are not text, and character references are decoded. A
`<` that opens no tag is text. Unlike a parser, this needs no whole document: a slice that begins
and ends at text is seen exactly as it is within its document.
"""

from __future__ import annotations

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

_ATTRIBUTES = r"(?:=\s*(?:\"[^\"]*\"|'[^']*')|[^<>])*+"
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|<(?P<unseen>script|style|template|noscript|title)\b{_ATTRIBUTES}>.*?(?:</(?P=unseen)\b[^<>]*>|\Z)"
    rf"|<(?P<close>/?)(?P<tag>[a-zA-Z][^\s/<>]*){_ATTRIBUTES}>"
    r"|<[!?/][^<>]*>"
    r"|(?P<reference>&(?:\#[0-9]+;?|\#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]{0,31};?))",
    re.S | re.I,
)
_TITLE = re.compile(rf"<title\b{_ATTRIBUTES}>(.*?)(?:</title\b|\Z)", re.S | re.I)
_BLOCK_TAGS = (
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main "
    "menu nav ol option p pre search section select summary table tbody tfoot thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_SPACED = frozenset(("br", "td", "th"))
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Block:
    """One block of visible text: `tag` is the innermost block element that opened before it."""

    start: int
    end: int
    tag: str


@dataclass(frozen=True, slots=True)
class Visible:
    """The visible text of an HTML source.

    Args:
        text: what is seen, with a line end for each block element and line break.
        blocks: its blocks, in characters of `text`, in order; some are only white space.
        starts: where each run begins in `text`.
        sources: where each run begins and ends in the source, in turn.
        literal: 1 for a run that is copied from the source, 0 for one that stands for a tag or
            a character reference.
    """

    text: str
    blocks: tuple[Block, ...]
    starts: array[int]
    sources: array[int]
    literal: bytes

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source that is seen as `text[start:end]`, which must not be empty."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        begin, stop = self.sources[2 * first], self.sources[2 * last + 1]
        if self.literal[first]:
            begin += start - self.starts[first]
        if self.literal[last]:
            stop = self.sources[2 * last] + end - self.starts[last]
        return begin, stop


def visible(source: str) -> Visible:
    """What a reader sees of `source`, any HTML text or slice of one."""
    pieces: list[str] = []
    starts, sources, literal = array("q"), array("q"), bytearray()
    blocks: list[Block] = []
    length = begin = 0
    tag = ""
    for piece, start, end, name in _pieces(source):
        if name in _BLOCKS or name[1:] in _BLOCKS:
            blocks.append(Block(begin, length, tag))
            tag = "" if name.startswith("/") else name
            begin = length
        if piece:
            pieces.append(piece)
            starts.append(length)
            sources.extend((start, end))
            literal.append(name == "#text")
            length += len(piece)
    blocks.append(Block(begin, length, tag))
    return Visible("".join(pieces), tuple(blocks), starts, sources, bytes(literal))


def html_title(source: str) -> str:
    """The words of the `title` element near the beginning, or ""."""
    found = _TITLE.search(source, 0, _HEAD)
    return " ".join(html.unescape(found[1]).split()) if found else ""


def _pieces(source: str) -> Iterator[tuple[str, int, int, str]]:
    """What is seen of each token, its place, and "#text", "#reference" or the tag's name."""
    position = int(source.startswith("\ufeff"))
    for token in _TOKEN.finditer(source, position):
        start, end = token.span()
        if start > position:
            yield source[position:start], position, start, "#text"
        position = end
        if token["reference"]:
            yield from _decoded(token[0], start)
        elif token["tag"]:
            name = token["tag"].lower()
            if name in _BLOCKS or name in _SPACED:
                yield "\n" if name not in ("td", "th") else "\t", start, end, token["close"] + name
            else:
                yield "", start, end, name
    if position < len(source):
        yield source[position:], position, len(source), "#text"


def _decoded(reference: str, start: int) -> Iterator[tuple[str, int, int, str]]:
    """What a character reference stands for, and the text behind it that is none of it."""
    seen = html.unescape(reference)
    end = start + len(reference)
    tail = 0  # "&notit;" is "¬it;"
    while tail < len(seen) and seen[-1 - tail] == reference[-1 - tail]:
        tail += 1
    seen = seen[: len(seen) - tail]
    # A few references stand for two characters. The first has their place in the source, so
    # that a cut between the two does not give the place to both sides.
    if seen:
        yield seen[0], start, end - tail, "#reference"
    if seen[1:]:
        yield seen[1:], end - tail, end - tail, "#reference"
    if tail:
        yield reference[-tail:], end - tail, end, "#text"
