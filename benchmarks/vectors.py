"""Vector codes beside faiss, turbovec and usearch: the same vectors, bytes from files, one thread.

    ATTAR_DATA=... python -m benchmarks.vectors minilm glove [--only trellis,waterfill,faiss]

For every index: bytes a vector of its own file (codebooks, rotations, ids and graphs included),
recall@10 (the exact inner-product top 10 found in its own top 10, no originals kept), queries a
second one by one and in one batch, and encoding speed. `ideal` is the Gaussian rate-distortion
bound, simulated on the spectrum of the data: what no code of Gaussian vectors can pass.
Needs `pip install faiss-cpu turbovec usearch`. Writes results/vectors-SET.json; with --only, other
entries of that file stay. Batches are timed in processor seconds, single queries by their median,
so that other work counts little; `pairs` sets the fastest peers beside Attar in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import faiss
import numpy as np
import turbovec
from usearch.index import Index

from attar.codec.trellisfill import share
from attar.vectors import Vectors
from benchmarks import vector_data
from benchmarks.common import RESULTS, environment, save

K = 10
SINGLE = 500
ROUNDS = 3
SLACK = 0.005
"""Recalls that are as near as this are taken as equal: five queries of a thousand."""
TRAINING = 12_000
BUDGETS = {"minilm": (32, 48, 64, 96, 128, 192), "glove": (13, 19, 25, 33)}
BARS = {
    "minilm": dict(zip(BUDGETS["minilm"], (0.68, 0.77, 0.83, 0.895, 0.93, 0.96), strict=True)),
    "glove": dict(zip(BUDGETS["glove"], (0.69, 0.835, 0.905, 0.945), strict=True)),
}


LOOKS = (2, 3, 5, 10, 20)
COARSE = {
    "minilm": {
        32: (16, 188), 48: (20, 228), 64: (32, 264), 96: (40, 324), 128: (48, 376), 192: (64, 384)
    },
    "glove": {13: (6, 50), 19: (9, 50), 25: (12, 50), 33: (16, 50)},
}  # fmt: skip
"""For each budget, the bytes of the coarse term and the axes kept."""


@dataclass(frozen=True)
class Peer:
    """An index: how it is built, written and searched."""

    name: str
    build: Callable[[Any], Any]
    write: Callable[[Any, str], None]
    search: Callable[[Any, Any, int], Any]
    looks: tuple[int, ...] = ()
    """Of a progressive index: how many rows it looks at in full for each that is asked for."""


def exact(base: Any, queries: Any) -> Any:
    return np.argpartition(-(queries @ base.T), K - 1, axis=1)[:, :K]


def recall(found: Any, truth: Any) -> float:
    return float(
        np.mean(
            [len(set(a) & set(b)) / K for a, b in zip(found.tolist(), truth.tolist(), strict=True)]
        )
    )


def measure(peer: Peer, base: Any, queries: Any, truth: Any) -> dict[str, dict[str, float]]:
    """Build, write, search, all counted; by the index's name and how it is searched."""
    peer.search(peer.build(base[:2000]), queries[:2], K)  # compile, load, warm
    start = time.process_time()
    index = peer.build(base)
    built = time.process_time() - start
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "index"))
        peer.write(index, path)
        size = sum(f.stat().st_size for f in [Path(path), *Path(path).rglob("*")] if f.is_file())
    figures = {}
    for looks in peer.looks or (0,):
        if looks:
            index.rerank = looks
        peer.search(index, queries[:2], K)
        found = np.asarray(peer.search(index, queries, K))
        figures[f"{peer.name}, rerank {looks}" if looks else peer.name] = {
            "bytes_per_vector": round(size / len(base), 3),
            "recall@10": round(recall(found, truth), 4),
            "queries_per_second": round(1 / one_by_one(peer, index, queries), 1),
            "queries_per_second_batch": round(1 / at_once(peer, index, queries), 1),
            "build_MB_per_second": round(base.nbytes / 1e6 / built, 2),
        }
    return figures


