"""Building packs of the machine's manual pages, opening them, and bringing one up to date.

    python -m benchmarks.build [--megabytes 300]

Vectors are drawn at random, so that embedding takes next to no time: what is measured is all
the rest, texts cut with the real embedder's tokenizer, from files to a pack on disk. Needs no
data but /usr/share/man. Writes results/build.json.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from attar.pack import Document, Pack, Workers
from benchmarks.common import environment, save
from benchmarks.manual import documents, passages_and_queries
from benchmarks.memory import Watched, resident
from benchmarks.standin import DrawnEmbedder

FILES = 10_000
READS = 200
SEARCHES, WARM = 150, 30
PASSAGES, WORDS = 100_000, 100
ATTAR = Path(sys.executable).with_name("attar")


def apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run a measurement in a fresh process; adds the most memory that it and its children held."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_watched, work, *arguments).result()


def _watched(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    with Watched() as memory:
        figures = work(*arguments)
    return {**figures, "peak_bytes": memory.most}


def write_files(folder: Path, found: Iterable[Document]) -> None:
    """A folder of text files that look as if they had been there for an hour."""
    before = time.time() - 3600
    for i, document in enumerate(found):
        path = folder / f"{i // 1000:03d}" / f"{i:06d}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(document.text, encoding="utf-8", newline="")
        os.utime(path, (before, before))


def build(folder: str, files: str, workers: int) -> dict[str, Any]:
    """A pack of a folder of files."""
    pack = Pack.create(folder, embedder=DrawnEmbedder())
    with Workers(workers) if workers > 1 else nullcontext() as crew:
        before, used = time.perf_counter(), os.times()
        pack.sync(files, crew=crew)
        seconds = time.perf_counter() - before
    now = os.times()
    info = pack.info()
    return {
        "documents": info.documents,
        "units": info.units,
        "segments": info.segments,
        "text_bytes": info.text_bytes,
        "pack_bytes": info.pack_bytes,
        "ratio": info.pack_bytes / info.text_bytes,
        "bytes": dict(info.parts),
        "seconds": seconds,
        "processor_seconds": sum(now[:4]) - sum(used[:4]),
        "mb_per_second": info.text_bytes / 1e6 / seconds,
    }


def use(folder: str, queries: list[str]) -> dict[str, Any]:
    """Opening a pack, reading single units that nobody has read before, and searching."""
    idle = resident(os.getpid())
    before = time.perf_counter()
    pack = Pack.open(folder)
    opened = time.perf_counter() - before
    snapshot = pack.collection
    chance = np.random.default_rng(0)
    times = []
    for unit in chance.integers(0, int(snapshot.base[-1]), READS).tolist():
        segment, i = snapshot.locate(unit)
        table = segment.units
        number, start, end = int(table.document[i]), int(table.start[i]), int(table.end[i])
        before = time.perf_counter()
        segment.text.slice(2 * number + 1, start, end)
        times.append(time.perf_counter() - before)
    searches = search(pack, queries)
    return {
        "open_ms": opened * 1e3,
        "hybrid_ms_median": statistics.median(searches) * 1e3,
        "unit_ms_median": statistics.median(times) * 1e3,
        "unit_ms_most": max(times) * 1e3,
        "added_bytes": resident(os.getpid()) - idle,
    }


def search(pack: Pack, queries: list[str]) -> list[float]:
    """Seconds of hybrid searches, without those of the first that read the files."""
    chance = np.random.default_rng(0)
    times = []
    for query in queries:
        vector = chance.standard_normal(pack.collection.dim).astype(np.float32)
        before = time.perf_counter()
        pack.search(query, 10, "hybrid", vector / np.linalg.norm(vector))
        times.append(time.perf_counter() - before)
    return times[WARM:]


def again(folder: str, files: str) -> dict[str, Any]:
    """A folder of small files packed, and packed again unchanged by the command a user types."""
    place = Path(files)
    small = islice(documents(1000), FILES)
    write_files(place, (Document(d.id, d.id, d.text[:2000]) for d in small))
    before = time.perf_counter()
    Pack.create(folder, embedder=DrawnEmbedder()).sync(place)
    first = time.perf_counter() - before
    seconds = []
    for _ in range(5):
        before = time.perf_counter()
        command = [str(ATTAR), "pack", files, "-o", folder, "--json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds.append(time.perf_counter() - before)
    if '"read": 0' not in done.stdout:
        sys.exit("an unchanged folder was read again")
    return {"files": FILES, "first_seconds": first, "again_seconds": statistics.median(seconds)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=300)
    chosen = arguments.parse_args()
    # One thread a process, in those that are started from here: two workers are two cores.
    os.environ.update(OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1")
    results: dict[str, Any] = {
        "embedder": "a stand-in that draws vectors at random: embedding takes next to no time",
        "environment": environment(),
    }

    def note(name: str, figures: dict[str, Any]) -> None:
        results[name] = figures
        print(name, figures, flush=True)
        save("build", results)

    with tempfile.TemporaryDirectory() as place:
        files, small = Path(place, "files"), Path(place, "small")
        files.mkdir()
        small.mkdir()
        write_files(files, documents(chosen.megabytes))
        for workers in (1, 2):
            folder = str(Path(place, f"{workers}.attar"))
            note(f"workers_{workers}", apart(build, folder, str(files), workers))
        queries = passages_and_queries(PASSAGES, WORDS)[1][:SEARCHES]
        note("use", apart(use, folder, queries))
        note("again", apart(again, str(Path(place, "small.attar")), str(small)))


if __name__ == "__main__":
    main()
