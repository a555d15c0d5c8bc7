"""The inverted index beside bm25s: the same tokens, the same variant, one thread.

    ATTAR_DATA=... python -m benchmarks.postings [--passages 1000000]

ATTAR_DATA holds collections in BEIR's layout under ir/, one folder each. The
large set is the machine's manual pages, cut into passages of 20 words. Needs `pip install
bm25s`. Writes results/postings.json.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import bm25s
import numpy as np

from attar.postings import (
    BM25,
    Analyzer,
    PostingsReader,
    Statistics,
    write_postings,
)
from benchmarks.common import data
from benchmarks.manual import passages_and_queries

SETS = ("cranfield", "cisi", "cacm", "npl")
VARIANTS = ("robertson", "lucene", "atire", "bm25l", "bm25+")
K = 10
WORDS = 20


def collection(folder: Path) -> tuple[list[str], list[str]]:
    with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
        documents = [f"{d.get('title') or ''} {d['text']}" for d in map(json.loads, file)]
    with (folder / "queries.jsonl").open(encoding="utf-8") as file:
        return documents, [json.loads(line)["text"] for line in file]


def speed(answer: Callable[[Any], object], queries: list[Any]) -> dict[str, float]:
    """Queries a second and the median milliseconds of one, from the best of three runs each."""
    best = np.full(len(queries), np.inf)
    for _ in range(3):
        for i, query in enumerate(queries):
            start = time.perf_counter()
            answer(query)
            best[i] = min(best[i], time.perf_counter() - start)
    return {"queries_per_second": float(1 / best.mean()), "median_ms": float(np.median(best) * 1e3)}


def compare(texts: list[str], questions: list[str], folder: Path) -> dict[str, object]:
    raw = sum(len(t.encode()) for t in texts)
    analyzer = Analyzer()
    path = folder / "postings"
    start = time.perf_counter()
    write_postings(path, texts, analyzer)
    build = time.perf_counter() - start

    term = analyzer.term_function()
    known: dict[str, str] = {}
    for text in texts:
        for word in analyzer.words(text):
            if word not in known:
                known[word] = term(word)
    tokens = [[t for t in map(known.__getitem__, analyzer.words(x)) if t] for x in texts]
    start = time.perf_counter()
    peer = bm25s.BM25(method="lucene", k1=1.5, b=0.75, backend="numba")
    peer.index(tokens, show_progress=False)
    peer_build = time.perf_counter() - start
    peer.save(folder / "bm25s")
    peer_bytes = sum(f.stat().st_size for f in (folder / "bm25s").iterdir())
    vocabulary = peer.vocab_dict
    # bm25s is asked for terms that it knows, in the quickest form that it takes.
    queries = [[t for t in analyzer.tokens(q) if t in vocabulary] for q in questions]
    queries = [q for q in queries if q]

    reader = PostingsReader(path)

    def ours(query: list[str]) -> Any:
        return reader.search(query, Statistics.gather([reader], query), K)

    def theirs(query: list[str]) -> Any:
        return peer.retrieve([query], k=K, show_progress=False, n_threads=0)

    sizes = reader.sizes()
    dictionary = sum(sizes[part] for part in ("terms", "index", "codes"))
    return {
        "documents": len(texts),
        "text_bytes": raw,
        "postings": reader.postings,
        "terms": reader.terms,
        "bytes": reader.nbytes,
        "bytes_by_part": sizes,
        "bits_per_posting": reader.nbytes * 8 / reader.postings,
        "share_of_text": reader.nbytes / raw,
        "dictionary_share_of_text": dictionary / raw,
        "bm25s_bytes": peer_bytes,
        "times_smaller": peer_bytes / reader.nbytes,
        "build_mb_per_second": raw / build / 1e6,
        "bm25s_build_seconds_from_tokens": peer_build,
        "k": K,
        "speed": speed(ours, queries),
        "bm25s_speed": speed(theirs, queries),
        "largest_difference": differences(tokens, queries, reader) if len(texts) < 20000 else None,
    }


def differences(
    tokens: list[list[str]], queries: list[list[str]], reader: PostingsReader
) -> dict[str, float]:
    """Largest difference of a score from bm25s, by variant."""
    out = {}
    for variant in VARIANTS:
        peer = bm25s.BM25(method=variant, k1=1.5, b=0.75, delta=0.5)
        peer.index(tokens, show_progress=False)
        worst = 0.0
        for query in queries[:50]:
            mine = reader.scores(query, Statistics.gather([reader], query), BM25(variant))
            worst = max(worst, float(np.abs(mine - peer.get_scores(query)).max()))
        out[variant] = worst
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/postings.json")
    arguments = parser.parse_args()
    sets = {name: collection(data("ir", name)) for name in SETS}
    if arguments.passages:
        sets["manual pages"] = passages_and_queries(arguments.passages, WORDS)
    results: dict[str, object] = {"bm25s": bm25s.__version__, "cores": os.cpu_count()}
    for name, (texts, questions) in sets.items():
        with tempfile.TemporaryDirectory() as folder:
            results[name] = compare(texts, questions, Path(folder))
        print(name, json.dumps(results[name], indent=1))
    arguments.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
