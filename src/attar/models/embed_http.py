"""Embeddings from an OpenAI-compatible API."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.base import Tokenizer
from attar.models.embed_local import unit
from attar.models.http import Endpoint
from attar.models.tokenizers import Utf8Bound, well_formed
from attar.progress import Progress, silent


class HTTPEmbedder:
    """A model behind `/v1/embeddings`.

    Args:
        url: the API's base with the model after `#`, as in "http://host:8000/v1#model".
        max_tokens: how much of a text the model reads, in tokens of `tokenizer`. Servers do not
            tell; 512 is what the smallest common models read.
        tokenizer: the model's tokenizer, if it is known.
        batch: texts in one request.
        endpoint: in place of `url`, for other retries or timeouts.
    """

    def __init__(
        self,
        url: str = "",
        *,
        max_tokens: int = 512,
        tokenizer: Tokenizer | None = None,
        batch: int = 64,
        endpoint: Endpoint | None = None,
    ) -> None:
        self._endpoint = endpoint or Endpoint.parse(url)
        self.name = self._endpoint.name
        self.max_tokens = max_tokens
        self.tokenizer: Tokenizer = tokenizer or Utf8Bound()
        self._batch = batch

    def __repr__(self) -> str:
        return f"HTTPEmbedder({self.name!r})"

    @property
    def digest(self) -> str:
        """SHA-256 of the model's name: all that is known of weights that others hold."""
        return hashlib.sha256(f"http {self._endpoint.model}".encode()).hexdigest()

    @cached_property
    def dim(self) -> int:
        """Width of a vector, found by embedding one word."""
        return int(self._ask(["width"]).shape[1])

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        """Embed texts as (n, dim) float32 rows of unit length.

        An empty text is sent as one space, because many servers refuse it.

        Raises:
            ModelError: if the server cannot be reached or answers something else.
        """
        parts: list[NDArray[np.float32]] = []
        progress("embed", 0, len(texts))
        for start in range(0, len(texts), self._batch):
            some = [well_formed(text) or " " for text in texts[start : start + self._batch]]
            parts.append(self._ask(some))
            if parts[-1].shape[1] != parts[0].shape[1]:
                raise self._nonsense("vectors of different widths")
            progress("embed", start + len(some), len(texts))
        if not parts:
            return np.zeros((0, self.dim), np.float32)
        return np.concatenate(parts)

    def _ask(self, texts: list[str]) -> NDArray[np.float32]:
        answer = self._endpoint.post("/embeddings", {"input": texts, "encoding_format": "float"})
        rows = self._rows(answer, len(texts))
        if rows.ndim != 2 or not rows.shape[1] or not np.isfinite(rows).all():
            raise self._nonsense("vectors that are not lists of finite numbers")
        return unit(rows)

    def _rows(self, answer: Any, expected: int) -> NDArray[np.float32]:
        try:
            # The order is not promised; the index is.
            data = sorted(answer["data"], key=lambda entry: int(entry["index"]))
            indices = [int(entry["index"]) for entry in data]
            rows = np.array([entry["embedding"] for entry in data], np.float32)
        except (TypeError, KeyError, ValueError) as error:
            raise self._nonsense("something else") from error
        if indices != list(range(expected)):
            raise self._nonsense(f"{len(indices)} vectors for {expected} texts")
        return rows

    def _nonsense(self, what: str) -> ModelError:
        return ModelError(
            f"{self._endpoint.base} answered a request for embeddings with {what}:"
            f" does {self._endpoint.model!r} embed?"
        )
