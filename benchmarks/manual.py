"""Passages of the machine's manual pages, which any Debian-like system has: a large real set."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

QUERIES = 500


def passages_and_queries(limit: int, words: int) -> tuple[list[str], list[str]]:
    """Passages of so many words, and queries: 3 to 8 words drawn from one passage each."""
    passages = list(islice(_passages(words), limit))
    rng = np.random.default_rng(0)
    queries = []
    for i in rng.integers(0, len(passages), QUERIES):
        own = passages[i].split()
        queries.append(" ".join(rng.choice(own, int(rng.integers(3, 9)))))
    return passages, queries


def _passages(size: int) -> Iterator[str]:
    for path in sorted(Path("/usr/share/man").rglob("*.gz")):
        if path.is_symlink():
            continue
        lines = gzip.decompress(path.read_bytes()).decode("utf-8", "replace").splitlines()
        kept = " ".join(line for line in lines if not line.startswith((".\\", "'", ".so")))
        words = re.sub(r"\\f.|\\[&%-]|\\\(..|\.[A-Z]{2}\b", " ", kept).split()
        for i in range(0, len(words), size):
            yield " ".join(words[i : i + size])
