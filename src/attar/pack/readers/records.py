"""JSON lines: one record a line, each a document, in the layout of the BEIR collections.

A line holds an object with `text`, and perhaps `_id` (or `id`), `title` and `metadata`
(Thakur et al. 2021, arXiv 2104.08663). One that `attar export --jsonl` wrote holds `source` and
`kind` as well, and is the document that was exported. The file is read line by line, whatever its
length.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attar.pack.document import Document
from attar.pack.readers.source import Skipped, Source, Unreadable, decoded

_BOM = b"\xef\xbb\xbf"
# A file in which every line is broken should not fill memory with complaints.
_MOST_COMPLAINTS = 20


def read_jsonl(source: Source) -> Iterator[Document | Skipped]:
    """Read records; a file whose first object has no `text` is one document, cut by lines.

    Lines that are no record are skipped and told by number.
    """
    if not _holds_records(source):
        yield Document(source.name, source.name, source.text(), source.stem, "jsonl")
        return
    bad = found = 0
    for number, line in _lines(source):
        try:
            yield _document(source, number, line)
            found += 1
        except Unreadable as error:
            bad += 1
            if bad <= _MOST_COMPLAINTS:
                yield Skipped(f"{source.name}:{number}", str(error))
    if bad > _MOST_COMPLAINTS:
        yield Skipped(source.name, f"{bad - _MOST_COMPLAINTS:,} more lines are no records")


def _lines(source: Source) -> Iterator[tuple[int, bytes | None]]:
    """Numbers and bytes of the lines that are not blank; None for one that is too long."""
    with source.path.open("rb") as file:
        number = 0
        whole = True  # whether what comes next begins a line
        while piece := file.readline(source.max_bytes + 1):
            begins, whole = whole, piece.endswith(b"\n")
            number += begins
            if not begins:
                continue
            if len(piece) > source.max_bytes and not whole:
                yield number, None
            elif (line := piece.removeprefix(_BOM) if number == 1 else piece).strip():
                yield number, line


def _holds_records(source: Source) -> bool:
    """Whether the first line that is an object has a text."""
    for number, line in _lines(source):
        try:
            return "text" in _object(line)
        except Unreadable:
            if number > _MOST_COMPLAINTS:
                break
    return False


def _object(line: bytes | None) -> dict[str, Any]:
    if line is None:
        raise Unreadable("the line is too long")
    try:
        value = json.loads(decoded(line))
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise Unreadable(f"not JSON: {reason}") from None
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object")
    return value


def _document(source: Source, number: int, line: bytes | None) -> Document:
    record = _object(line)
    exported = _exported(record)
    if exported is not None:
        return exported
    text, title, metadata = (record.get(key) for key in ("text", "title", "metadata"))
    if not isinstance(text, str):
        raise Unreadable("the record has no text")
    if not isinstance(title, str):
        title = ""
    if not text.strip():  # many bibliographic records have only a title: that is their text
        text, title = title, ""
    if not text.strip():
        raise Unreadable("the record's text is empty")
    if _has_surrogates(text + title):
        raise Unreadable("the record's text is not Unicode")
    name = record.get("_id", record.get("id"))
    if isinstance(name, bool) or not isinstance(name, str | int) or _has_surrogates(str(name)):
        name = ""
    key = str(name) or f"{source.name}#{number}"
    return Document(
        key,
        f"{source.name}#{name if str(name) else number}",
        text,
        title,
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _exported(record: dict[str, Any]) -> Document | None:
    """The document of a record with all that an export says; None if it is no such record."""
    said = [record.get(key) for key in ("_id", "source", "text", "title", "kind")]
    metadata = record.get("metadata")
    words = [value for value in said if isinstance(value, str)]
    if len(words) < len(said) or not isinstance(metadata, dict) or not words[0]:
        return None
    if _has_surrogates("".join(words)):
        raise Unreadable("the record's text is not Unicode")
    name, source, text, title, kind = words
    return Document(name, source, text, title, kind, metadata)


def _has_surrogates(text: str) -> bool:
    """Whether escapes have made text of half characters, which no encoding can hold."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)