def one_by_one(peer: Peer, index: Any, queries: Any) -> float:
    """Seconds a query, each asked alone: the median."""
    times = []
    for i in range(min(SINGLE, len(queries))):
        start = time.perf_counter()
        peer.search(index, queries[i : i + 1], K)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def at_once(peer: Peer, index: Any, queries: Any) -> float:
    """Processor seconds a query, all asked together: the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        peer.search(index, queries, K)
        times.append(time.process_time() - start)
    return statistics.median(times) / len(queries)


def attar_peers(name: str, n: int, dim: int) -> list[Peer]:
    """For each budget the codes of most whole bytes a row that keep the file within it."""
    peers = []
    for budget in BUDGETS[name]:
        for kind, kept in (("TrellisFill", 0.66), ("Waterfill", 0.56)):
            # As many axes as rates above nothing need: more cost bytes and tell nothing.
            axes = min(dim, int(kept * (8 * budget) ** 0.5 * 21) // 4 * 4) if dim > 64 else dim
            table = (axes + 4) * dim + 24 * axes + 4096
            width = budget - -(-table // n) if dim > 64 else budget
            bits = round(8 * width / axes + 5e-4, 3)
            extra = ", states=10" if kind == "TrellisFill" else ""
            recipe = f"PCA(dim={axes}, bits=8) >> {kind}(bits={bits}{extra})"
            peers.append(
                Peer(
                    f"attar {budget} {kind.lower()}: {recipe}",
                    lambda x, r=recipe: Vectors.build(x, r, metric="cosine"),
                    lambda index, path: index.save(path),
                    lambda index, q, k: index.search(q, k).ids,
                )
            )
        peers.append(progressive(name, budget, n, dim))
    return peers


def progressive(name: str, budget: int, n: int, dim: int) -> Peer:
    """A coarse term that is scanned, and one that few rows are scored with."""
    coarse, axes = COARSE[name][budget]
    table = (axes + 4) * dim + 30 * axes + 4096
    width = budget - (-(-table // n) if dim > 64 else 0)
    bits = [round(8 * b / axes + 5e-4, 3) for b in (coarse, width - coarse)]
    recipe = (
        f"PCA(dim={axes}, bits=8) >> (Waterfill(bits={bits[0]}, most=4) +"
        f" TrellisFill(bits={bits[1]}, states=10))"
    )
    return Peer(
        f"attar {budget} progressive: {recipe}",
        lambda x: Vectors.build(x, recipe, metric="cosine"),
        lambda index, path: index.save(path),
        lambda index, q, k: index.search(q, k).ids,
        LOOKS,
    )


def faiss_peers(dim: int) -> list[Peer]:
    def factory(spec: str) -> Callable[[Any], Any]:
        def build(x: Any) -> Any:
            index = faiss.index_factory(dim, spec, faiss.METRIC_INNER_PRODUCT)
            few = "PQ" in spec and "fs" not in spec
            index.train(x[:: -(-len(x) // TRAINING)] if few else x)
            index.add(x)
            return index

        return build

    wide = ["PQ48np", "PQ96x4fs", "PQ192x4fs", f"RR{dim},RaBitQ", f"RR{dim},RaBitQfs"]
    wide += [f"RR{dim},RaBitQ2", f"RR{dim},RaBitQfs2", f"RR{dim},RaBitQ4", f"RR{dim},RaBitQfs4"]
    narrow = ["PQ25x4fs", "PQ10np", f"RR{dim},RaBitQ2", f"RR{dim},RaBitQ4", f"RR{dim},RaBitQfs4"]
    return [
        Peer(
            f"faiss {spec}",
            factory(spec),
            lambda index, path: faiss.write_index(index, path),
            lambda index, q, k: index.search(q, k)[1],
        )
        for spec in ["Flat", "SQ8", "SQ4", *(wide if dim > 64 else narrow)]
    ]


def turbovec_peers(dim: int) -> list[Peer]:
    padded = -(-dim // 8) * 8

    def pad(x: Any) -> Any:
        return np.ascontiguousarray(np.pad(x, ((0, 0), (0, padded - dim))), np.float32)

    def build(x: Any, bits: int) -> Any:
        index = turbovec.TurboQuantIndex(dim=padded, bit_width=bits)
        index.add(pad(x))
        index.prepare()
        return index

    return [
        Peer(
            f"turbovec {bits} bits",
            lambda x, b=bits: build(x, b),
            lambda index, path: index.write(path),
            lambda index, q, k: np.asarray(index.search(pad(q), k)[1]).astype(np.int64),
        )
        for bits in (2, 3, 4)
    ]


def usearch_peers(dim: int) -> list[Peer]:
    def build(x: Any) -> Any:
        index = Index(ndim=dim, metric="ip", dtype="i8")
        index.add(np.arange(len(x)), x, threads=1)
        return index

    def search(index: Any, q: Any, k: int) -> Any:
        return np.asarray(index.search(q, k, threads=1).keys).astype(np.int64).reshape(len(q), -1)

    return [Peer("usearch i8 HNSW", build, lambda index, path: index.save(path), search)]


def ideal(base: Any, queries: Any, truth: Any, budget: int, tilt: float = 0.25) -> float:
    """Recall of the backward test channel: Gaussian noise of the least power for these bits."""
    mean = base.mean(axis=0)
    variance, axes = np.linalg.eigh(np.cov((base - mean).T))
    variance = np.maximum(variance, 1e-12)
    rates = share(variance ** (1 + tilt), 8 * budget)
    left = 4.0**-rates  # share of the variance that stays unknown
    rows = (base - mean) @ axes.astype(np.float32)
    noise = np.random.default_rng(0).standard_normal(rows.shape, np.float32)
    rows = rows * (1 - left) + noise * np.sqrt(variance * left * (1 - left))
    rows = (rows + mean @ axes).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scores = (queries @ axes.astype(np.float32)) @ rows.T
    return recall(np.argpartition(-scores, K - 1, axis=1)[:, :K], truth)


def run(name: str, only: list[str]) -> None:
    faiss.omp_set_num_threads(1)
    vectors = vector_data.SETS[name]()
    base, queries = vectors.base, vectors.queries
    truth = exact(base, queries)
    path = RESULTS / f"vectors-{name}.json"
    before = json.loads(path.read_text("utf-8")) if only and path.exists() else {}
    figures: dict[str, Any] = {
        "environment": environment("faiss-cpu", "turbovec", "usearch"),
        "vectors": len(base),
        "dimensions": base.shape[1],
        "queries": len(queries),
        "bars": {str(k): v for k, v in BARS[name].items()},
        "ideal": before.get("ideal")
        or {str(b): round(ideal(base, queries, truth, b), 4) for b in BUDGETS[name]},
        "indexes": before.get("indexes", {}),
    }
    dim = base.shape[1]
    peers = attar_peers(name, len(base), dim) + faiss_peers(dim) + turbovec_peers(dim)
    for peer in peers + usearch_peers(dim):
        if only and not any(peer.name.startswith(word) or word in peer.name for word in only):
            continue
        try:
            found = measure(peer, base, queries, truth)
        except (RuntimeError, ValueError) as error:  # a peer that lacks a kind of index
            found = {peer.name: {"error": str(error).splitlines()[0][:200]}}
        figures["indexes"] |= found
        print(*(f"{k} {v}" for k, v in found.items()), sep="\n", flush=True)
        save(f"vectors-{name}", figures)
    pairs(name, figures, base, queries, peers)


def pairs(name: str, figures: dict[str, Any], base: Any, queries: Any, peers: list[Peer]) -> None:
    """The fastest peers, each in turns with the fastest index of no more bytes and its recall."""
    indexes = {k: v for k, v in figures["indexes"].items() if "error" not in v}
    figures["pairs"] = {}
    for rival in peers:
        if not any(word in rival.name for word in ("x4fs", "RaBitQfs", "turbovec")):
            continue
        theirs = indexes.get(rival.name)
        ours = {
            k: v
            for k, v in indexes.items()
            if theirs
            and k.startswith("attar")
            and v["bytes_per_vector"] <= theirs["bytes_per_vector"]
            and v["recall@10"] >= theirs["recall@10"] - SLACK
        }
        if not theirs or not ours:
            continue
        best = max(ours, key=lambda k: ours[k]["queries_per_second"])
        own = next(p for p in peers if best.startswith(p.name))
        indices = [own.build(base), rival.build(base)]
        if "rerank" in best:
            indices[0].rerank = int(best.rsplit(" ", 1)[1])
        both = list(zip((own, rival), indices, strict=True))
        for peer, index in both:
            peer.search(index, queries[:2], K)
        singles = [[one_by_one(p, i, queries) for p, i in both] for _ in range(ROUNDS)]
        batches = [[at_once(p, i, queries) for p, i in both] for _ in range(ROUNDS)]
        figures["pairs"][rival.name] = {
            "attar": best,
            "bytes_per_vector": [ours[best]["bytes_per_vector"], theirs["bytes_per_vector"]],
            "recall@10": [ours[best]["recall@10"], theirs["recall@10"]],
            "times_as_fast": round(statistics.median(b / a for a, b in singles), 2),
            "times_as_fast_in_batches": round(statistics.median(b / a for a, b in batches), 2),
        }
        print(rival.name, figures["pairs"][rival.name], flush=True)
        save(f"vectors-{name}", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", choices=[*BUDGETS], default=[*BUDGETS])
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    given = parser.parse_args()
    for chosen in given.sets or BUDGETS:
        run(chosen, given.only)
