"""Logs: one row a line; the first line of a rare template, and errors, are wanted most."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from statistics import median

from attar.context.kinds.row import Row
from attar.context.kinds.stamps import stamped
from attar.context.kinds.templates import shapes_of, templates

_LINE = re.compile(r"[^\r\n]+")
_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_LEVEL = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE)\b"
    r"|\[(?:notice|info|error|warn)\]"
)
_BEGINS = re.compile(
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
_SELDOM = 2
# Likewise a line whose like there is, but for a name or a word.
_VARIANT = 2.0
_ERRORS = 0.5
# Of two rare lines one that is twice as long as is usual costs as much as two others; but a line
# of any length that is told nowhere else comes before those that repeat others.
_LONG = 1.0
_LONGEST = 2.0
# A second line of a template says little that the first did not.
_AGAIN = 3.0
# When it was said comes after what was said in all templates, and before what repeats it.
_STAMP = -1.2


def recognises(text: str) -> bool:
    """Whether most of the first lines begin with a time stamp, or hold a time and a level."""
    lines = [m[0] for m, _ in zip(_LINE.finditer(text), range(_LOOK_AT), strict=False)]
    if len(lines) < _ENOUGH_LINES:
        return False
    stamped = sum(
        bool(_BEGINS.match(line)) or bool(_TIME.search(line[:80]) and _LEVEL.search(line[:120]))
        for line in lines
    )
    return stamped >= _SHARE * len(lines)


def divide(text: str) -> list[Row]:
    """One row a line; of the first line of a shape, one of what it says and one of its stamp."""
    spans = [m.span() for m in _LINE.finditer(text) if m[0].strip()]
    lines = [text[a:b] for a, b in spans]
    stamps = stamped(lines)
    said = [line[stamp:] for line, stamp in zip(lines, stamps, strict=True)]
    joined, shapes = templates(said), shapes_of(said)
    often, alike = Counter(joined), Counter(shapes)
    usual = median(map(len, said)) if said else 1
    seen: Counter[int] = Counter()
    rows: list[Row] = []
    for group, ((start, end), line) in enumerate(zip(spans, lines, strict=True)):
        template, shape = joined[group], shapes[group]
        seen[shape] += 1
        again = seen[shape]
        prior = (_RARE * _rare(often[template]) + _VARIANT * _rare(alike[shape])) / again
        prior += _ERRORS * bool(_ERROR.search(line)) - _AGAIN * (1 - 1 / again)
        prior -= min(_LONGEST, _LONG * max(0.0, log2(len(said[group]) / usual)))
        if stamps[group] and again == 1:
            says = start + stamps[group]
            when = start + len(text[start:says].rstrip())
            needs = len(rows) + 1
            rows.append(Row(start, when, group, needs=needs, prior=_STAMP + prior / 10, apart=True))
            start = says
        rows.append(Row(start, end, group, prior=prior, apart=True))
    return rows


def _rare(often: int) -> float:
    """1 for what stands once or twice, falling to 0."""
    return min(1.0, _SELDOM / often)
