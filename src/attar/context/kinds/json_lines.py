"""JSON Lines: one record a line; rare and far-out records are wanted most."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from attar.context.kinds import json_text
from attar.context.kinds.lines import Line, lines_of
from attar.context.kinds.novelty import novelty
from attar.context.kinds.row import Row, append

_FEWEST = 3
_LOOK_AT = 50


def recognises(text: str) -> bool:
    """Whether the first lines are JSON objects or arrays, one each."""
    if text.lstrip(" \t\r\n\ufeff")[:1] not in ("{", "["):
        return False
    first = list(islice((x for x in lines_of(text[:200_000]) if x.text.strip()), _LOOK_AT))
    if len(text) > 200_000:
        first = first[:-1]  # may be cut
    return len(first) >= _FEWEST and all(isinstance(_read(line), dict | list) for line in first)


def divide(text: str, longest: int = 1200) -> list[Row]:
    """A row a line; of a long record one a member. A line that is no JSON stays as it is."""
    lines = [line for line in lines_of(text) if line.text.strip()]
    records = [_read(line) for line in lines]
    news = novelty(records, [len(line.text) for line in lines])
    rows: list[Row] = []
    for line, record, new in zip(lines, records, news, strict=True):
        if isinstance(record, dict | list):
            append(rows, json_text.record(line.text, longest, new), line.start)
        else:
            append(rows, [Row(0, len(line.text), 0, atomic=True, prior=new.wanted)], line.start)
    return rows


def _read(line: Line) -> Any:
    try:
        return json.loads(line.text)
    except (ValueError, RecursionError):
        return None
