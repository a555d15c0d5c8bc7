"""What `pack` and `add` share: reading paths into a pack and saying what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attar.cli.console import ERR, OUT, bytes_table, print_json
from attar.progress import Progress

if TYPE_CHECKING:
    from attar.pack import Document, Pack, Skipped


@dataclass
class Built:
    """What came of reading some paths into a pack."""

    documents: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    def why_nothing(self) -> str:
        """One clause for the error when no document was found."""
        if not self.skipped:
            return "there are no files"
        first = self.skipped[0]
        more = f" and {len(self.skipped) - 1} more" if len(self.skipped) > 1 else ""
        return f"{first.path} was skipped ({first.reason}){more}"


def add_paths(pack: Pack, paths: Sequence[str], progress: Progress) -> Built:
    """Read documents from paths into the pack, counting what was read and what was skipped."""
    from attar.pack import read

    reading = read(paths)
    built = Built()

    def counted() -> Iterator[Document]:
        for document in reading:
            built.documents += 1
            yield document

    pack.add(counted(), progress)
    built.skipped = reading.skipped
    return built


def print_built(pack: Pack, built: Built, seconds: float, as_json: bool) -> None:
    """Print the pack's sizes, and what was skipped, as a table or as JSON."""
    info = pack.info()
    if as_json:
        print_json(
            {
                "documents": info.documents,
                "units": info.units,
                "text_bytes": info.text_bytes,
                "pack_bytes": info.pack_bytes,
                "parts": dict(info.parts),
                "seconds": seconds,
                "skipped": [{"path": s.path, "reason": s.reason} for s in built.skipped],
            }
        )
        return
    OUT.print(bytes_table(f"{info.documents:,} documents", info.parts, info.text_bytes))
    OUT.print(f"{info.units:,} units, {seconds:.1f} s")
    for skipped in built.skipped[:20]:
        ERR.print(f"skipped {skipped.path}: {skipped.reason}", markup=False)
    if len(built.skipped) > 20:
        ERR.print(f"... and {len(built.skipped) - 20} more skipped (--json lists all)")
