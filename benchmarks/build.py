"""Building, opening and reading packs of the machine's manual pages; hybrid search among many.

    python -m benchmarks.build [--megabytes 300] [--passages 1000000]

Vectors come from words hashed to random directions, so that embedding takes next to no time:
what is measured is everything else, cut with the real embedder's tokenizer. Needs no data but
/usr/share/man. Writes results/build.json.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from attar import models
from attar.models import Tokenizer
from attar.pack import Document, Pack
from attar.progress import Progress, silent
from benchmarks.common import environment, save
from benchmarks.manual import passages_and_queries

DIM = 384
DIRECTIONS = 1 << 16
FILES = 10_000
READS = 200


class HashEmbedder:
    """A stand-in: each word has one of 65,536 random directions, a text their mean.

    Args:
        tokenizer: what texts are cut with.
    """

    name = "hash"
    digest = "hash"
    dim = DIM
    max_tokens = 256

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        # Spread unevenly over dimensions, as those of real embedders are.
        rng = np.random.default_rng(0)
        spread = np.exp(-np.arange(DIM) / 128, dtype=np.float32)
        self._directions = rng.standard_normal((DIRECTIONS, DIM), np.float32) * spread
        self._known: dict[str, int] = {}

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> np.ndarray:
        rows = np.empty((len(texts), DIM), np.float32)
        for i, text in enumerate(texts):
            words = [self._known.setdefault(w, len(self._known)) for w in text.split()]
            rows[i] = self._directions[np.array(words or [0]) % DIRECTIONS].sum(axis=0)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        progress("embed", len(texts), len(texts))
        return rows


class Words:
    """Words as tokens, for passages that are short enough not to be cut."""

    name = "words"

    def count(self, text: str) -> int:
        return len(text.split())

    def offsets(self, text: str) -> np.ndarray:
        return np.array([m.span() for m in re.finditer(r"\S+", text)], np.int64).reshape(-1, 2)


def apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run a measurement in a fresh process; adds the most memory that it held."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_memory, (work, *arguments))


def _with_memory(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    figures = work(*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {**figures, "peak_bytes": peak}


def pages(megabytes: int) -> Iterator[Document]:
    """Documents of some 8 kB; the pages are gone through again, told apart, until it is enough."""
    texts, _ = passages_and_queries(1 << 60, 1200)
    left, again = megabytes * 1_000_000, 0
    while left > 0:
        for i, text in enumerate(texts):
            body = text if not again else f"Copy {again}. {text}"
            yield Document(f"{again}-{i}", f"{i}.txt", body)
            left -= len(body.encode())
            if left <= 0:
                return
        again += 1


def build(folder: str, megabytes: int) -> dict[str, Any]:
    """A pack of so much text."""
    embedder = HashEmbedder(models.tokenizer())
    before = time.perf_counter()
    pack = Pack.create(folder, embedder=embedder)
    report = pack.add(pages(megabytes))
    seconds = time.perf_counter() - before
    info = pack.info()
    return {
        "documents": info.documents,
        "units": info.units,
        "segments": info.segments,
        "text_bytes": info.text_bytes,
        "pack_bytes": info.pack_bytes,
        "ratio": info.pack_bytes / info.text_bytes,
        "bytes": dict(info.parts),
        "seconds": {**report.seconds, "total": seconds},
        "mb_per_second": info.text_bytes / 1e6 / (seconds - report.seconds["embed"]),
    }


def use(folder: str) -> dict[str, Any]:
    """Opening a pack, and reading single units that nobody has read before."""
    before = time.perf_counter()
    pack = Pack.open(folder)
    opened = time.perf_counter() - before
    snapshot = pack._snapshot
    chance = np.random.default_rng(0)
    times = []
    for unit in chance.integers(0, int(snapshot.base[-1]), READS).tolist():
        segment, i = snapshot.locate(unit)
        table = segment.units
        number, start, end = int(table.document[i]), int(table.start[i]), int(table.end[i])
        before = time.perf_counter()
        segment.text.slice(2 * number + 1, start, end)
        times.append(time.perf_counter() - before)
    return {
        "open_ms": opened * 1e3,
        "unit_ms_median": statistics.median(times) * 1e3,
        "unit_ms_most": max(times) * 1e3,
    }


def many(folder: str, passages: int) -> dict[str, Any]:
    """A pack of single passages."""
    texts, _ = passages_and_queries(passages, _words(passages))
    embedder = HashEmbedder(Words())
    documents = (Document(f"p{i}", f"p{i}", text) for i, text in enumerate(texts))
    before = time.perf_counter()
    pack = Pack.create(folder, embedder=embedder)
    pack.add(documents)
    info = pack.info()
    return {
        "documents": info.documents,
        "units": info.units,
        "segments": info.segments,
        "text_bytes": info.text_bytes,
        "pack_bytes": info.pack_bytes,
        "bytes": dict(info.parts),
        "build_seconds": time.perf_counter() - before,
    }


def search(folder: str, passages: int) -> dict[str, Any]:
    """Median milliseconds for the ten best of a pack, and the memory that it takes."""
    _, questions = passages_and_queries(passages, _words(passages))
    embedder = HashEmbedder(Words())
    vectors = embedder.embed(questions)
    before = time.perf_counter()
    pack = Pack.open(folder, embedder)
    opened = time.perf_counter() - before
    before, resident = time.perf_counter(), _resident()
    pack.search(questions[0], 10, "hybrid", vectors[0])
    figures: dict[str, Any] = {
        "open_ms": opened * 1e3,
        "first_query_ms": (time.perf_counter() - before) * 1e3,
    }
    for mode in ("dense", "bm25", "hybrid"):
        times = []
        for question, vector in list(zip(questions, vectors, strict=True))[:100]:
            before = time.perf_counter()
            pack.search(question, 10, mode, vector)
            times.append(time.perf_counter() - before)
        figures[f"{mode}_ms"] = statistics.median(times) * 1e3
    parts = pack.info().parts
    return {
        **figures,
        "resident_bytes_before": resident,
        "resident_bytes": _resident(),
        "vectors_and_postings_bytes": parts["vectors"] + parts["postings"],
    }


def again(folder: str, files: str) -> dict[str, Any]:
    """A folder of files packed, and packed again unchanged."""
    place = Path(files)
    for i, document in enumerate(pages(1 << 20)):
        if i == FILES:
            break
        (place / f"{i}.txt").write_text(document.text[:2000], encoding="utf-8")
    embedder = HashEmbedder(models.tokenizer())
    seconds = []
    Pack.create(folder, embedder=embedder)
    for _ in range(3):
        before = time.perf_counter()
        synced = Pack.open(folder, embedder).sync(place)
        seconds.append(time.perf_counter() - before)
    return {"files": synced.files, "first_seconds": seconds[0], "again_seconds": seconds[2]}


def _words(passages: int) -> int:
    """Words a passage: the pages hold some 14 million."""
    return max(5, 13_000_000 // passages)


def _resident() -> int:
    pages_held = int(Path("/proc/self/statm").read_text().split()[1])
    return pages_held * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=300)
    arguments.add_argument("--passages", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    results: dict[str, Any] = {
        "embedder": "a stand-in that hashes words; embedding is left out of the rates",
        "environment": environment(),
    }

    def note(name: str, figures: dict[str, Any]) -> None:
        results[name] = figures
        print(name, figures, flush=True)
        save("build", results)

    with tempfile.TemporaryDirectory() as place:
        if chosen.megabytes:
            folder = str(Path(place, "pages.attar"))
            note("pages", apart(build, folder, chosen.megabytes))
            note("use", apart(use, folder))
            files = Path(place, "files")
            files.mkdir()
            note("again", apart(again, str(Path(place, "files.attar")), str(files)))
        if chosen.passages:
            folder = str(Path(place, "many.attar"))
            note("passages", apart(many, folder, chosen.passages))
            note("search", apart(search, folder, chosen.passages))


if __name__ == "__main__":
    main()
