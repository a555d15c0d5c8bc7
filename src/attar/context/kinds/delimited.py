"""CSV and its like: the header stays with any record, records are kept whole."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice

from attar.context.kinds.novelty import novelty
from attar.context.kinds.row import Row
from attar.context.protect import Range

# A line break inside quotes ends no record. A quote that is never closed is a character.
_RECORD = re.compile(r'(?:"[^"]*+"|[^"\r\n]++|")++')
_DELIMITERS = ",\t;|"
_LOOK_AT = 200
_FEWEST_RECORDS = 4
# So much of the first records must have as many fields as the header; broken ones do occur.
_REGULAR = 0.95
_LONGEST_NAME = 60
_NUMBER = re.compile(r"[-+]?(?:\d[\d_,. ]*|\.\d+)(?:[eE][-+]?\d+)?%?\Z")


def recognises(text: str) -> bool:
    """Whether the first records have as many fields as a header of distinct names."""
    return _delimiter(text) is not None


def divide(text: str) -> list[Row]:
    """One row a record; of a text that `recognises` does not accept, by commas."""
    delimiter = _delimiter(text) or ","
    spans = [(a, b) for a, b in _records(text) if text[a:b].strip()]
    if not spans:
        return []
    names, *values = [_fields(text[a:b], delimiter) for a, b in spans]
    news = novelty(
        [{name: _value(v) for name, v in zip(names, record, strict=False)} for record in values]
    )
    rows = [Row(*spans[0], group=0, atomic=True)]
    for number, (span, new) in enumerate(zip(spans[1:], news, strict=True), 1):
        rows.append(Row(*span, group=number, needs=0, atomic=True, prior=new.wanted))
    return rows


def _delimiter(text: str) -> str | None:
    """What divides the fields, or None if this is no such table."""
    first = [text[a:b] for a, b in islice(_records(text), _LOOK_AT)]
    first = [record for record in first if record.strip()]
    if len(first) < _FEWEST_RECORDS + 1:
        return None
    for delimiter in _DELIMITERS:
        names = [name.strip() for name in _fields(first[0], delimiter)]
        # In prose, what stands between two commas begins with a space.
        prose = delimiter == "," and all(n.startswith(" ") for n in first[0].split(",")[1:])
        if len(names) < 2 or prose or not _header(names):
            continue
        widths = [len(_fields(record, delimiter)) for record in first[1:]]
        if sum(width == len(names) for width in widths) >= _REGULAR * len(widths):
            return delimiter
    return None


def _header(names: list[str]) -> bool:
    return len(set(names)) == len(names) and all(
        0 < len(name) <= _LONGEST_NAME and not _NUMBER.match(name) and name[-1] not in ".!?:"
        for name in names
    )


def _records(text: str) -> Iterator[Range]:
    return (match.span() for match in _RECORD.finditer(text))


def _fields(record: str, delimiter: str) -> list[str]:
    if '"' not in record:
        return record.split(delimiter)
    try:
        return next(csv.reader([record.replace("\n", " ").replace("\r", " ")], delimiter=delimiter))
    except (csv.Error, StopIteration):  # a field of more than 128 KiB, for one
        return record.split(delimiter)


def _value(field: str) -> float | str | None:
    bare = field.strip()
    if not bare:
        return None
    try:
        return float(bare)
    except ValueError:
        return bare
