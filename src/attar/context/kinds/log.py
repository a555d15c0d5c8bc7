"""Logs: one row a line; the first line of a rare template, and errors, are wanted most.

A template is a line with what varies masked: the first step of Logzip (Liu et al., ASE 2019) and
of Drain (He et al., ICWS 2017).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from attar.context.kinds.row import Row

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
# What varies from line to line: anything with a digit, and paths.
_VARIES = re.compile(r"[^\s=:,()\[\]{}<>\"'|;]*[\d/\\][^\s=:,()\[\]{}<>\"'|;]*")
_ENOUGH_LINES = 8
_SHARE = 0.6
_LOOK_AT = 200
# Standard deviations: a template seen once stands this far above the most frequent one.
_RARE = 4.0
_ERRORS = 1.0
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
    ids = templates(lines)
    counts = Counter(ids)
    seen: Counter[int] = Counter()
    rows = []
    for group, ((start, end), line, template) in enumerate(zip(spans, lines, ids, strict=True)):
        seen[template] += 1
        prior = _RARE / counts[template] + _ERRORS * bool(_ERROR.search(line))
        if seen[template] > 1:
            prior -= _AGAIN * (1 - 1 / seen[template])
        rows.append(Row(start, end, group, prior=prior))
    return rows


def templates(lines: Sequence[str]) -> list[int]:
    """The number of each line's template: lines that differ only in what varies share one."""
    known: dict[str, int] = {}
    return [known.setdefault(masked(line), len(known)) for line in lines]


def masked(line: str) -> str:
    """The line with `*` for all that holds a digit or is a path."""
    return " ".join(_VARIES.sub("*", line).split())
