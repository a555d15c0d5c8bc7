"""Documents in, segments out: what happens between `add` and the next manifest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.base import Embedder
from attar.pack import manifest as names
from attar.pack.chunk import Chunk
from attar.pack.codecs import Codecs
from attar.pack.crew import (
    Crew,
    Job,
    MadeSegment,
    Order,
    Recruiting,
    cut,
    cut_by,
    embed_by,
    make_segment,
)
from attar.pack.disk import sync_folder, writing
from attar.pack.document import Document, check
from attar.pack.draft import Draft, store_segment, write_segment
from attar.pack.info import PackInfo
from attar.pack.manifest import (
    Manifest,
    SegmentEntry,
)
from attar.pack.passages import passages_of
from attar.pack.removal import bury, without
from attar.pack.same import embedded_once
from attar.pack.segment import Segment
from attar.pack.snapshot import Snapshot
from attar.progress import Progress
from attar.report import Part, Report

# Where a segment is cut: bounds what is held in memory while a pack is built. With 32 million
# characters one process held 0.6 GB at most, and one with two workers 1.4 GB together. What
# a search must open of each segment asks for few of them. Both are known before a document is
# divided into units, so that all the rest can be done elsewhere.
SEGMENT_DOCUMENTS = 65_536
SEGMENT_CHARACTERS = 20_000_000


@dataclass
class Builder:
    """Collects the changes of one `add`, in files that no manifest names yet.

    Args:
        snapshot: the pack that is added to.
        load: gives what makes the vectors; called when there is something to embed.
        progress: told of documents read and units embedded.
        crew: embeds and makes segments beside this process; the files are the same without.
    """

    snapshot: Snapshot
    load: Callable[[], Embedder]
    progress: Progress
    crew: Crew | None = None
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("read and cut", "embed", "write"), 0.0)
    )
    # Numbers of documents, by segment, that the next manifest does not hold; those that are
    # replaced come to it when all are written.
    doomed: dict[str, set[int]] = field(default_factory=dict)
    documents: int = 0
    embedded: int = 0
    _pending: dict[str, Document] = field(default_factory=dict)
    _characters: int = 0
    _fresh: list[SegmentEntry] = field(default_factory=list)
    _orders: deque[tuple[str, Job[MadeSegment]]] = field(default_factory=deque)
    # Where each document of a segment that this builder wrote lies, by id.
    _written: dict[str, tuple[int, int]] = field(default_factory=dict)
    _replaced: list[set[int]] = field(default_factory=list)

    def run(self, documents: Iterable[Document]) -> Manifest:
        """Write segments of all documents, and return the manifest that would make them live.

        Raises:
            UsageError: for a document that cannot be stored.
            PackError: if there is no room.
        """
        with _timed(self.seconds, "read and cut"):
            iterator = iter(documents)
        while True:
            with _timed(self.seconds, "read and cut"):
                document = next(iterator, None)
                if document is not None:
                    self._take(document)
            if document is None or self._full():
                self._flush()
            if document is None:
                self._collect()
                return self._manifest()

    def report(self, info: PackInfo) -> Report:
        """What was added to a pack that now is so."""
        parts = [
            Part(name, info.text_bytes if name == "text" else None, size)
            for name, size in info.parts.items()
        ]
        return Report(
            f"{self.documents:,} documents added, {self.embedded:,} units;"
            f" the pack holds {info.documents:,} documents",
            parts,
            self.seconds,
        )

    @cached_property
    def embedder(self) -> Embedder:
        """What makes the vectors."""
        return self.load()

    @cached_property
    def _codecs(self) -> Codecs:
        return Codecs(self.snapshot)

    @cached_property
    def _recruiting(self) -> Recruiting:
        return Recruiting.of(self.embedder)

    @property
    def _folder(self) -> Path:
        return self.snapshot.folder

    def _take(self, document: Document) -> None:
        check(document)
        before = self._pending.pop(document.id, None)
        self._pending[document.id] = document
        self._characters += _characters(document) - (_characters(before) if before else 0)
        self.documents += before is None
        self.progress("read", self.documents, None)

    def _full(self) -> bool:
        return len(self._pending) >= SEGMENT_DOCUMENTS or self._characters >= SEGMENT_CHARACTERS

    def _flush(self) -> None:
        if not self._pending:
            return
        documents = list(self._pending.values())
        if self.crew is not None:
            self._order(documents, self.crew)
        else:
            self._fresh.append(self._written_here(documents))
        self._replaced.append(set())
        for i, document in enumerate(documents):
            earlier = self._written.get(document.id)
            if earlier is not None:
                self._replaced[earlier[0]].add(earlier[1])
                self.documents -= 1
            self._written[document.id] = (len(self._replaced) - 1, i)
        self._pending.clear()
        self._characters = 0

    def _written_here(self, documents: Sequence[Document]) -> SegmentEntry:
        with _timed(self.seconds, "read and cut"):
            chunks = cut(self.embedder, documents)
        passages = passages_of(documents, chunks)
        with _timed(self.seconds, "embed"):
            vectors = self._embed(passages)
        with _timed(self.seconds, "write"):
            name, fitted = self._codecs.for_vectors(vectors)
            draft = Draft(documents, chunks, passages, fitted.encode(vectors))
            manifest = self.snapshot.manifest
            number = manifest.next_segment + len(self._fresh)
            return write_segment(
                self._folder, number, draft, name, manifest.analyzer, manifest.text
            )

    def _order(self, documents: Sequence[Document], crew: Crew) -> None:
        """Have a whole segment made by a worker; it is stored when its turn comes."""
        codec, chunks, vectors = self._codecs.settled(), None, None
        if codec is None:
            with _timed(self.seconds, "read and cut"):
                chunks = cut_by(crew, self._recruiting, documents)
            codec, vectors = self._codec_for(documents, chunks)
        manifest = self.snapshot.manifest
        data = self._codecs.path(codec).read_bytes()
        order = Order(documents, data, manifest.analyzer, manifest.text, chunks, vectors)
        self._orders.append((codec, crew.submit(make_segment, self._recruiting, order)))
        # Each order waits with all its text: one for each worker, while the next is read.
        self._collect(leave=crew.size)

    def _codec_for(
        self, documents: Sequence[Document], chunks: Sequence[Sequence[Chunk]]
    ) -> tuple[str, NDArray[np.float32] | None]:
        """Name of the codec for some units, and their vectors if it had to see them."""
        codec = self._codecs.settled(sum(map(len, chunks)))
        if codec is not None:
            return codec, None
        with _timed(self.seconds, "embed"):
            vectors = self._embed(passages_of(documents, chunks))
        return self._codecs.for_vectors(vectors)[0], vectors

    def _collect(self, leave: int = 0) -> None:
        """Store segments in the order in which they were ordered, whoever was first to finish."""
        while len(self._orders) > leave:
            codec, job = self._orders.popleft()
            with _timed(self.seconds, "embed"):
                made = job.result()
            with _timed(self.seconds, "write"):
                number = self.snapshot.manifest.next_segment + len(self._fresh)
                counts = (made.documents, made.units, made.text_bytes)
                self._fresh.append(store_segment(self._folder, number, made.files, counts, codec))
            self.embedded += made.embedded
            self.progress("embed", self.embedded, None)

    def _embed(self, passages: Sequence[str]) -> NDArray[np.float32]:
        vectors = embedded_once(passages, self._embed_each)
        self.embedded += len(passages)
        return vectors

    def _embed_each(self, passages: Sequence[str]) -> NDArray[np.float32]:
        base = self.embedded

        def note(step: str, done: int, total: int | None, /) -> None:
            self.progress("embed", base + done, None if total is None else base + total)

        dim = self.snapshot.manifest.embedder.dim
        if not passages:
            return np.zeros((0, dim), dtype=np.float32)
        if self.crew is None:
            vectors = self.embedder.embed(passages, progress=note)
        else:
            vectors = embed_by(self.crew, self._recruiting, passages)
            note("embed", len(passages), len(passages))
        if vectors.shape != (len(passages), dim):
            raise ModelError(
                f"the embedder {self.embedder.name!r} gave {vectors.shape} values for"
                f" {len(passages)} texts; this pack holds vectors of {dim}"
            )
        return vectors

    def _manifest(self) -> Manifest:
        old = self.snapshot.manifest
        for segment in self.snapshot.segments if self._written else ():
            found = [i for i, name in enumerate(segment.units.ids) if name in self._written]
            if found:
                self.doomed.setdefault(segment.entry.id, set()).update(found)
        entries = without(self.snapshot, self.doomed)
        entries += self._bury_own()
        with writing(self._folder / names.SEGMENTS):
            sync_folder(self._folder)
        return old.following(
            next_segment=old.next_segment + len(self._fresh),
            codecs={**old.codecs, **self._codecs.fresh},
            segments=tuple(entries),
        )

    def _bury_own(self) -> Iterator[SegmentEntry]:
        generation = self.snapshot.manifest.generation + 1
        for entry, numbers in zip(self._fresh, self._replaced, strict=True):
            if not numbers:
                yield entry
            elif len(numbers) < entry.documents:
                yield bury(Segment(self._folder, entry), numbers, generation)


def replacing(builder: Builder, documents: Iterable[Document]) -> Iterator[Document]:
    """Pass documents on, and doom those that the pack holds of the same sources."""
    sources = set()
    for document in documents:
        sources.add(document.source)
        yield document
    for segment in builder.snapshot.segments:
        found = [i for i, source in enumerate(segment.units.sources) if source in sources]
        if found:
            builder.doomed.setdefault(segment.entry.id, set()).update(found)


def _characters(document: Document) -> int:
    return len(document.title) + len(document.text)


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds[step] += time.perf_counter() - started
