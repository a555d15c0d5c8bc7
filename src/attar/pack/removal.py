"""Documents out: tombstones, and the files that they came from to be read again."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from attar.errors import UsageError
from attar.pack.deleted import encode_deleted
from attar.pack.disk import crc32_of, write_whole, writing
from attar.pack.manifest import DeletedEntry, FileEntry, SegmentEntry, SourcesEntry
from attar.pack.segment import Segment
from attar.pack.snapshot import Snapshot
from attar.pack.sources import Sources, encode_sources


def numbers_of(snapshot: Snapshot, names: Iterable[str]) -> dict[str, set[int]]:
    """Numbers of the documents of these ids that there are, by segment.

    Raises:
        UsageError: if one string is given in place of several.
    """
    if isinstance(names, str):
        raise UsageError(f"delete takes a list of ids: [{names!r}]")
    found: dict[str, set[int]] = {}
    for name in set(names):
        place = snapshot.find(name)
        if place is not None:
            segment, number = place
            found.setdefault(segment.entry.id, set()).add(number)
    return found


def without(snapshot: Snapshot, deleted: dict[str, set[int]]) -> list[SegmentEntry]:
    """The snapshot's segments with more documents deleted; those with none left are dropped.

    Tombstones are written; no manifest names them yet.

    Args:
        snapshot: the pack.
        deleted: numbers of documents by segment.
    """
    entries = []
    for segment in snapshot.segments:
        already = set(segment.deleted.tolist())
        more = deleted.get(segment.entry.id, set()) - already
        if not more:
            entries.append(segment.entry)
        elif len(already) + len(more) < segment.entry.documents:
            entries.append(bury(segment, already | more, snapshot.manifest.generation + 1))
    return entries


def forgetting(snapshot: Snapshot, deleted: dict[str, set[int]]) -> SourcesEntry | None:
    """What is remembered of files when these documents no longer are what was read of them."""
    if snapshot.sources is None:
        return None
    gone = {
        (segment.units.ids[number], segment.units.sources[number])
        for segment in snapshot.segments
        for number in deleted.get(segment.entry.id, ())
        if segment.live_documents[number]
    }
    changed = snapshot.sources.forgetting(gone)
    if changed.files == snapshot.sources.files:
        return snapshot.manifest.sources
    return write_sources(snapshot, changed)


def write_sources(snapshot: Snapshot, sources: Sources) -> SourcesEntry:
    """Write what the next generation remembers of files, and return the entry that names it."""
    path = snapshot.folder / f"sources.{snapshot.manifest.generation + 1}"
    data = encode_sources(sources)
    with writing(path):
        write_whole(path, data)
    return SourcesEntry(path.name, FileEntry(len(data), zlib.crc32(data)))


def bury(segment: Segment, numbers: set[int], generation: int) -> SegmentEntry:
    """Write a segment's tombstones, and return the entry that names them."""
    path = segment.path / f"deleted.{generation}"
    data = encode_deleted(numbers)
    with writing(path):
        write_whole(path, data)
    owner = segment.units.document
    return replace(
        segment.entry,
        deleted=DeletedEntry(
            name=path.name,
            file=FileEntry(len(data), crc32_of(path)),
            documents=len(numbers),
            units=int(np.isin(owner, list(numbers)).sum()),
            text_bytes=sum(segment.text_bytes(i) for i in sorted(numbers)),
        ),
    )
