"""A small, real embedder for tests: words hashed to directions, summed."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attar.pack import Document
from attar.progress import Progress, silent

SUBJECTS = (
    "wing", "lift", "drag", "flow", "heat", "shock", "plate", "boundary", "layer", "pressure",
    "jet", "cone", "wave", "gas",
)  # fmt: skip


class WordTokenizer:
    """Tokens are runs of letters or digits, and every other character that is not white."""

    name = "words"

    def count(self, text: str) -> int:
        return len(self.offsets(text))

    def offsets(self, text: str) -> NDArray[np.int64]:
        found = [m.span() for m in re.finditer(r"\w+|[^\w\s]", text)]
        return np.array(found, dtype=np.int64).reshape(-1, 2)


class HashEmbedder:
    """Each word has a fixed random direction; a text is the unit sum of its words."""

    name = "hash"
    max_tokens = 40
    tokenizer = WordTokenizer()

    def __init__(self, dim: int = 32, digest: str = "h1") -> None:
        self.dim = dim
        self.digest = digest

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for i, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
                rows[i] += np.random.default_rng(seed).standard_normal(self.dim)
            progress("embed", i + 1, len(texts))
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(norms > 0, norms, 1)).astype(np.float32)


def some_documents(count: int, seed: int = 0, prefix: str = "d") -> list[Document]:
    """Documents of random sentences, some long enough for several units."""
    chance = random.Random(seed)
    found = []
    for i in range(count):
        sentences = [
            " ".join(chance.choices(SUBJECTS, k=chance.randint(4, 12))).capitalize() + "."
            for _ in range(chance.choice([1, 2, 3, 12]))
        ]
        title = " ".join(chance.choices(SUBJECTS, k=3))
        found.append(Document(f"{prefix}{i}", f"{prefix}{i}.txt", " ".join(sentences), title))
    return found
