"""What a pack holds and what every part of it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from attar.pack import manifest as names
from attar.pack.disk import bytes_below
from attar.pack.ranking import Ranking
from attar.pack.snapshot import Snapshot

_PARTS = {
    names.TEXT: "text",
    names.UNITS: "units",
    names.VECTORS: "vectors",
    names.POSTINGS: "postings",
}


@dataclass(frozen=True, slots=True)
class PackInfo:
    """A pack in figures.

    Args:
        documents: live ones.
        units: passages of live documents.
        segments: how many.
        text_bytes: UTF-8 bytes of titles and texts of live documents.
        pack_bytes: bytes of every file of the folder.
        parts: bytes by part; they add up to `pack_bytes`. "other" is whatever is not the pack's:
            what somebody else put there, and what a killed writer left for the next to remove.
        embedder: name of the model that made the vectors.
        recipe: of the vectors' codes.
        analyzer: name of what cuts text into terms.
        text: tier of the text.
        deleted_documents: those whose bytes are still there, until the pack is compacted.
        deleted_text_bytes: UTF-8 bytes of their titles and texts.
        repeated_bytes: UTF-8 bytes of long runs of text that stand elsewhere in their segment too,
            and are stored there once; those of deleted documents included.
        ranking: how it ranks, unless a search says otherwise.
    """

    documents: int
    units: int
    segments: int
    text_bytes: int
    pack_bytes: int
    parts: Mapping[str, int]
    embedder: str
    recipe: str
    analyzer: str
    text: str = "standard"
    deleted_documents: int = 0
    deleted_text_bytes: int = 0
    repeated_bytes: int = 0
    ranking: Ranking = field(default_factory=Ranking)

    @property
    def per_document(self) -> dict[str, float]:
        """Bytes by part for each live document; nothing if there is none."""
        return shared(self.parts, self.documents)

    @property
    def per_unit(self) -> dict[str, float]:
        """Bytes by part for each live unit; nothing if there is none."""
        return shared(self.parts, self.units)

    def to_dict(self) -> dict[str, Any]:
        """In plain types, ready for `json.dumps`."""
        return {
            **asdict(self),
            "parts": dict(self.parts),
            "per_document": self.per_document,
            "per_unit": self.per_unit,
        }


def measure(snapshot: Snapshot) -> PackInfo:
    """Count the files of a pack's folder, and what they hold."""
    manifest = snapshot.manifest
    parts = dict.fromkeys(("text", "vectors", "postings", "units", "manifest"), 0)
    sizes = bytes_below(snapshot.folder)
    owners = {path: _part_of(path) for path, _ in manifest.files()} | {names.NAME: "manifest"}
    for path, size in sizes.items():
        part = owners.get(path, "other")
        parts[part] = parts.get(part, 0) + size
    if not parts.get("other"):  # the lock is empty
        parts.pop("other", None)
    gone = [s.deleted for s in manifest.segments if s.deleted is not None]
    deleted_documents = sum(d.documents for d in gone)
    deleted_text = sum(d.text_bytes for d in gone)
    return PackInfo(
        documents=sum(s.documents for s in manifest.segments) - deleted_documents,
        units=sum(s.units for s in manifest.segments) - sum(d.units for d in gone),
        segments=len(manifest.segments),
        text_bytes=sum(s.text_bytes for s in manifest.segments) - deleted_text,
        pack_bytes=sum(sizes.values()),
        parts=parts,
        embedder=manifest.embedder.name,
        recipe=manifest.vectors,
        analyzer=manifest.analyzer,
        text=manifest.text,
        deleted_documents=deleted_documents,
        deleted_text_bytes=deleted_text,
        repeated_bytes=sum(s.entry.text_bytes - s.text.kept_bytes for s in snapshot.segments),
        ranking=manifest.ranking or Ranking(),
    )


def _part_of(path: str) -> str:
    """The part that a file belongs to which a manifest names."""
    name = path.rsplit("/", 1)[-1]
    if name.startswith("codec-"):
        return "vectors"
    if name.startswith("sources."):
        return "sources"
    return _PARTS.get(name, "units")  # tombstones


def shared(parts: Mapping[str, int], among: int) -> dict[str, float]:
    """Bytes by part for each of some documents or units; nothing if there is none."""
    return {name: size / among for name, size in parts.items()} if among else {}
