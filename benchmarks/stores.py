"""Attar beside whole stores: bytes of every file, nDCG@10 and milliseconds, in one run.

    pip install bm25s faiss-cpu lancedb chromadb txtai
    ATTAR_DATA=... python -m benchmarks.stores [cranfield cisi cacm npl] [--only NAME,...]

Everyone is given the same MiniLM vectors. The peers hold one unit a document (its title and
text); Attar cuts as it always does and finds documents by their best unit. Each store runs in a
process of its own, on one thread, and gives back the texts that it found. Queries come embedded:
that time is left out for all. Writes results/stores-SET.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attar import models
from attar.measure.beir import Collection
from attar.measure.ir import ndcg
from attar.pack import Document, Pack, read
from benchmarks.common import data, environment, save
from benchmarks.embeddings import CachedEmbedder

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "LANCE_CPU_THREADS", "RAYON_NUM_THREADS"), "1"
)
SETS = ("cranfield", "cisi", "cacm", "npl")
PACKAGES = ("bm25s", "faiss-cpu", "lancedb", "chromadb", "txtai")
K = 10
DEPTH = 100
Search = Callable[[int], list[str]]


@dataclass(frozen=True)
class Given:
    """What every store is given."""

    documents: Sequence[Document]
    ids: Sequence[str]
    texts: Sequence[str]
    vectors: np.ndarray
    questions: Sequence[str]
    asked: np.ndarray
    embedder: CachedEmbedder


def given(name: str) -> tuple[Given, Collection]:
    collection = Collection.open(data("ir", name))
    documents = list(read(data("ir", name)))
    embedder = CachedEmbedder(models.embedder(), name)
    texts = [f"{d.title} {d.text}".strip() for d in documents]
    questions = list(collection.queries.values())
    return (
        Given(
            documents,
            [d.id for d in documents],
            texts,
            embedder.embed(texts),
            questions,
            embedder.embed(questions),
            embedder,
        ),
        collection,
    )


def attar(have: Given, folder: Path) -> Iterator[Mapping[str, Search]]:
    """The pack, opened again after it was built."""
    with Pack.create(folder / "pack", embedder=have.embedder) as pack:
        pack.add(have.documents)
    pack = Pack.open(folder / "pack", have.embedder)

    def find(mode: Any) -> Search:
        def search(i: int) -> list[str]:
            found = pack.search(have.questions[i], K, mode, have.asked[i], group=True)
            return [hit.id for hit in found]

        return search

    yield {mode: find(mode) for mode in ("dense", "bm25", "hybrid")}


def assembled(have: Given, folder: Path) -> Iterator[Mapping[str, Search]]:
    """Vectors in faiss, texts in SQLite, words in bm25s, joined by reciprocal ranks."""
    import bm25s
    import faiss
    import Stemmer

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(have.vectors.shape[1])
    index.add(have.vectors)
    faiss.write_index(index, str(folder / "vectors.faiss"))
    base = sqlite3.connect(folder / "documents.sqlite")
    base.execute("create table d (n integer primary key, id text unique, title text, text text)")
    rows = ((n, d.id, d.title, d.text) for n, d in enumerate(have.documents))
    base.executemany("insert into d values (?, ?, ?, ?)", rows)
    base.commit()
    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    words = bm25s.BM25()
    words.index(tokens(list(have.texts)), show_progress=False)
    words.save(str(folder / "bm25"))

    def dense(i: int, k: int) -> list[int]:
        return [int(n) for n in index.search(have.asked[i : i + 1], k)[1][0]]

    def bm25(i: int, k: int) -> list[int]:
        found, _ = words.retrieve(
            tokens([have.questions[i]]), k=min(k, len(have.ids)), show_progress=False, n_threads=0
        )
        return [int(n) for n in found[0]]

    def hybrid(i: int) -> list[int]:
        scores: dict[int, float] = {}
        for ranking in (dense(i, DEPTH), bm25(i, DEPTH)):
            for rank, n in enumerate(ranking, 1):
                scores[n] = scores.get(n, 0.0) + 1 / (60 + rank)
        return sorted(scores, key=scores.__getitem__, reverse=True)[:K]

    def read_texts(numbers: list[int]) -> list[str]:
        one = "select id, title, text from d where n = ?"
        return [base.execute(one, (n,)).fetchone()[0] for n in numbers]

    yield {
        "dense": lambda i: read_texts(dense(i, K)),
        "bm25": lambda i: read_texts(bm25(i, K)),
        "hybrid": lambda i: read_texts(hybrid(i)),
    }


def lancedb(have: Given, folder: Path) -> Iterator[Mapping[str, Search]]:
    """LanceDB with its full-text index."""
    import lancedb
    import pyarrow

    rows = {
        "id": list(have.ids),
        "text": list(have.texts),
        "vector": pyarrow.FixedSizeListArray.from_arrays(
            pyarrow.array(have.vectors.ravel()), have.vectors.shape[1]
        ),
    }
    table = lancedb.connect(str(folder)).create_table("d", pyarrow.table(rows))
    table.create_fts_index("text")
    table.optimize()
    plain = [re.sub(r"[^\w\s]", " ", q) for q in have.questions]

    def ids(query: Any) -> list[str]:
        return [row["id"] for row in query.limit(K).to_list()]

    yield {
        "dense": lambda i: ids(table.search(have.asked[i]).distance_type("cosine")),
        "bm25": lambda i: ids(table.search(plain[i], query_type="fts")),
        "hybrid": lambda i: ids(
            table.search(query_type="hybrid").vector(have.asked[i]).text(plain[i])
        ),
    }


def chroma(have: Given, folder: Path) -> Iterator[Mapping[str, Search]]:
    """Chroma; it has no ranking by words."""
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(path=str(folder), settings=settings)
    table = client.create_collection(
        "documents", embedding_function=None, metadata={"hnsw:space": "cosine"}
    )
    for i in range(0, len(have.ids), 1000):
        part = slice(i, i + 1000)
        table.add(
            ids=list(have.ids[part]),
            documents=[t or " " for t in have.texts[part]],
            embeddings=have.vectors[part],
        )
    yield {
        "dense": lambda i: table.query(query_embeddings=have.asked[i : i + 1], n_results=K)["ids"][
            0
        ]
    }


def txtai(have: Given, folder: Path) -> Iterator[Mapping[str, Search]]:
    """Txtai with content and its own words beside the vectors."""
    from txtai import Embeddings

    known = dict(zip([*have.texts, *have.questions], [*have.vectors, *have.asked], strict=True))
    store = Embeddings(
        method="external",
        transform=lambda texts: np.array([known[t] for t in texts]),
        content=True,
        hybrid=True,
    )
    store.index([(i, t, None) for i, t in zip(have.ids, have.texts, strict=True)])
    store.config.pop("transform", None)
    store.save(str(folder))

    def find(weight: float) -> Search:
        return lambda i: [row["id"] for row in store.search(have.questions[i], K, weights=weight)]

    yield {"dense": find(1.0), "bm25": find(0.0), "hybrid": find(0.5)}


STORES: Mapping[str, Callable[[Given, Path], Iterator[Mapping[str, Search]]]] = {
    "attar": attar,
    "faiss flat + SQLite + bm25s": assembled,
    "LanceDB": lancedb,
    "txtai": txtai,
    "Chroma": chroma,
}


def measure(store: str, name: str) -> dict[str, Any]:
    have, collection = given(name)
    raw = sum(len(d.title.encode()) + len(d.text.encode()) for d in have.documents)
    figures: dict[str, Any] = {"documents": len(have.ids), "text_bytes": raw}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for searches in STORES[store](have, folder):
            sizes = [p.stat().st_size for p in folder.rglob("*") if p.is_file()]
            figures |= {"bytes": sum(sizes), "files": len(sizes), "ratio": sum(sizes) / raw}
            figures |= {mode: ranked(f, have, collection) for mode, f in searches.items()}
    return figures


def ranked(search: Search, have: Given, collection: Collection) -> dict[str, float]:
    """Quality, and the median over queries of the better of two times."""
    search(0)
    gains, times = [], []
    for i, query in enumerate(collection.queries):
        taken = []
        for _ in range(2):
            before = time.perf_counter()
            found = search(i)
            taken.append(time.perf_counter() - before)
        times.append(min(taken))
        gains.append(ndcg(found, collection.judgements[query], K))
    return {"ndcg@10": statistics.mean(gains), "query_ms": statistics.median(times) * 1e3}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sets", nargs="*", default=SETS)
    arguments.add_argument("--only", type=lambda names: names.split(","), default=[*STORES])
    arguments.add_argument("--child", metavar="STORE", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.child:
        print(json.dumps(measure(chosen.child, chosen.sets[0])))
        return
    for name in chosen.sets or SETS:
        results: dict[str, Any] = {"collection": name, "environment": environment(*PACKAGES)}
        for store in chosen.only:
            command = [sys.executable, "-m", "benchmarks.stores", name, "--child", store]
            done = subprocess.run(
                command,
                env={**os.environ, **ONE_THREAD},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                results[store] = {"error": done.stderr.strip().splitlines()[-1][:300]}
            else:
                results[store] = json.loads(done.stdout.splitlines()[-1])
            print(name, store, results[store], flush=True)
        save(f"stores-{name}", results)


if __name__ == "__main__":
    main()
