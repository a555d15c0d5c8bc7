"""Markdown: sections under headings, then paragraphs, list items, tables and fences.

Blocks are those of CommonMark with tables, found by markdown-it-py; only its block pass runs,
because lines are all that is asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from attar.pack.splitters.unit import Unit, filled, lines, nest, short

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT = re.compile(
    r"\ufeff?---[^\S\r\n]*(?>\r\n|\r|\n)(?:[^\r\n]*(?>\r\n|\r|\n))*?---[^\S\r\n]*(?=[\r\n]|\Z)"
)
_FRONT_TITLE = re.compile(
    r"^title:[^\S\r\n]*(?P<quote>[\"']?)(?P<title>[^\r\n]+?)(?P=quote)[^\S\r\n]*$", re.M
)
_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
_TITLE_LINES = 100


def split_markdown(text: str) -> Unit:
    """Divide a Markdown text into sections and blocks; front matter is a block of its own."""
    body = _body(text)
    spans = [(0, body), *lines(text, body)] if body else list(lines(text))
    first = 1 if body else 0
    tokens = _parser().parse(text[body:])
    levels: dict[int, int] = {}
    blocks: list[Unit] = []
    for i, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        start, end = _span(token, spans, first)
        if token.type == "heading_open":
            levels[start] = int(token.tag[1])
            blocks.append(Unit(start, end, heading=_plain(tokens[i + 1].content)))
        elif token.type in ("fence", "code_block", "table_open", "html_block"):
            blocks.append(Unit(start, end, by="lines"))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            items = tuple(_items(tokens, i, spans, first))
            blocks.append(Unit(start, end, children=tuple(filled(text, items, start, end))))
        else:
            blocks.append(Unit(start, end))
    everything = filled(text, blocks, 0, len(text))
    return nest(((levels.get(u.start, 0), u) for u in everything), 0, len(text))


def markdown_title(text: str) -> str:
    """The title in the front matter, else the first heading near the beginning, else ""."""
    body = _body(text)
    found = _FRONT_TITLE.search(text, 0, body)
    if found:
        return short(found["title"])
    stop = body
    for count, (_, end) in enumerate(lines(text, body)):
        if count == _TITLE_LINES:
            break
        stop = end
    tokens = _parser().parse(text[body:stop])
    for token, following in pairwise(tokens):
        if token.type == "heading_open" and (title := _plain(following.content)):
            return title
    return ""


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _body(text: str) -> int:
    """Where the text begins after its byte order mark and YAML front matter."""
    front = _FRONT.match(text)
    return front.end() if front else int(text.startswith("\ufeff"))


def _span(token: Token, spans: Sequence[tuple[int, int]], first: int) -> tuple[int, int]:
    assert token.map is not None
    begin, stop = token.map
    return spans[first + begin][0], spans[min(first + stop, len(spans)) - 1][1]


def _items(
    tokens: Sequence[Token], i: int, spans: Sequence[tuple[int, int]], first: int
) -> Iterator[Unit]:
    """The items of the list that token `i` opens."""
    for token in tokens[i + 1 :]:
        if token.level == 0:
            return
        if token.type == "list_item_open" and token.level == 1:
            yield Unit(*_span(token, spans, first))


def _plain(heading: str) -> str:
    """A heading without the marks of emphasis, code and links."""
    return short(_MARKS.sub(lambda m: m[1] or "", heading))
