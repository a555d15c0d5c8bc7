"""Prose, Markdown and reStructuredText: sentences, with the heading that they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attar.context.kinds.row import Row
from attar.context.protect import Range
from attar.segmentation.graphemes import cluster_ends
from attar.segmentation.sentences import sentences

_PARAGRAPH = re.compile(r"(?:[^\S\n]*\n){2,}|(?:[^\S\r]*\r){2,}")
_SPACE = re.compile(r"\s+")
_CLAUSE = re.compile(r"(?<=[,;:—–])\s+")
_EOL = r"[^\S\r\n]*(?=[\r\n]|\Z)"
_HEADING = re.compile(
    r"(?:^|(?<=[\r\n]))"
    rf"(?:\#{{1,6}}[^\S\r\n]+\S[^\r\n]*?{_EOL}"  # Markdown's own
    r"|[^\s\-=~^*+\#|>`][^\r\n]{0,299}(?:\r\n|\n|\r)"  # a line that is underlined
    rf"(?P<rule>[=\-~^\"*+\#])(?P=rule){{2,}}{_EOL})"
)
_EITHER_EOL = re.compile(r"\r\n|\n|\r")
# A rule may be a little shorter than its heading; far shorter, it is a rule under a paragraph.
_UNDERLINED = 0.7


def divide(text: str, longest: int) -> list[Row]:
    """Cut into sentences; a sentence that is too long is cut after a comma or between words."""
    rows: list[Row] = []
    head = -1
    for group, (start, end, heading) in enumerate(_blocks(text)):
        if heading:
            head = len(rows)
            title = _title_end(text, start, end)
            rows.append(Row(start, title, group))
            at = title + len(text[title:end]) - len(text[title:end].lstrip())
            if at < end:  # the rule under it says nothing, and takes tokens
                rows.append(Row(at, end, group, bound=True))
            continue
        for a, b in sentences(text[start:end]):
            first = _indented(text, start, start + a)
            for c, d in _shorter(text, first, start + b, longest):
                rows.append(Row(c, d, group, head))
    return rows


def headings(text: str) -> list[Range]:
    """Where headings stand: Markdown's, and lines underlined as in Markdown or reStructuredText."""
    return [m.span() for m in _HEADING.finditer(text) if m["rule"] is None or _fits(m[0])]


def _fits(match: str) -> bool:
    title, rule = _EITHER_EOL.split(match)
    return len(rule.strip()) >= _UNDERLINED * len(title.strip())


def _title_end(text: str, start: int, end: int) -> int:
    """Where the line of a heading ends."""
    return start + len(_EITHER_EOL.split(text[start:end])[0].rstrip())


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Headings, and the paragraphs between them."""
    at = 0
    for start, end in headings(text):
        yield from ((a, b, False) for a, b in _paragraphs(text, at, start))
        yield start, end, True
        at = end
    yield from ((a, b, False) for a, b in _paragraphs(text, at, len(text)))


def _paragraphs(text: str, start: int, end: int) -> Iterator[Range]:
    at = start
    for match in _PARAGRAPH.finditer(text, start, end):
        if text[at : match.start()].strip():
            yield at, match.start()
            at = match.end()
    if text[at:end].strip():
        yield at, end


def _indented(text: str, low: int, start: int) -> int:
    """Where the line's indentation begins if only that stands before `start`."""
    at = start
    while at > low and start - at < 80 and text[at - 1] in " \t":
        at -= 1
    return at if at == low or text[at - 1] in "\r\n" else start


def _shorter(text: str, start: int, end: int, longest: int) -> Iterator[Range]:
    """Cut a long stretch at the last good place in each window of `longest` characters."""
    while end - start > longest:
        window = text[start : start + longest]
        gaps = list(_CLAUSE.finditer(window, longest // 3)) or list(
            _SPACE.finditer(window, longest // 2)
        )
        inner = [m for m in gaps if m.end() < longest]
        if inner:
            cut, after = start + inner[-1].start(), start + inner[-1].end()
        else:  # look a little further than the window, so that no cluster is cut at its edge
            ends = cluster_ends(text[start : min(end, start + longest + 32)])
            fitting = [e for e in ends[:-1] if e <= longest]
            cut = after = start + (fitting[-1] if fitting else ends[-1])
        yield start, cut
        start = after
    if start < end:
        yield start, end
