"""`attar measure pack`: how well a pack finds, and how large it is, beside nothing compressed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from attar.measure.beir import Collection, CollectionError
from attar.measure.ir import ndcg, recall
from attar.measure.reference import ExactDense, FloatBM25, rank_documents
from attar.models.base import Embedder, Tokenizer
from attar.pack import Document, Pack, read
from attar.pack.draft import TITLE
from attar.pack.fusion import convex
from attar.pack.info import shared
from attar.pack.passages import passage, units
from attar.postings import BM25, analyzer
from attar.progress import Progress, silent
from attar.report import Loss

Mode: TypeAlias = Literal["dense", "bm25", "hybrid"]
MODES: tuple[Mode, ...] = get_args(Mode)
DEPTH = 100
Ranker: TypeAlias = Callable[[str, NDArray[np.float32], Mode, int], list[str]]


@dataclass(frozen=True, slots=True)
class Figures:
    """How one way of searching did on one collection.

    Args:
        ndcg: nDCG@10, mean over queries.
        recall: Recall@100, mean over queries.
        query_ms: median milliseconds for the top 10, the embedding of the query excluded.
    """

    ndcg: float
    recall: float
    query_ms: float

    def to_dict(self) -> dict[str, float]:
        """By the measures' usual names."""
        return {"ndcg@10": self.ndcg, "recall@100": self.recall, "query_ms": self.query_ms}


@dataclass(frozen=True, slots=True)
class PackMeasurement:
    """A pack beside its uncompressed reference, from one run.

    Args:
        collection: name of the folder measured on.
        queries: how many.
        documents: how many were packed.
        units: how many passages they became.
        recipe: how the vectors are coded.
        pack: figures by mode, on the pack.
        reference: figures by mode, float32 and exact.
        parts: bytes of the pack's folder by part.
        text_bytes: UTF-8 bytes of titles and texts.
        seconds: of building, by step.
    """

    collection: str
    queries: int
    documents: int
    units: int
    recipe: str
    pack: Mapping[Mode, Figures]
    reference: Mapping[Mode, Figures]
    parts: Mapping[str, int]
    text_bytes: int
    seconds: Mapping[str, float]

    def losses(self) -> list[Loss]:
        """nDCG@10 by mode, against the reference's."""
        data = f"{self.collection}, {self.queries} queries"
        return [
            Loss(f"nDCG@10 {m}", self.pack[m].ndcg, self.reference[m].ndcg, data) for m in MODES
        ]

    def to_dict(self) -> dict[str, Any]:
        """In plain types, by the keys that docs/json.md promises."""
        fields = {k: v for k, v in asdict(self).items() if k not in ("pack", "reference", "parts")}
        return {
            **fields,
            "seconds": dict(self.seconds),
            "pack": {m: self.pack[m].to_dict() for m in MODES},
            "reference": {m: self.reference[m].to_dict() for m in MODES},
            "bytes": dict(self.parts),
            "pack_bytes": sum(self.parts.values()),
            "per_document": shared(self.parts, self.documents),
            "per_unit": shared(self.parts, self.units),
        }


class Remember:
    """An embedder that keeps what it gave, so that the reference need not embed again.

    Args:
        inner: the embedder that does the work.
    """

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.vectors: dict[str, NDArray[np.float32]] = {}

    @property
    def name(self) -> str:
        """The inner embedder's name."""
        return self._inner.name

    @property
    def digest(self) -> str:
        """The inner embedder's digest: the vectors are the same."""
        return self._inner.digest

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._inner.dim

    @property
    def max_tokens(self) -> int:
        """Tokens that are read."""
        return self._inner.max_tokens

    @property
    def tokenizer(self) -> Tokenizer:
        """The inner embedder's tokenizer."""
        return self._inner.tokenizer

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        """Embed, and remember."""
        found = self._inner.embed(texts, progress=progress)
        self.vectors.update(zip(texts, found, strict=True))
        return found


