"""A segment while it is made: what goes into it, and how it comes to be in the pack's folder."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from attar.codec import Encoded, storage
from attar.exact import write_text
from attar.pack import manifest as names
from attar.pack.chunk import Chunk
from attar.pack.disk import crc32_of, sync_file, sync_folder, writing
from attar.pack.document import Document
from attar.pack.manifest import FileEntry, SegmentEntry
from attar.pack.same import distinct, firsts
from attar.pack.units import encode_units
from attar.postings import analyzer, write_fields

TITLE = 3
"""How often a word of a title counts for BM25. Of 1 to 6 it is the best or nearly on three test
collections, for half a percent of the text at most; docs/decisions.md has the figures."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a segment is made of.

    Args:
        documents: in order.
        chunks: the units of each document.
        passages: what is indexed of each unit, all documents in one row.
        codes: the vector of each unit, coded.
    """

    documents: Sequence[Document]
    chunks: Sequence[Sequence[Chunk]]
    passages: Sequence[str]
    codes: Encoded


def write_segment(
    folder: Path, number: int, draft: Draft, codec: str, language: str, tier: str = "standard"
) -> SegmentEntry:
    """Write a segment so that its folder appears whole, on the disk, or not at all.

    It belongs to the pack only when a manifest names it.

    Args:
        folder: the pack's.
        number: the segment's; never used before.
        draft: what is in it.
        codec: file name of the codec that made the codes.
        language: name of the analyzer.
        tier: of the text.

    Raises:
        PackError: if it cannot be written.
    """
    with _fresh(folder, number) as fresh:
        text_bytes = write_parts(fresh, draft, language, tier)
        for part in names.PARTS:
            sync_file(fresh / part)
        files = {p: FileEntry((fresh / p).stat().st_size, crc32_of(fresh / p)) for p in names.PARTS}
    units, documents = len(draft.passages), len(draft.documents)
    return SegmentEntry(f"{number:06d}", documents, units, text_bytes, codec, files)


def store_segment(
    folder: Path, number: int, files: Mapping[str, bytes], counts: tuple[int, int, int], codec: str
) -> SegmentEntry:
    """As `write_segment`, of files that were made elsewhere.

    Args:
        folder: the pack's.
        number: the segment's; never used before.
        files: bytes by name.
        counts: documents, units and UTF-8 bytes of text in it.
        codec: file name of the codec that made the codes.
    """
    with _fresh(folder, number) as fresh:
        for part in names.PARTS:
            (fresh / part).write_bytes(files[part])
            sync_file(fresh / part)
    entries = {p: FileEntry(len(files[p]), zlib.crc32(files[p])) for p in names.PARTS}
    return SegmentEntry(f"{number:06d}", *counts, codec, entries)


def write_parts(fresh: Path, draft: Draft, language: str, tier: str) -> int:
    """Write the files of a segment into a folder; returns the UTF-8 bytes of its text."""
    texts = (text for d in draft.documents for text in (d.title, d.text))
    written = write_text(fresh / names.TEXT, texts, fields=2, tier=tier)
    first = firsts(draft.passages)
    (fresh / names.UNITS).write_bytes(encode_units(draft.documents, draft.chunks, first))
    once = distinct(first)
    codes = draft.codes if len(once) == len(first) else draft.codes[once]
    storage.write(fresh / names.VECTORS, codes.arrays(), {"rows": str(len(codes))})
    titles = [d.title for d, cut in zip(draft.documents, draft.chunks, strict=True) for _ in cut]
    # A passage holds its title once already.
    fields = zip(draft.passages, titles, strict=True)
    write_fields(fresh / names.POSTINGS, fields, (1, TITLE - 1), analyzer(language))
    return written.raw_bytes


@contextmanager
def _fresh(folder: Path, number: int) -> Iterator[Path]:
    """A folder that becomes a segment's, whole and on the disk, if nothing goes wrong."""
    name = f"{number:06d}"
    parent = folder / names.SEGMENTS
    fresh = parent / f".{name}.new"
    with writing(parent / name):
        parent.mkdir(exist_ok=True)
        fresh.mkdir()
        try:
            yield fresh
            sync_folder(fresh)
            os.rename(fresh, parent / name)
            sync_folder(parent)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
