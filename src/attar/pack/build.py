"""Documents in, segments out: what happens between `add` and the next manifest."""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from attar.codec import Fitted, parse
from attar.errors import ModelError, UsageError
from attar.models.base import Embedder
from attar.pack import manifest as names
from attar.pack.chunk import Chunk
from attar.pack.disk import sync_folder, writing
from attar.pack.document import Document
from attar.pack.manifest import (
    CodecEntry,
    FileEntry,
    Manifest,
    SegmentEntry,
)
from attar.pack.passages import passage, units
from attar.pack.removal import bury, without
from attar.pack.segment import Draft, Segment, write_segment
from attar.pack.snapshot import Snapshot
from attar.progress import Progress

# Where a segment is cut: bounds what is held in memory while a pack is built.
SEGMENT_UNITS = 16_384
SEGMENT_CHARACTERS = 32_000_000
# A codec fitted to so many vectors knows them; one fitted to fewer is fitted anew when a
# segment of several times as many comes.
_ENOUGH = 8_192
_GROWTH = 4
_FEW = 64


@dataclass
class Builder:
    """Collects the changes of one `add`, in files that no manifest names yet.

    Args:
        snapshot: the pack that is added to.
        load: gives what makes the vectors; called when there is something to embed.
        progress: told of documents read and units embedded.
    """

    snapshot: Snapshot
    load: Callable[[], Embedder]
    progress: Progress
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("read and cut", "embed", "write"), 0.0)
    )
    # Numbers of documents, by segment, that the next manifest does not hold; those that are
    # replaced come to it when all are written.
    doomed: dict[str, set[int]] = field(default_factory=dict)
    documents: int = 0
    embedded: int = 0
    _pending: dict[str, tuple[Document, list[Chunk]]] = field(default_factory=dict)
    _units: int = 0
    _characters: int = 0
    _fresh: list[SegmentEntry] = field(default_factory=list)
    _codecs: dict[str, CodecEntry] = field(default_factory=dict)
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
                return self._manifest()

    @cached_property
    def embedder(self) -> Embedder:
        """What makes the vectors."""
        return self.load()

    @property
    def _folder(self) -> Path:
        return self.snapshot.folder

    def _take(self, document: Document) -> None:
        _check(document)
        cut = units(document, self.embedder.tokenizer, self.embedder.max_tokens)
        before = self._pending.pop(document.id, None)
        if before is not None:
            self._count(*before, sign=-1)
        self._pending[document.id] = (document, cut)
        self._count(document, cut, sign=1)
        self.documents += before is None
        self.progress("read", self.documents, None)

    def _count(self, document: Document, cut: Sequence[Chunk], sign: int) -> None:
        self._units += sign * len(cut)
        self._characters += sign * (len(document.text) + len(document.title))

    def _full(self) -> bool:
        return self._units >= SEGMENT_UNITS or self._characters >= SEGMENT_CHARACTERS

    def _flush(self) -> None:
        if not self._pending:
            return
        documents = [document for document, _ in self._pending.values()]
        chunks = [cut for _, cut in self._pending.values()]
        passages = [passage(d, c) for d, cut in zip(documents, chunks, strict=True) for c in cut]
        with _timed(self.seconds, "embed"):
            vectors = self._embed(passages)
        with _timed(self.seconds, "write"):
            name, fitted = self._codec(vectors)
            draft = Draft(documents, chunks, passages, fitted.encode(vectors))
            number = self.snapshot.manifest.next_segment + len(self._fresh)
            language, tier = self.snapshot.manifest.analyzer, self.snapshot.manifest.text
            self._fresh.append(write_segment(self._folder, number, draft, name, language, tier))
        self._replaced.append(set())
        for i, document in enumerate(documents):
            earlier = self._written.get(document.id)
            if earlier is not None:
                self._replaced[earlier[0]].add(earlier[1])
                self.documents -= 1
            self._written[document.id] = (len(self._fresh) - 1, i)
        self._pending.clear()
        self._units = self._characters = 0

    def _embed(self, passages: Sequence[str]) -> np.ndarray:
        base = self.embedded

        def note(step: str, done: int, total: int | None, /) -> None:
            self.progress("embed", base + done, None if total is None else base + total)

        dim = self.snapshot.manifest.embedder.dim
        if not passages:
            return np.zeros((0, dim), dtype=np.float32)
        vectors = self.embedder.embed(passages, progress=note)
        if vectors.shape != (len(passages), dim):
            raise ModelError(
                f"the embedder {self.embedder.name!r} gave {vectors.shape} values for"
                f" {len(passages)} texts; this pack holds vectors of {dim}"
            )
        self.embedded += len(passages)
        return vectors

    def _codec(self, vectors: np.ndarray) -> tuple[str, Fitted]:
        """The pack's newest codec, or one fitted to these vectors if it has seen too few."""
        known = {**self.snapshot.manifest.codecs, **self._codecs}
        if known:
            name, entry = list(known.items())[-1]
            if entry.rows >= _ENOUGH or len(vectors) < _GROWTH * entry.rows:
                return name, self._load(name)
        dim = self.snapshot.manifest.embedder.dim
        fitted = parse(self.snapshot.manifest.vectors).fit(_sample(vectors, dim))
        temporary = self._folder / ".codec.new"
        fitted.save(temporary)
        data = temporary.read_bytes()
        name = f"codec-{hashlib.blake2b(data, digest_size=16).hexdigest()}.safetensors"
        os.replace(temporary, self._folder / name)
        sync_folder(self._folder)
        if name not in known:
            file = FileEntry(len(data), zlib.crc32(data))
            self._codecs[name] = CodecEntry(file, len(vectors))
        return name, fitted

    def _load(self, name: str) -> Fitted:
        if name in self._codecs:
            return Fitted.load(self._folder / name)
        return self.snapshot.codec(name)

    def _manifest(self) -> Manifest:
        old = self.snapshot.manifest
        for segment in self.snapshot.segments:
            numbers = segment.units.number
            found = numbers.keys() & self._written.keys()
            if found:
                self.doomed.setdefault(segment.entry.id, set()).update(numbers[i] for i in found)
        entries = without(self.snapshot, self.doomed)
        entries += self._bury_own()
        with writing(self._folder / names.SEGMENTS):
            sync_folder(self._folder)
        return old.following(
            next_segment=old.next_segment + len(self._fresh),
            codecs={**old.codecs, **self._codecs},
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


def _sample(vectors: np.ndarray, dim: int) -> np.ndarray:
    """What a codec is fitted to.

    A handful of vectors says nothing about those to come: a codec that gives its bits to where
    vectors vary would give none at all after one vector. Directions at random stand in for them.
    """
    missing = max(0, _FEW - len(vectors))
    noise = np.random.default_rng(0).standard_normal((missing, dim)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return np.concatenate([vectors, noise])


def _check(document: Document) -> None:
    if not isinstance(document, Document):
        raise UsageError(f"a pack takes Document objects, not {type(document).__name__}")
    if not document.id:
        raise UsageError(f"a document from {document.source!r} has an empty id: give it a name")
    for what, text in (("title", document.title), ("text", document.text), ("id", document.id)):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise UsageError(
                f"the {what} of document {document.id!r} holds a lone surrogate at character"
                f" {error.start}, which is no Unicode text: repair it where it was decoded"
            ) from error


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds[step] += time.perf_counter() - started
