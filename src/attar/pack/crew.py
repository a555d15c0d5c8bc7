"""Work that other processes can do: cutting and embedding texts, and making whole segments.

A worker gets everything with its task and gives bytes back; it never touches the pack. So a
worker that dies, or lives longer than the writer that it worked for, can do no harm.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from attar import models
from attar.codec import Fitted
from attar.errors import ModelError
from attar.models.base import Embedder
from attar.pack.chunk import Chunk
from attar.pack.document import Document
from attar.pack.draft import Draft, write_parts
from attar.pack.manifest import PARTS
from attar.pack.passages import passages_of, units
from attar.pack.same import embedded_once

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

# Texts that a worker divides or embeds at a time, while a whole segment cannot be given away.
_SHARD = 512


class Job(Protocol[T_co]):
    """A task that was given away."""

    def result(self) -> T_co:
        """What came of it, waited for; raises what the task raised.

        Raises:
            PackError: if its worker died again and again.
        """


class Crew(Protocol):
    """Those who work beside this process."""

    @property
    def size(self) -> int:
        """How many tasks run at a time."""

    def submit(self, task: Callable[..., T], /, *args: Any) -> Job[T]:
        """Give a task away. It is done again if its worker dies."""


@dataclass(frozen=True, slots=True)
class Recruiting:
    """What a worker needs to know to make the same vectors.

    Args:
        name: of the embedder.
        digest: of the embedder.
        embedder: itself, if its name says nothing to another process.
    """

    name: str
    digest: str
    embedder: Embedder | None

    @classmethod
    def of(cls, embedder: Embedder) -> Recruiting:
        """For that embedder: Attar's own are opened again by name, others are sent."""
        own = type(embedder).__module__.startswith("attar.models.")
        return cls(embedder.name, embedder.digest, None if own else embedder)

    def load(self) -> Embedder:
        """The embedder, in the worker.

        Raises:
            ModelError: if it is another one here.
        """
        if self.embedder is not None:
            return self.embedder
        found = _opened(self.name)
        if found.digest != self.digest:
            raise ModelError(
                f"a worker has another embedder {self.name!r} (digest {found.digest[:12]}, not"
                f" {self.digest[:12]}): install the same model on every machine"
            )
        return found


@dataclass(frozen=True, slots=True)
class Order:
    """A segment to be made.

    Args:
        documents: in order.
        codec: bytes of the fitted codec's file.
        analyzer: name of what cuts text into terms.
        tier: of the text.
        chunks: the units of each document, if they were found already.
        vectors: of each unit, if they were made already.
    """

    documents: Sequence[Document]
    codec: bytes
    analyzer: str
    tier: str
    chunks: Sequence[Sequence[Chunk]] | None = None
    vectors: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class MadeSegment:
    """A segment, made.

    Args:
        files: bytes of each file by name.
        documents: in it.
        units: in it.
        embedded: units whose vectors were made with it.
        text_bytes: UTF-8 bytes of its titles and texts.
    """

    files: dict[str, bytes]
    documents: int
    units: int
    embedded: int
    text_bytes: int


def cut(embedder: Embedder, documents: Sequence[Document]) -> list[list[Chunk]]:
    """The units of each document."""
    tokenizer, most = embedder.tokenizer, embedder.max_tokens
    return [units(document, tokenizer, most) for document in documents]


def cut_by(crew: Crew, recruiting: Recruiting, documents: Sequence[Document]) -> list[list[Chunk]]:
    """As `cut`, by those who work beside this process."""
    jobs = [crew.submit(_cut, recruiting, some) for some in _shards(documents)]
    return [chunks for job in jobs for chunks in job.result()]


def embed_by(crew: Crew, recruiting: Recruiting, passages: Sequence[str]) -> NDArray[np.float32]:
    """(n, dim) vectors of one passage or more, made by those who work beside this process."""
    jobs = [crew.submit(_embed, recruiting, some) for some in _shards(passages)]
    return np.concatenate([job.result() for job in jobs])


def make_segment(recruiting: Recruiting, order: Order) -> MadeSegment:
    """Divide into units, embed, code, index and compress, in a worker."""
    chunks, vectors = order.chunks, order.vectors
    if chunks is None:
        chunks = _cut(recruiting, order.documents)
    passages = passages_of(order.documents, chunks)
    embedded = 0 if vectors is not None else len(passages)
    if vectors is None:
        vectors = _embedded(recruiting, passages)
    with tempfile.TemporaryDirectory(prefix="attar-") as temporary:
        folder = Path(temporary)
        (folder / "codec").write_bytes(order.codec)
        fitted = Fitted.load(folder / "codec")
        draft = Draft(order.documents, chunks, passages, fitted.encode(vectors))
        text_bytes = write_parts(folder, draft, order.analyzer, order.tier)
        files = {name: (folder / name).read_bytes() for name in PARTS}
    return MadeSegment(files, len(order.documents), len(passages), embedded, text_bytes)


def _shards(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[i : i + _SHARD] for i in range(0, len(items), _SHARD)]


def _cut(recruiting: Recruiting, documents: Sequence[Document]) -> list[list[Chunk]]:
    return cut(recruiting.load(), documents)


def _embed(recruiting: Recruiting, passages: Sequence[str]) -> NDArray[np.float32]:
    return recruiting.load().embed(passages)


def _embedded(recruiting: Recruiting, passages: Sequence[str]) -> NDArray[np.float32]:
    embedder = recruiting.load()
    if not passages:
        return np.zeros((0, embedder.dim), np.float32)
    return embedded_once(passages, embedder.embed)


@lru_cache(maxsize=2)
def _opened(name: str) -> Embedder:
    return models.embedder(name)
