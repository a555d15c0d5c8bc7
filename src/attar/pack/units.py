"""The table beside a segment's text: who the documents are and where their units lie.

It is stored by column. Most columns of most corpora are nearly constant (no gap between units,
one kind, no metadata), so what remains is a few bits a document.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError, NewerFormatError, UsageError
from attar.exact.columns import decode_ints, decode_strings, encode_ints, encode_strings
from attar.exact.narrow import narrow
from attar.exact.strings import Strings
from attar.pack.chunk import Chunk
from attar.pack.disk import damaged
from attar.pack.document import Document

MAGIC = b"ATTARUNI"
VERSION = 2
_HEADER = struct.Struct("<8sIB")  # magic, version, and what follows from these flags
_SAME, _REPEATS = 1, 2  # sources are ids; some units read as one before. Version 1: only the first.
_CRC = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The table as it is held: numbers as narrow as may be."""

    ids: Strings
    sources: Strings
    kinds: Strings
    metadata: Strings
    headings: Strings
    document: NDArray[Any]  # of each unit
    start: NDArray[Any]
    end: NDArray[Any]
    again: NDArray[Any]  # units that read as one before
    of: NDArray[Any]  # which one


def encode_units(
    documents: Sequence[Document],
    chunks: Sequence[Sequence[Chunk]],
    first: NDArray[np.int64] | None = None,
) -> bytes:
    """Write a segment's table.

    Args:
        documents: in the order of the segment.
        chunks: the units of each, in order.
        first: of each unit the number of the first one that reads the same; all differ if not
            given.

    Raises:
        UsageError: if metadata is not JSON, or a name is not Unicode text.
    """
    gaps: list[int] = []
    lengths: list[int] = []
    tails: list[int] = []
    for document, cut in zip(documents, chunks, strict=True):
        before = 0
        for chunk in cut:
            gaps.append(chunk.start - before)
            lengths.append(chunk.end - chunk.start)
            before = chunk.end
        if cut:
            # The last unit mostly ends where the text does, which the text's own table knows.
            lengths.pop()
            tails.append(len(document.text) - before)
    ids = [d.id for d in documents]
    sources = [d.source for d in documents]
    same = sources == ids
    try:
        strings = [
            encode_strings(ids),
            b"" if same else encode_strings(sources),
            encode_strings([d.kind for d in documents]),
            encode_strings([_json(d) for d in documents]),
            encode_strings([c.heading for cut in chunks for c in cut]),
        ]
    except UnicodeEncodeError as error:
        raise UsageError(
            "an id, source, kind or heading holds a lone surrogate, which is no Unicode text:"
            " repair it where it was decoded"
        ) from error
    numbers = [encode_ints(column) for column in ([len(c) for c in chunks], gaps, lengths, tails)]
    again = np.zeros(0, dtype=np.int64)
    if first is not None:
        again = np.flatnonzero(first != np.arange(len(first)))
    flags, version = same * _SAME, 1
    if first is not None and len(again):
        flags, version = flags | _REPEATS, 2
        numbers += [encode_ints(again), encode_ints(first[again])]
    body = _HEADER.pack(MAGIC, version, flags) + b"".join(strings + numbers)
    return body + _CRC.pack(zlib.crc32(body))


class Units:
    """A segment's table, read.

    Args:
        path: the file, for messages.
        data: its bytes.
        lengths: characters of each document's text.

    Raises:
        DamagedPackError: if the bytes are not what was written, or do not fit the texts.
        NewerFormatError: if a later version wrote them.
    """

    def __init__(self, path: Path, data: bytes, lengths: NDArray[np.int64]) -> None:
        try:
            self._columns = _decode(data, lengths)
        except NewerFormatError as error:
            raise NewerFormatError(f"{path} {error}") from error
        except (DamagedPackError, struct.error, ValueError) as error:
            raise damaged(path, str(error)) from error
        self.path = path

    def __len__(self) -> int:
        """How many units there are."""
        return len(self._columns.start)

    @property
    def nbytes(self) -> int:
        """Bytes that it holds."""
        columns = [getattr(self._columns, f.name) for f in fields(self._columns)]
        # Sources that are the ids are one with them.
        return sum({id(column): int(column.nbytes) for column in columns}.values())

    @property
    def ids(self) -> Strings:
        """Of each document."""
        return self._columns.ids

    @property
    def sources(self) -> Strings:
        """Of each document."""
        return self._columns.sources

    @property
    def kinds(self) -> Strings:
        """Of each document."""
        return self._columns.kinds

    @property
    def document(self) -> NDArray[Any]:
        """Number of each unit's document; unsigned, like the places, and as narrow as may be."""
        return self._columns.document

    @property
    def start(self) -> NDArray[Any]:
        """Of each unit, in characters of its document's text."""
        return self._columns.start

    @property
    def end(self) -> NDArray[Any]:
        """Of each unit, in characters of its document's text."""
        return self._columns.end

    @property
    def first(self) -> NDArray[np.int64]:
        """Of each unit the number of the first one that reads the same: mostly its own."""
        first = np.arange(len(self), dtype=np.int64)
        first[self._columns.again] = self._columns.of
        return first

    @property
    def headings(self) -> Strings:
        """Of each unit."""
        return self._columns.headings

    def metadata(self, document: int) -> dict[str, Any]:
        """Of one document.

        Raises:
            DamagedPackError: if it is not JSON.
        """
        text = self._columns.metadata[document]
        if not text:
            return {}
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise damaged(self.path, "metadata is not JSON") from error
        if not isinstance(parsed, dict):
            raise damaged(self.path, "metadata is no object")
        return parsed


