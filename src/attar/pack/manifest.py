"""`manifest.json`: which files make up the pack, and what they must look like.

It is the only file that ever changes its contents, by atomic replacement; a pack is what its
manifest says, and every other file in the folder is either named there or left over.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from attar.errors import NewerFormatError, OldFormatError, PackError
from attar.exact.tiers import tier
from attar.pack.disk import damaged, write_whole, writing
from attar.pack.ranking import Ranking

NAME = "manifest.json"
FORMAT = 1
OLDEST = 1
"""The earliest format that is read."""

SEGMENTS = "segments"
TEXT, UNITS, VECTORS, POSTINGS = (
    "text.blocks",
    "units.columns",
    "vectors.safetensors",
    "postings.bin",
)
PARTS = (TEXT, UNITS, VECTORS, POSTINGS)

# A manifest names few things; a hostile one must not make us parse gigabytes.
_MAX_BYTES = 1 << 26
_MOST = 1 << 62
_MOST_SEGMENTS = 10**12
_SEGMENT = re.compile(r"[0-9]{6,12}", re.ASCII)
_CODEC = re.compile(r"codec-[0-9a-f]{32}\.safetensors", re.ASCII)
_SOURCES = re.compile(r"sources\.[0-9]{1,19}", re.ASCII)
_DELETED = re.compile(r"deleted\.[0-9]{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One immutable file.

    Args:
        size: its bytes.
        crc32: of all of them.
    """

    size: int
    crc32: int


@dataclass(frozen=True, slots=True)
class DeletedEntry:
    """The file that lists a segment's deleted documents, and how much they are of it."""

    name: str
    file: FileEntry
    documents: int
    units: int
    text_bytes: int


@dataclass(frozen=True, slots=True)
class SourcesEntry:
    """The file that says which files the pack was made from."""

    name: str
    file: FileEntry


@dataclass(frozen=True, slots=True)
class CodecEntry:
    """A fitted codec, shared by the segments that name it; its name is its own digest.

    Args:
        file: the file.
        rows: how many vectors it was fitted to.
    """

    file: FileEntry
    rows: int


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One live segment.

    Args:
        id: its folder's name.
        documents: in it, deleted ones included.
        units: in it, those of deleted documents included.
        text_bytes: UTF-8 bytes of its titles and texts.
        codec: name of the fitted codec's file.
        files: its files by name.
        deleted: its tombstones, if there are any.
    """

    id: str
    documents: int
    units: int
    text_bytes: int
    codec: str
    files: Mapping[str, FileEntry]
    deleted: DeletedEntry | None = None

    def all_files(self) -> Iterator[tuple[str, FileEntry]]:
        """Name and entry of every file, tombstones included."""
        yield from self.files.items()
        if self.deleted is not None:
            yield self.deleted.name, self.deleted.file


@dataclass(frozen=True, slots=True)
class EmbedderEntry:
    """Which embedder made the vectors."""

    name: str
    digest: str
    dim: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A pack at one moment.

    Args:
        embedder: which model made the vectors.
        vectors: recipe of the codes.
        analyzer: name of what cuts text into terms.
        generation: grows by one with every change.
        next_segment: the number that no segment has had yet.
        codecs: fitted codecs by file name.
        segments: live segments, oldest first.
        sources: the files that it was made from, if it was made from files.
        text: the tier that the text of new segments is written in.
        ranking: how it ranks, if it was told; the defaults of this version otherwise.
    """

    embedder: EmbedderEntry
    vectors: str
    analyzer: str
    generation: int = 0
    next_segment: int = 1
    codecs: Mapping[str, CodecEntry] = field(default_factory=dict)
    segments: tuple[SegmentEntry, ...] = ()
    sources: SourcesEntry | None = None
    text: str = "standard"
    ranking: Ranking | None = None

    def files(self) -> Iterator[tuple[str, FileEntry]]:
        """Path within the pack and entry of every immutable file."""
        for name, codec in self.codecs.items():
            yield name, codec.file
        if self.sources is not None:
            yield self.sources.name, self.sources.file
        for segment in self.segments:
            folder = f"{SEGMENTS}/{segment.id}"
            for name, file in segment.all_files():
                yield f"{folder}/{name}", file

    def following(self, **changes: Any) -> Manifest:
        """The next generation, with these changes and without codecs that nobody names.

        Raises:
            PackError: if there are no numbers left.
        """
        changed = replace(self, generation=self.generation + 1, **changes)
        if changed.generation >= _MOST or changed.next_segment > _MOST_SEGMENTS:
            raise PackError(
                "this pack has been changed as often as its format can count: pack its documents"
                " into a new one"
            )
        used = {segment.codec for segment in changed.segments}
        return replace(changed, codecs={n: c for n, c in changed.codecs.items() if n in used})


def is_pack(folder: Path) -> bool:
    """Whether a folder looks like a pack, whole or damaged."""
    return (folder / NAME).is_file() and (folder / SEGMENTS).is_dir()


def is_blank(folder: Path) -> bool:
    """Whether a folder holds nothing but what the making of a pack leaves when it is killed."""
    left = {"lock", SEGMENTS, f".{NAME}.new"}
    return all(
        path.name in left and (path.name != SEGMENTS or not any(path.iterdir()))
        for path in folder.iterdir()
    )


