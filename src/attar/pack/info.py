"""What a pack holds and what every part of it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attar.pack import manifest as names
from attar.pack.disk import bytes_below
from attar.pack.manifest import Manifest

_PARTS = {
    names.TEXT: "text",
    names.UNITS: "units",
    names.VECTORS: "vectors",
    names.POSTINGS: "postings",
    names.NAME: "manifest",
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
        parts: bytes by part; they add up to `pack_bytes`. "other" is whatever is not the pack's.
        embedder: name of the model that made the vectors.
        recipe: of the vectors' codes.
        analyzer: name of what cuts text into terms.
        text: tier of the text.
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

    def to_dict(self) -> dict[str, Any]:
        """In plain types, ready for `json.dumps`."""
        return {**asdict(self), "parts": dict(self.parts)}


def measure(folder: Path, manifest: Manifest) -> PackInfo:
    """Count the files of a pack's folder."""
    parts = dict.fromkeys(("text", "vectors", "postings", "units", "manifest"), 0)
    sizes = bytes_below(folder)
    for path, size in sizes.items():
        name = path.rsplit("/", 1)[-1]
        if name.startswith("codec-"):
            part = "vectors"
        elif name.startswith("deleted."):
            part = "units"
        elif name.startswith("sources."):
            part = "sources"
        else:
            part = _PARTS.get(name, "other")
        parts[part] = parts.get(part, 0) + size
    if not parts.get("other"):
        parts.pop("other", None)
    gone = [s.deleted for s in manifest.segments if s.deleted is not None]
    return PackInfo(
        documents=sum(s.documents for s in manifest.segments) - sum(d.documents for d in gone),
        units=sum(s.units for s in manifest.segments) - sum(d.units for d in gone),
        segments=len(manifest.segments),
        text_bytes=sum(s.text_bytes for s in manifest.segments) - sum(d.text_bytes for d in gone),
        pack_bytes=sum(sizes.values()),
        parts=parts,
        embedder=manifest.embedder.name,
        recipe=manifest.vectors,
        analyzer=manifest.analyzer,
        text=manifest.text,
    )
