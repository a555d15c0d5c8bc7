"""A million vectors of 384 dimensions: built from a stream, opened, changed and searched.

    python -m benchmarks.vectors_million [--rows 1000000]

The vectors are drawn around 2,000 centres, with a spectrum that falls as that of sentence
embeddings does, and made again from their seed wherever they are needed, so that no copy of them
lies in memory. Peak memory is what Python and numpy asked for beyond what was there before
(tracemalloc), in the build from the fitted codec on, and in the save. Times are processor seconds
of one thread, but for opening, which is the wall clock's. Writes results/vectors-million.json.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from attar.vectors import Vectors
from benchmarks.common import environment, save

DIM = 384
PIECE = 4096
QUERIES = 50
K = 10
RECIPE = "PCA(dim=256, bits=8) >> Waterfill(bits=2)"


def piece(number: int, rows: int) -> Any:
    spectrum = np.arange(1, DIM + 1, dtype=np.float32) ** np.float32(-0.5)
    centres = np.random.default_rng(0).standard_normal((2000, DIM), np.float32) * spectrum
    draw = np.random.default_rng(number + 1)
    x = centres[draw.integers(0, len(centres), rows)]
    x += draw.standard_normal((rows, DIM), np.float32) * spectrum
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


def stream(rows: int) -> Iterator[Any]:
    for number, start in enumerate(range(0, rows, PIECE)):
        yield piece(number, min(PIECE, rows - start))


def peak_of(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What `work` gives, the peak of memory it asked for in MB, and its processor seconds."""
    tracemalloc.start()
    start = time.process_time()
    made = work()
    seconds = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return made, peak / 1e6, seconds


def seconds_of(work: Callable[[], Any], times: int = 1) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def memory_speed(size: int = 1 << 28) -> float:
    """GB/s at which one thread adds up a large array."""
    block = np.ones(size // 8, np.uint64)
    return size / min(seconds_of(block.max) for _ in range(5)) / 1e9


def run(rows: int) -> dict[str, Any]:
    queries = piece(1 << 20, QUERIES)
    warm = Vectors.build(stream(3 * PIECE), RECIPE, metric="cosine")
    warm.search(queries[:2])
    fitted = warm.fitted  # the codec learned from the first rows; a build of all takes it over
    made, build_peak, build_seconds = peak_of(
        lambda: Vectors.build(stream(rows), fitted, metric="cosine")
    )
    figures: dict[str, Any] = {
        "environment": environment(),
        "recipe": RECIPE,
        "rows": rows,
        "index_MB": round(made.nbytes / 1e6, 2),
        "build_seconds": round(build_seconds, 1),
        "build_peak_over_index": round(build_peak / (made.nbytes / 1e6), 3),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "v")
        _, save_peak, save_seconds = peak_of(lambda: made.save(path))
        figures |= {
            "file_MB": round(path.stat().st_size / 1e6, 2),
            "save_peak_MB_beside_index": round(save_peak, 2),
            "save_seconds": round(save_seconds, 2),
        }
        start = time.perf_counter()
        v = Vectors.load(path)
        figures["open_ms"] = round((time.perf_counter() - start) * 1e3, 2)
    figures["first_search_seconds"] = round(seconds_of(lambda: v.search(queries[:1], K)), 3)
    v.search(queries[:2], K)
    single = seconds_of(lambda: [v.search(q, K) for q in queries]) / QUERIES
    _, search_peak, _ = peak_of(lambda: v.search(queries[:1], K))
    bandwidth = memory_speed()
    read = rows * (made.fitted.coder.column_specs(DIM)["1.codes"].shape[0] + 4) / single / 1e9
    figures |= {
        "search_ms": round(single * 1e3, 3),
        "batch_ms_a_query": round(seconds_of(lambda: v.search(queries, K)) / QUERIES * 1e3, 3),
        "search_peak_MB": round(search_peak, 3),
        "scan_GB_per_second": round(read, 2),
        "memory_GB_per_second": round(bandwidth, 2),
        "share_of_bandwidth": round(read / bandwidth, 3),
    }
    added = v.add(queries[:1])
    figures["add_seen"] = bool(v.search(queries[:1], 1).ids[0, 0] == added[0])
    figures["add_ms"] = round(seconds_of(lambda: v.add(queries[1:2])) * 1e3, 2)
    start = time.perf_counter()
    v.delete(added)
    figures["delete_ms"] = round((time.perf_counter() - start) * 1e3, 2)
    figures["delete_seen"] = bool(v.search(queries[:1], 1).ids[0, 0] != added[0])
    start = time.process_time()
    v.partition()
    figures["partition_seconds"] = round(time.process_time() - start, 1)
    for wanted in (0.9, 0.95, 0.99):
        reached = v.tune(queries, wanted, K)
        took = seconds_of(lambda: [v.search(q, K) for q in queries]) / QUERIES
        figures[f"lists for recall {wanted}"] = {
            "probes": v.probes,
            "recall": round(reached, 4),
            "search_ms": round(took * 1e3, 3),
        }
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    result = run(given.rows)
    print(result)
    if given.rows == 1_000_000:
        save("vectors-million", result)