def measure_pack(
    folder: str | Path,
    target: str | Path,
    *,
    embedder: Embedder,
    vectors: str,
    language: str = "english",
    progress: Progress = silent,
) -> PackMeasurement:
    """Pack a test collection and search it, compressed and not.

    Args:
        folder: the collection, in BEIR's layout.
        target: where to make the pack; must not exist.
        embedder: makes the vectors of both.
        vectors: recipe of the pack's codes.
        language: of the analyzer of both.
        progress: told of building and of queries.

    Raises:
        CollectionError: if the folder is not a collection with judged queries.
    """
    collection = Collection.open(folder)
    remember = Remember(embedder)
    started = time.perf_counter()
    with Pack.create(target, embedder=remember, vectors=vectors, analyzer=language) as pack:
        built = pack.add(read(Path(folder)), progress=progress)
    seconds = {**built.seconds, "build": time.perf_counter() - started}
    # Opened again, so that what is measured is what another process would find.
    with Pack.open(target, embedder=remember) as pack:
        info = pack.info()
        if not info.documents:
            raise CollectionError(f"{folder} has no documents: there is nothing to measure")
        questions = list(collection.queries.values())
        embedded = dict(zip(questions, embedder.embed(questions), strict=True))
        uncompressed = reference(read(Path(folder)), remember, language)

        def compressed(question: str, vector: NDArray[np.float32], mode: Mode, k: int) -> list[str]:
            return [h.id for h in pack.search(question, k, mode, vector, group=True)]

        figures = [
            {m: _figures(rank, m, collection, embedded, progress) for m in MODES}
            for rank in (compressed, uncompressed)
        ]
    return PackMeasurement(
        collection=Path(folder).resolve().name,
        queries=len(questions),
        documents=info.documents,
        units=info.units,
        recipe=info.recipe,
        pack=figures[0],
        reference=figures[1],
        parts=info.parts,
        text_bytes=info.text_bytes,
        seconds=seconds,
    )


def reference(documents: Iterable[Document], embedder: Remember, language: str) -> Ranker:
    """Cut the documents as a pack does, keep everything in floats, and rank by it."""
    owners: list[str] = []
    texts: list[str] = []
    worded: list[str] = []
    for document in documents:
        for unit in units(document, embedder.tokenizer, embedder.max_tokens):
            owners.append(document.id)
            texts.append(passage(document, unit))
            # A pack's index counts titles more than once: so must what it is measured by.
            worded.append("\n".join([*[document.title] * (TITLE - 1), texts[-1]]))
    dense = ExactDense(np.stack([embedder.vectors[t] for t in texts]))
    settings = BM25()
    words = FloatBM25(worded, analyzer(language).tokens, k1=settings.k1, b=settings.b)

    def rank(question: str, vector: NDArray[np.float32], mode: Mode, k: int) -> list[str]:
        if mode == "dense":
            return rank_documents(dense.scores(vector), owners, k)
        found = words.scores(question)
        if mode == "bm25":
            return rank_documents(np.where(found > 0, found, -np.inf), owners, k)
        return rank_documents(convex(dense.scores(vector), found), owners, k)

    return rank


def _figures(
    rank: Ranker,
    mode: Mode,
    collection: Collection,
    embedded: Mapping[str, NDArray[np.float32]],
    progress: Progress,
) -> Figures:
    gains, found, times = [], [], []
    for number, (query, question) in enumerate(collection.queries.items(), 1):
        vector = embedded[question]
        rank(question, vector, mode, 10)  # pages and caches are warm, as in a running service
        before = time.perf_counter()
        rank(question, vector, mode, 10)
        times.append(time.perf_counter() - before)
        ranking = rank(question, vector, mode, DEPTH)
        gains.append(ndcg(ranking, collection.judgements[query], 10))
        found.append(recall(ranking, collection.judgements[query], DEPTH))
        progress(f"measure {mode}", number, len(collection.queries))
    return Figures(statistics.mean(gains), statistics.mean(found), statistics.median(times) * 1e3)
