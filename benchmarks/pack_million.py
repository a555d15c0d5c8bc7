"""A pack of a million real passages: opened, searched, and the memory it takes.

    python -m benchmarks.pack_million [--units 1000000] [--pack FOLDER]

Passages are 13 words of manual pages, over and over in other orders of words where there are not
enough. Their vectors stand in for embeddings (`benchmarks.standin`), so that embedding takes no
hours: scoring takes as long whatever they are. Questions are 3 to 8 words drawn from a passage.
Everything runs in a fresh process, on one thread. Resident memory is told as what opening and
searching adds to a process that has imported Attar, and as all of that process. Writes
results/pack-million.json, unless a pack is given.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.pack import Document, Pack
from benchmarks.build import apart
from benchmarks.common import environment, save
from benchmarks.manual import passages_and_queries
from benchmarks.standin import HashEmbedder, Words

WORDS = 13
MODES = ("dense", "bm25", "hybrid")


def passages(limit: int) -> tuple[list[str], list[str]]:
    """As many passages as are asked for, and questions to them."""
    found, queries = passages_and_queries(limit, WORDS)
    turned = (
        " ".join(words[by:] + words[:by])
        for by in range(1, WORDS)
        for words in map(str.split, list(found))
    )
    return found + list(islice(turned, limit - len(found))), queries


def build(folder: str, units: int) -> dict[str, Any]:
    """The pack, in one process."""

    def documents() -> Iterator[Document]:
        for i, text in enumerate(passages(units)[0]):
            yield Document(f"p{i}", f"p{i}", text)

    before = time.perf_counter()
    with Pack.create(folder, embedder=HashEmbedder(Words())) as pack:
        pack.add(documents())
        info = pack.info()
    return {
        "units": info.units,
        "segments": info.segments,
        "text_bytes": info.text_bytes,
        "pack_bytes": info.pack_bytes,
        "bytes": dict(info.parts),
        "seconds": time.perf_counter() - before,
    }


def embed(queries: list[str]) -> dict[str, Any]:
    """The questions' vectors."""
    return {"vectors": HashEmbedder(Words()).embed(queries)}


def search(folder: str, queries: list[str], vectors: NDArray[np.float32]) -> dict[str, Any]:
    """Medians over the questions, after one that reads and checks every file."""
    idle = _resident()
    before = time.perf_counter()
    pack = Pack.open(folder)
    opened = time.perf_counter() - before
    before = time.perf_counter()
    pack.search(queries[0], 10, "hybrid", vectors[0])
    figures: dict[str, Any] = {
        "open_ms": opened * 1e3,
        "first_search_ms": (time.perf_counter() - before) * 1e3,
    }
    for mode in MODES:
        for group in (False, True):
            times = []
            for query, vector in zip(queries, vectors, strict=True):
                before = time.perf_counter()
                pack.search(query, 10, mode, vector, group=group)  # type: ignore[arg-type]
                times.append(time.perf_counter() - before)
            name = f"{mode}_by_document_ms" if group else f"{mode}_ms"
            figures[name] = statistics.median(times) * 1e3
    info = pack.info()
    resident = _resident()
    index = info.parts["vectors"] + info.parts["postings"]
    return figures | {
        "process_mb": resident / 1e6,
        "resident_before_mb": idle / 1e6,
        "resident_mb": (resident - idle) / 1e6,
        "allowed_mb": 1.2 * index / 1e6 + 150,
    }


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--units", type=int, default=1_000_000)
    arguments.add_argument("--pack", type=Path, help="a pack built before; made if not there")
    given = arguments.parse_args()
    queries = passages_and_queries(given.units, WORDS)[1]
    figures: dict[str, Any] = {"environment": environment()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.pack or Path(scratch, "pack")
        if not folder.exists():
            figures["build"] = apart(build, str(folder), given.units)
        vectors = apart(embed, queries)["vectors"]
        figures["search"] = apart(search, str(folder), queries, vectors)
    print(*(f"{k}: {v}" for k, v in figures["search"].items()), sep="\n")
    if given.pack is None:
        save("pack-million", figures)


if __name__ == "__main__":
    main()
