"""Both tiers of text: bytes, writing, and reading one text (processor time of one core).

    ATTAR_DATA=... python -m benchmarks.text_tiers

Reads `ir/<name>/corpus.jsonl` (`title`, `text`), the standard library's docstrings, every third
manual page of sections 1 to 8 below ATTAR_MAN (default /usr/share/man), up to 6 MB, and a folder
full of copies: licences and documents that came with installed Python packages, up to 6 MB.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import statistics
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from attar.cli.stdlib_docs import write_documents
from attar.exact import TextReader, write_text
from benchmarks.common import data, environment, save

SETS = ("cranfield", "cisi", "npl", "cacm")
READ = 80
CHARACTERS = 6_000_000


def corpus(name: str) -> list[str]:
    texts = []
    with data("ir", name, "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            texts += [row.get("title") or "", row["text"]]
    return texts


def docstrings() -> list[str]:
    texts = []
    with tempfile.TemporaryDirectory() as folder:
        write_documents(Path(folder))
        for path in sorted(Path(folder).glob("*.rst")):
            texts += ["", path.read_text(encoding="utf-8")]
    return texts


def manual_pages() -> list[str]:
    root = Path(os.environ.get("ATTAR_MAN", "/usr/share/man"))
    texts: list[str] = []
    characters = 0
    for path in sorted(root.glob("man[1-8]/*.gz"))[::3]:
        if path.is_symlink() or characters > CHARACTERS:
            continue
        text = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        texts += [path.name.removesuffix(".gz"), text]
        characters += len(text)
    return texts


def installed() -> list[str]:
    root = Path(sysconfig.get_paths()["purelib"])
    texts: list[str] = []
    characters = 0
    for path in sorted(root.rglob("*")):
        wanted = path.suffix in {".md", ".rst", ".txt"} or "LICENSE" in path.name.upper()
        if not (wanted or path.name == "METADATA") or characters > CHARACTERS:
            continue
        with suppress(OSError, UnicodeDecodeError):  # a folder, or not text
            text = path.read_text(encoding="utf-8")
            texts += [path.name, text]
            characters += len(text)
    return texts


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def measured(texts: list[str], tier: str, path: Path) -> dict[str, float]:
    seconds, written = timed(lambda: write_text(path, texts, fields=2, tier=tier))
    where = [i for i, text in enumerate(texts) if text]
    chosen = random.Random(1).sample(where, min(READ, len(where)))  # noqa: S311 (a fixed choice)
    with TextReader(path) as reader:
        first, _ = timed(lambda: reader[0] + reader[where[0]] + reader[chosen[0]])
        times = []
        for i in chosen:
            reader.close_blocks()
            took, text = timed(lambda i=i: reader[i])
            if text != texts[i]:
                sys.exit(f"text {i} came back wrong")
            times.append(took)
    return {
        "raw_bytes": written.raw_bytes,
        "kept": round(written.kept_bytes / written.raw_bytes, 4),
        "ratio": round(written.file_bytes / written.raw_bytes, 4),
        "write_mb_per_s": round(written.raw_bytes / seconds / 1e6, 2),
        "first_read_ms": round(1e3 * first, 1),
        "read_ms_median": round(1e3 * statistics.median(times), 3),
        "read_ms_most": round(1e3 * max(times), 3),
    }


def main() -> None:
    sets: dict[str, list[str]] = {name: corpus(name) for name in SETS}
    sets |= {"docstrings": docstrings(), "manual pages": manual_pages()}
    sets["installed"] = installed()
    figures: dict[str, Any] = {"environment": environment("zstandard")}
    with tempfile.TemporaryDirectory() as folder:
        # Compiled before anything is timed.
        measured(["", "a first text " * 99], "archive", Path(folder) / "warm")
        for name, texts in sets.items():
            for tier in ("standard", "archive"):
                row = measured(texts, tier, Path(folder) / f"{name}-{tier}")
                figures.setdefault(name, {})[tier] = row
                print(name, tier, row, flush=True)
    save("text-tiers", figures)


if __name__ == "__main__":
    main()
