"""Embedders that take next to no time, for benchmarks of everything else."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar import models
from attar.models import Tokenizer
from attar.progress import Progress, silent

DIM = 384
_DRAWN = 1 << 12
_DIRECTIONS = 1 << 16


class DrawnEmbedder:
    """Gives each text one of 4,096 vectors, by its checksum, and cuts with the real tokenizer.

    Their spectrum is like MiniLM's: a few directions hold most of it, no dimension much more
    than another. What a coded vector takes does not depend on which it is.
    """

    name = digest = "drawn"
    dim = DIM
    max_tokens = 254

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return models.embedder().tokenizer

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        places = [zlib.crc32(text.encode()) % _DRAWN for text in texts]
        progress("embed", len(texts), len(texts))
        return _unit_vectors(_DRAWN)[places]

    def __reduce__(self) -> tuple[Any, ...]:
        """Workers make their own."""
        return DrawnEmbedder, ()


class HashEmbedder:
    """Each word has one of 65,536 directions, a text their mean: texts that share words are near.

    Args:
        tokenizer: what texts are cut with.
    """

    name = digest = "hash"
    dim = DIM
    max_tokens = 256

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self._known: dict[str, int] = {}

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        directions = _vectors(_DIRECTIONS)
        rows = np.empty((len(texts), DIM), np.float32)
        for i, text in enumerate(texts):
            words = [self._known.setdefault(w, len(self._known)) for w in text.split()]
            rows[i] = directions[np.array(words or [0]) % _DIRECTIONS].sum(axis=0)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        progress("embed", len(texts), len(texts))
        return rows


class Words:
    """Words as tokens, for passages that are short enough not to be cut."""

    name = "words"

    def count(self, text: str) -> int:
        return len(text.split())

    def offsets(self, text: str) -> NDArray[np.int64]:
        return np.array([m.span() for m in re.finditer(r"\S+", text)], np.int64).reshape(-1, 2)


@cache
def _vectors(count: int) -> NDArray[np.float32]:
    chance = np.random.default_rng(0)
    spectrum = np.exp(-np.arange(DIM) / 128, dtype=np.float32)
    turn, _ = np.linalg.qr(chance.standard_normal((DIM, DIM)).astype(np.float32))
    return (chance.standard_normal((count, DIM), np.float32) * spectrum) @ turn


@cache
def _unit_vectors(count: int) -> NDArray[np.float32]:
    rows = _vectors(count)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
