"""Tables of Markdown: the header and its rule stay with any row, rows are kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attar.context.kinds.lines import Line, lines_of
from attar.context.kinds.novelty import novelty
from attar.context.kinds.row import Row
from attar.context.protect import Range

# Without two alternatives for one character, so that no line takes long.
_RULE = re.compile(
    r"[^\S\r\n]*\|?[^\S\r\n]*:?-+:?[^\S\r\n]*(?:\|[^\S\r\n]*:?-+:?[^\S\r\n]*)*+\|?\s*\Z"
)
_BAR = re.compile(r"(?<!\\)\|")


def find(text: str) -> Iterator[Range]:
    """Where tables stand: a line with bars, a rule of as many columns, and lines with bars."""
    if "|" not in text or "-" not in text:
        return
    lines = lines_of(text)
    at = 1
    while at < len(lines):
        if not _opens(lines[at - 1], lines[at]):
            at += 1
            continue
        last = at
        while last + 1 < len(lines) and "|" in lines[last + 1].text:
            last += 1
        if last > at:
            yield lines[at - 1].start, lines[last].end
        at = last + 2


def divide(text: str) -> list[Row]:
    """The header, the rule under it, and a row for each line of a stretch that `find` gives."""
    header, rule, *lines = lines_of(text)
    names = _cells(header.text)
    news = novelty([dict(zip(names, _cells(line.text), strict=False)) for line in lines])
    rows = [
        Row(header.start, header.end, 0, needs=1, atomic=True),
        Row(rule.start, rule.end, 0, bound=True, atomic=True),
    ]
    for number, (line, new) in enumerate(zip(lines, news, strict=True), 1):
        rows.append(Row(line.start, line.end, number, needs=0, atomic=True, prior=new.wanted))
    return rows


def _opens(header: Line, rule: Line) -> bool:
    return (
        "|" in header.text
        and "|" in rule.text
        and _RULE.match(rule.text) is not None
        and _RULE.match(header.text) is None
        and len(_cells(header.text)) == len(_cells(rule.text))
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(line.strip().removeprefix("|").removesuffix("|"))]