def _json(document: Document) -> str:
    if not document.metadata:
        return ""
    try:
        return json.dumps(
            dict(document.metadata), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"the metadata of {document.id!r} is not JSON: {error}") from error


def _decode(data: bytes, text_lengths: NDArray[np.int64]) -> _Columns:
    magic, version, flags = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise DamagedPackError("it does not begin as a table of units")
    if version > VERSION:
        raise NewerFormatError(
            f"has units format {version}, and this Attar reads up to {VERSION}: install a newer one"
        )
    body = data[: -_CRC.size]
    if zlib.crc32(body) != _CRC.unpack(data[-_CRC.size :])[0]:
        raise DamagedPackError("its checksum does not fit")
    ids, at = decode_strings(body, _HEADER.size)
    sources, at = (ids, at) if flags & _SAME else decode_strings(body, at)
    kinds, at = decode_strings(body, at)
    metadata, at = decode_strings(body, at)
    headings, at = decode_strings(body, at)
    units, at = decode_ints(body, at)
    gaps, at = decode_ints(body, at)
    inner, at = decode_ints(body, at)
    tails, at = decode_ints(body, at)
    again = of = np.zeros(0, dtype=np.int64)
    if flags & _REPEATS:
        again, at = decode_ints(body, at)
        of, at = decode_ints(body, at)

    n = len(text_lengths)
    if at != len(body) or {len(ids), len(sources), len(kinds), len(metadata), len(units)} != {n}:
        raise DamagedPackError("its columns do not fit the texts")
    # A document has at most one empty unit, and one more unit than characters.
    if n and not (units.min() >= 0 and bool((units <= text_lengths + 1).all())):
        raise DamagedPackError("a document has an impossible number of units")
    used = units > 0
    total = int(units.sum())
    if not (
        len(gaps) == len(headings) == total
        and len(tails) == int(used.sum())
        and len(inner) == total - len(tails)
    ):
        raise DamagedPackError("its columns have different lengths")
    start, end = _spans(units, gaps, inner, tails, text_lengths)
    owner = np.repeat(text_lengths, units)
    if total and not bool(((start >= 0) & (start <= end) & (end <= owner)).all()):
        raise DamagedPackError("a unit lies outside its document")
    _check_repeats(total, again, of)
    document = np.repeat(np.arange(n), units)
    numbers = (narrow(column) for column in (document, start, end, again, of))
    return _Columns(ids, sources, kinds, metadata, headings, *numbers)


def _check_repeats(total: int, again: NDArray[np.int64], of: NDArray[np.int64]) -> None:
    """Refuse units that read as one that comes later, or that itself reads as another."""
    if len(again) != len(of):
        raise DamagedPackError("its columns have different lengths")
    if not len(again):
        return
    ascending = bool((np.diff(again) > 0).all())
    if not (ascending and again[-1] < total and of.min() >= 0 and bool((of < again).all())):
        raise DamagedPackError("a unit repeats one that is not there")
    if np.isin(of, again).any():
        raise DamagedPackError("a unit repeats one that repeats another")


def _spans(
    units: NDArray[np.int64],
    gaps: NDArray[np.int64],
    inner: NDArray[np.int64],
    tails: NDArray[np.int64],
    text_lengths: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each unit begins and ends, from what `encode_units` writes."""
    used = units > 0
    last = np.cumsum(units)[used] - 1
    is_last = np.zeros(len(gaps), dtype=bool)
    is_last[last] = True
    lengths = np.zeros(len(gaps), dtype=np.int64)
    lengths[~is_last] = inner
    # Where each unit would begin if all documents were one, less where its document begins.
    before = np.cumsum(gaps + lengths) - lengths
    first = np.cumsum(units)[used] - units[used]
    origin = np.repeat(before[first] - gaps[first], units[used])
    start = before - origin
    end = start + lengths
    end[last] = text_lengths[used] - tails
    return start, end
