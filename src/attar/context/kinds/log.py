"""Logs: one row a line; the first line of a rare template, and errors, are wanted most."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from statistics import median

from attar.context.kinds.row import Row
from attar.context.kinds.templates import shapes_of, templates

_LINE = re.compile(r"[^\r\n]+")
_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_LEVEL = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE)\b"
    r"|\[(?:notice|info|error|warn)\]"
)
_STAMP = re.compile(
    r"\W*(?:\d{2,4}[-/.]\d{2}[-/.]\d{2,4}|\d{6,8}[ -]|\d{8,}|[A-Z][a-z]{2}\s+\d{1,2}\s|"
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2}|\d{2}-\d{2} \d{2}:|\d{1,2}:\d{2}:\d{2}|\[\d{2}\.\d{2} )"
)
_ERROR = re.compile(
    r"\b(?:error|fatal|critical|severe|panic|exception|fail(?:ed|ure)?|denied|abort(?:ed)?)\b",
    re.IGNORECASE,
)
_ENOUGH_LINES = 8
_SHARE = 0.6
_LOOK_AT = 200
# Standard deviations: a template seen once stands this far above the most frequent one.
_RARE = 4.0
# Likewise a line whose like there is, but for a name or a word.
_VARIANT = 2.0
_ERRORS = 1.0
# Of two rare lines one that is twice as long as is usual costs as much as two others.
_LONG = 1.5
# A second line of a template says little that the first did not.
_AGAIN = 3.0


def recognises(text: str) -> bool:
    """Whether most of the first lines begin with a time stamp, or hold a time and a level."""
    lines = [m[0] for m, _ in zip(_LINE.finditer(text), range(_LOOK_AT), strict=False)]
    if len(lines) < _ENOUGH_LINES:
        return False
    stamped = sum(
        bool(_STAMP.match(line)) or bool(_TIME.search(line[:80]) and _LEVEL.search(line[:120]))
        for line in lines
    )
    return stamped >= _SHARE * len(lines)


def divide(text: str) -> list[Row]:
    """One row a line, and how much each is wanted."""
    spans = [m.span() for m in _LINE.finditer(text) if m[0].strip()]
    lines = [text[a:b] for a, b in spans]
    joined, shapes = templates(lines), shapes_of(lines)
    often, alike = Counter(joined), Counter(shapes)
    usual = median(len(line) for line in lines) if lines else 1
    seen: Counter[int] = Counter()
    rows = []
    for group, ((start, end), line) in enumerate(zip(spans, lines, strict=True)):
        template, shape = joined[group], shapes[group]
        seen[shape] += 1
        prior = _RARE / often[template] + _VARIANT / alike[shape]
        prior += _ERRORS * bool(_ERROR.search(line)) - _AGAIN * (1 - 1 / seen[shape])
        prior -= _LONG * max(0.0, log2(len(line) / usual))
        rows.append(Row(start, end, group, prior=prior))
    return rows
