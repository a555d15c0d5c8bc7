"""What stands before that which a log line says: date, time, numbers of processes, the host.

Every log has its own such columns. Leading words are read as a stamp where nearly all lines have
a number or the name of a day or month in their place, and after these the host, where the word
behind it is mostly the name of a program with a colon, as in syslog (RFC 3164). So no number that
only one line begins with is taken for a stamp.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\s|]+[\s|]*")
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_WHEN = re.compile(rf"[^\w\s]*(?:\d[\d:.,/_+TZ-]*|{_DAYS}|{_MONTHS})?[^\w\s]*\Z")
_LEVEL = re.compile(
    r"\W*(?:\w|trace|debug|info|notice|warn(?:ing)?|err(?:or)?|fatal|crit(?:ical)?|severe)\W*\Z",
    re.IGNORECASE,
)
# So many words at the beginning are looked at.
_COLUMNS = 8
# Share of lines that have in a column what a column of its kind holds.
_NEARLY_ALL = 0.95
_MOSTLY = 0.75


def stamped(lines: Sequence[str]) -> list[int]:
    """Where behind its stamp each line begins to say something; 0 where there is no stamp."""
    words = [_leading(line) for line in lines]
    columns = _columns(words)
    host = columns if _names_hosts(words, columns) else -1
    found = []
    for line, leading in zip(lines, words, strict=True):
        own = leading[:columns]
        at = sum(map(len, own)) if len(own) == columns and all(map(_when, own)) else 0
        if at and host >= 0 and _tagged(leading, host):
            at += len(leading[host])
        found.append(at if line[at:].strip() else 0)
    return found


def _leading(line: str) -> list[str]:
    """The first words, each with the white space behind it."""
    return [m[0] for m, _ in zip(_WORD.finditer(line), range(_COLUMNS), strict=False)]


def _columns(words: Sequence[Sequence[str]]) -> int:
    """How many leading columns tell when."""
    for column in range(_COLUMNS):
        held = sum(len(own) > column and _when(own[column]) for own in words)
        if held < _NEARLY_ALL * len(words):
            return column
    return 0  # a table of numbers


def _names_hosts(words: Sequence[Sequence[str]], column: int) -> bool:
    held = sum(_tagged(own, column) for own in words)
    return column > 0 and held >= _MOSTLY * len(words)


def _tagged(words: Sequence[str], column: int) -> bool:
    """Whether a host, and behind it a program with a colon, stand in a column and the next."""
    return (
        len(words) > column + 1
        and not _LEVEL.match(words[column].strip(" \t|"))
        and not words[column].rstrip().endswith(":")
        and words[column + 1].rstrip().endswith(":")
    )


def _when(word: str) -> bool:
    return _WHEN.match(word.rstrip(" \t|")) is not None
