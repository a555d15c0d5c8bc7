"""Fewer and fuller segments, without what was deleted.

Vectors are not made again: the codes of live units are copied as they are. That needs one codec
for a whole segment, so only neighbours with the same codec are joined. Decoding codes of one
codec to encode them with another is left alone: it would add a second error to the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from attar.codec import Encoded
from attar.pack import manifest as names
from attar.pack.build import SEGMENT_CHARACTERS, SEGMENT_DOCUMENTS
from attar.pack.chunk import Chunk
from attar.pack.disk import sync_folder, writing
from attar.pack.draft import Draft, write_segment
from attar.pack.manifest import Manifest, SegmentEntry
from attar.pack.passages import passage
from attar.pack.segment import Segment
from attar.pack.snapshot import Snapshot
from attar.progress import Progress


def compact(snapshot: Snapshot, progress: Progress) -> Manifest:
    """Write the segments of a compacted pack, and return the manifest that makes them live.

    Documents and units keep their order. Where nothing can be gained, the manifest is the
    snapshot's own.

    Args:
        snapshot: the pack.
        progress: told of segments written.

    Raises:
        PackError: if there is no room.
        DamagedPackError: if a file is not what was written.
    """
    groups = _groups(snapshot.segments)
    work = [g for g in groups if len(g) > 1 or g[0].entry.deleted is not None]
    if not work:
        return snapshot.manifest
    number = snapshot.manifest.next_segment
    done = 0
    entries: list[SegmentEntry] = []
    for group in groups:
        if len(group) == 1 and group[0].entry.deleted is None:
            entries.append(group[0].entry)
            continue
        progress("compact", done, len(work))
        draft = _joined(snapshot, group)
        codec = group[0].entry.codec
        entries.append(
            write_segment(
                snapshot.folder,
                number + done,
                draft,
                codec,
                snapshot.analyzer,
                snapshot.manifest.text,
            )
        )
        done += 1
    progress("compact", done, len(work))
    with writing(snapshot.folder / names.SEGMENTS):
        sync_folder(snapshot.folder / names.SEGMENTS)
    return snapshot.manifest.following(next_segment=number + done, segments=tuple(entries))


def _groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Neighbours that become one segment: as many as one codec made and one segment holds."""
    groups: list[list[Segment]] = []
    documents = characters = 0
    for segment in segments:
        live = int(segment.live_documents.sum())
        size = _characters(segment)
        fits = documents + live <= SEGMENT_DOCUMENTS and characters + size <= SEGMENT_CHARACTERS
        if groups and fits and groups[-1][0].entry.codec == segment.entry.codec:
            groups[-1].append(segment)
            documents, characters = documents + live, characters + size
        else:
            groups.append([segment])
            documents, characters = live, size
    return groups


def _characters(segment: Segment) -> int:
    """Characters of the titles and texts of live documents."""
    lengths = segment.text.lengths.reshape(-1, 2)
    return int(lengths[segment.live_documents].sum())


def _joined(snapshot: Snapshot, group: Sequence[Segment]) -> Draft:
    """The live documents of several segments of one codec."""
    fitted = snapshot.codec(group[0].entry.codec)
    codes = [s.codes(fitted)[np.flatnonzero(s.live_units)] for s in group]
    numbers = [(s, i) for s in group for i in np.flatnonzero(s.live_documents).tolist()]
    documents = [s.document(i) for s, i in numbers]
    chunks = list(chain.from_iterable(_chunks(s) for s in group))
    passages = [passage(d, c) for d, cut in zip(documents, chunks, strict=True) for c in cut]
    return Draft(documents, chunks, passages, Encoded.concat(codes))


def _chunks(segment: Segment) -> list[list[Chunk]]:
    """The units of each live document."""
    units = segment.units
    spans = zip(units.start.tolist(), units.end.tolist(), units.headings, strict=True)
    cut: list[list[Chunk]] = [[] for _ in units.ids]
    for owner, (start, end, heading) in zip(units.document.tolist(), spans, strict=True):
        cut[owner].append(Chunk(start, end, heading))
    return [cut[i] for i in np.flatnonzero(segment.live_documents).tolist()]
