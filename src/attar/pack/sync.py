"""Files a second time: only those that changed are read, and only new text is embedded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from attar.errors import UsageError
from attar.pack.document import Document
from attar.pack.read import MAX_BYTES, Paths, Skipped, read_file, roots_of, walk
from attar.pack.readers import Source
from attar.pack.snapshot import Snapshot
from attar.pack.sources import UNKNOWN, SourceFile, Sources, belongs, stamp_of


@dataclass(frozen=True, slots=True)
class Synced:
    """What came of comparing a pack with files.

    Args:
        files: that there are.
        read: of them, those that had to be read.
        added: documents that are new or changed.
        deleted: documents that are no longer there, or were changed.
        skipped: what is not in the pack, and why.
    """

    files: int
    read: int
    added: int
    deleted: int
    skipped: Sequence[Skipped]


@dataclass
class Rereading:
    """The documents of files that a pack does not know as they are now; iterate over it once.

    Args:
        snapshot: the pack.
        paths: files and folders, as for `read`.

    Attributes:
        gone: numbers of the pack's documents, by segment, that the files no longer hold;
            complete when the iteration is.
        skipped: what holds no document; likewise.

    Raises:
        UsageError: if a path does not exist, holds no file any more, or the pack was made from
            others.
    """

    snapshot: Snapshot
    paths: Paths
    skipped: list[Skipped] = field(default_factory=list)
    gone: dict[str, set[int]] = field(default_factory=dict)
    read: int = 0
    _files: dict[str, SourceFile] = field(default_factory=dict)
    _to_read: list[tuple[Path, str]] = field(default_factory=list)
    _strangers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        roots = roots_of(self.paths)
        self._roots = sorted(root.name for root in roots)
        self._known = self.snapshot.sources or Sources(self._roots, ())
        if sorted(self._known.roots) != self._roots:
            raise UsageError(
                f"{self.snapshot.folder} was packed from {', '.join(self._known.roots)} and not"
                f" from {', '.join(self._roots)}: use `attar add` to add to it, or another name"
            )
        for path, name in walk(roots):
            if isinstance(name, Skipped):
                self.skipped.append(name)
            else:
                self._compare(path, name)
        known = self._files.keys() - {name for _, name in self._to_read}
        self._strangers = {i: f for i, f in self._known.strangers.items() if f in known}
        if self._known.files and not self._files:
            raise UsageError(
                f"there are no files any more in {', '.join(self._roots)}, from which"
                f" {self.snapshot.folder} was packed: if that is meant, delete the pack"
            )

    def _compare(self, path: Path, name: str) -> None:
        """Note a file as known or to be read."""
        try:
            stamp = stamp_of(path)
        except OSError:
            stamp = UNKNOWN
        known = self._known.by_name.get(name)
        if known is None or stamp == UNKNOWN or known.stamp != stamp:
            self._files[name] = SourceFile(name, stamp)
            self._to_read.append((path, name))
            return
        self._files[name] = known
        if known.skipped:
            self.skipped.append(Skipped(name, known.skipped))

    @property
    def sources(self) -> Sources:
        """What is to be remembered of the files; complete when the iteration is."""
        return Sources(self._roots, list(self._files.values()), self._strangers)

    def __iter__(self) -> Iterator[Document]:
        owners: dict[str, str] = {}
        unread = {name for _, name in self._to_read}
        if unread or len(self._files) < len(self._known.files):
            self._find_gone(unread, owners)
        for path, name in self._to_read:
            self.read += 1
            documents, skipped = 0, []
            for item in read_file(Source(path, name, MAX_BYTES), owners):
                if isinstance(item, Skipped):
                    skipped.append(item)
                    continue
                documents += 1
                if belongs(item.source, name):
                    self._strangers.pop(item.id, None)
                else:
                    self._strangers[item.id] = name
                if not self._holds(item):
                    yield item
            self.skipped += skipped
            self._remember(name, documents, skipped)

    def _find_gone(self, unread: set[str], owners: dict[str, str]) -> None:
        """All documents of files that changed or vanished, until they are read again."""
        for segment in self.snapshot.segments:
            units = segment.units
            for number in np.flatnonzero(segment.live_documents).tolist():
                document, source = units.ids[number], units.sources[number]
                owner = self._known.owner(document, source)
                if owner is None:
                    continue
                if owner in unread or owner not in self._files:
                    self.gone.setdefault(segment.entry.id, set()).add(number)
                elif document != source or document in self._known.strangers:
                    owners[document] = owner

    def _holds(self, document: Document) -> bool:
        """Whether the pack holds a document exactly so; then it is not gone."""
        found = self.snapshot.find(document.id)
        if found is None or found[0].document(found[1]) != document:
            return False
        self.gone.get(found[0].entry.id, set()).discard(found[1])
        return True

    def _remember(self, name: str, documents: int, skipped: Sequence[Skipped]) -> None:
        """What a file held; read again next time is one of which only a part could be read."""
        file = self._files[name]
        if not skipped:
            return
        whole = not documents and len(skipped) == 1 and skipped[0].path == name
        if whole and skipped[0].lasting:
            self._files[name] = SourceFile(name, file.stamp, skipped[0].reason)
        else:
            self._files[name] = SourceFile(name, UNKNOWN)