def save(folder: Path, manifest: Manifest) -> None:
    """Replace the pack's manifest: the moment at which a change happens.

    Raises:
        PackError: if it cannot be written; the old one then stands.
    """
    body = {"format": FORMAT, **asdict(manifest)}
    text = json.dumps({**body, "crc32": _crc32(body)}, indent=1, ensure_ascii=False)
    with writing(folder / NAME):
        write_whole(folder / NAME, text.encode("utf-8") + b"\n")


def load(folder: Path) -> Manifest:
    """Read and check the pack's manifest.

    Raises:
        PackError: if there is no pack here, or it cannot be read.
        DamagedPackError: if it is not one that `save` wrote, or names anything outside.
        NewerFormatError: if a later version wrote it.
        OldFormatError: if a version wrote it that is no longer read.
    """
    path = folder / NAME
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > _MAX_BYTES:
                raise damaged(path, "it is far too long")
            data = file.read()
    except FileNotFoundError as error:
        why = f"it has no {NAME}" if folder.is_dir() else "there is no such folder"
        raise PackError(f"there is no pack at {folder}: {why}") from error
    except NotADirectoryError as error:
        raise PackError(f"{folder} is a file and no pack: give the folder of one") from error
    except OSError as error:
        raise PackError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        parsed = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise damaged(path, "it is not JSON") from error
    if not isinstance(parsed, dict) or type(parsed.get("format")) is not int:
        raise damaged(path, "it has no format version")
    if parsed["format"] > FORMAT:
        raise NewerFormatError(
            f"{folder} has pack format {parsed['format']}, and this Attar reads up to {FORMAT}:"
            " install a newer one"
        )
    if parsed["format"] < OLDEST:
        raise OldFormatError(
            f"{folder} has pack format {parsed['format']}, and this Attar reads from {OLDEST} on:"
            " export its documents with the Attar that made it, and pack them again"
        )
    if parsed.pop("crc32", None) != _crc32(parsed):
        raise damaged(path, "its checksum does not fit")
    try:
        return _manifest(parsed)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(path, str(error) or type(error).__name__) from error


def _crc32(body: dict[str, Any]) -> int:
    """CRC-32 of what a manifest says, however its JSON is spaced and ordered."""
    return zlib.crc32(json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii"))


def _manifest(raw: dict[str, Any]) -> Manifest:
    embedder = EmbedderEntry(
        _text(raw["embedder"]["name"]),
        _text(raw["embedder"]["digest"]),
        _count(raw["embedder"]["dim"]),
    )
    codecs = {
        _name(name, _CODEC): CodecEntry(_file(entry["file"]), _count(entry["rows"]))
        for name, entry in raw["codecs"].items()
    }
    if not isinstance(raw["segments"], list):
        raise TypeError("its segments are no list")
    segments = tuple(_segment(entry) for entry in raw["segments"])
    ids = [segment.id for segment in segments]
    next_segment = _count(raw["next_segment"])
    if len(set(ids)) != len(ids):
        raise ValueError("it names a segment twice")
    if any(int(i) >= next_segment for i in ids):
        raise ValueError("it names a segment that was never made")
    if any(segment.codec not in codecs for segment in segments):
        raise ValueError("a segment names a codec that is not there")
    return Manifest(
        embedder=embedder,
        vectors=_text(raw["vectors"]),
        analyzer=_text(raw["analyzer"]),
        generation=_count(raw["generation"]),
        next_segment=next_segment,
        codecs=codecs,
        segments=segments,
        sources=_sources(raw.get("sources")),
        # Packs from before there was a choice do not say.
        text=tier(_text(raw.get("text", "standard"))).name,
        ranking=None if raw.get("ranking") is None else Ranking.from_dict(raw["ranking"]),
    )


def _sources(raw: dict[str, Any] | None) -> SourcesEntry | None:
    if raw is None:
        return None
    return SourcesEntry(_name(raw["name"], _SOURCES), _file(raw["file"]))


def _segment(raw: dict[str, Any]) -> SegmentEntry:
    if set(raw["files"]) != set(PARTS):
        raise ValueError("a segment has not the files that it must have")
    deleted = raw["deleted"]
    return SegmentEntry(
        id=_name(raw["id"], _SEGMENT),
        documents=_count(raw["documents"]),
        units=_count(raw["units"]),
        text_bytes=_count(raw["text_bytes"]),
        codec=_name(raw["codec"], _CODEC),
        files={name: _file(raw["files"][name]) for name in PARTS},
        deleted=None
        if deleted is None
        else DeletedEntry(
            name=_name(deleted["name"], _DELETED),
            file=_file(deleted["file"]),
            documents=_count(deleted["documents"]),
            units=_count(deleted["units"]),
            text_bytes=_count(deleted["text_bytes"]),
        ),
    )


def _file(raw: dict[str, Any]) -> FileEntry:
    return FileEntry(_count(raw["size"]), _count(raw["crc32"]))


def _name(value: object, pattern: re.Pattern[str]) -> str:
    # Names of this shape cannot lead out of the folder.
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ValueError(f"it names {value!r}, which no pack contains")
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < _MOST:
        raise ValueError(f"it counts {value!r}, which is no count")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"it holds {value!r} where a name belongs")
    return value
