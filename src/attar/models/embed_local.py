"""Sentence-transformers models on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.bert import Bert
from attar.models.cache import file_digest
from attar.models.onednn import use_onednn
from attar.models.quiet import quiet_transformers
from attar.models.tokenizers import HFTokenizer, well_formed
from attar.progress import Progress, silent

_BATCH_TOKENS = {"cpu": 1024, "cuda": 32_768}
"""Small batches stay in a core's cache: on one Zen 5 core MiniLM embeds 34 texts of 175 tokens
a second in batches of 512 to 2,048 tokens, and 23 in batches of 16,384."""
_SHORT_TOKENS = 128
"""Up to here numpy is faster than torch is loaded: a question takes some five milliseconds."""
_SHAPING = (
    "modules.json", "config.json", "sentence_bert_config.json", "config_sentence_transformers.json",
    "tokenizer.json",
)  # fmt: skip


class LocalEmbedder:
    """A sentence-transformers folder; its weights are read when it first embeds.

    Texts are sorted by length and batched by tokens, so that little padding is computed. A
    batch's shape changes the order in which floats are added, so a text's vector may differ with
    its company: by less than 1e-6 in any coordinate with MiniLM in float32 on a CPU. The same call
    gives the same bytes.

    Args:
        folder: a sentence-transformers folder with a `tokenizer.json`.
        name: what reopens it.
        batch_tokens: the most tokens in one batch, padding included; None: what suits the device.
    """

    def __init__(self, folder: Path, *, name: str = "", batch_tokens: int | None = None) -> None:
        self.name = name or str(folder)
        self._folder = folder
        self._batch_tokens = batch_tokens
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"LocalEmbedder({self.name!r})"

    @cached_property
    def tokenizer(self) -> HFTokenizer:
        """Its tokenizer, read without torch."""
        return HFTokenizer.open(self._folder, name=str(self._folder))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the weights and every file that shapes the vectors."""
        import hashlib

        files = [p for p in self._folder.rglob("*") if p.name in _SHAPING or _is_weights(p)]
        lines = [
            f"{path.relative_to(self._folder).as_posix()} {file_digest(path)}"
            for path in sorted(files)
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def dim(self) -> int:
        """Width of a vector."""
        plain = self._bert
        return plain.dim if plain else int(self._model.get_embedding_dimension())

    @cached_property
    def max_tokens(self) -> int:
        """Tokens that it reads of a text, its own special tokens not counted."""
        return self._limit - self.tokenizer.frame

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        """Embed texts as (n, dim) float32 rows of unit length."""
        out = np.zeros((len(texts), self.dim), np.float32)
        texts = [well_formed(text) for text in texts]
        tokens = self.tokenizer.count_many(texts) + self.tokenizer.frame
        progress("embed", 0, len(texts))
        # By length alone, never by what is loaded already: the same call gives the same bytes.
        if self._bert is not None and int(tokens.sum()) <= _SHORT_TOKENS:
            for row, text in enumerate(texts):
                out[row] = self._bert.embed(self.tokenizer.ids(text)[: self.max_tokens])
            progress("embed", len(texts), len(texts))
            return unit(out)
        budget = self._batch_tokens or _BATCH_TOKENS.get(self._model.device.type, 8192)
        done = 0
        for rows in batches(np.minimum(tokens, self._limit), budget):
            with self._lock:
                vectors = self._model.encode(
                    [texts[i] for i in rows], batch_size=len(rows), show_progress_bar=False
                )
            out[rows] = unit(np.asarray(vectors, np.float32))
            done += len(rows)
            progress("embed", done, len(texts))
        return out

    @cached_property
    def _bert(self) -> Bert | None:
        return Bert.open(self._folder)

    @cached_property
    def _limit(self) -> int:
        config = self._folder / "sentence_bert_config.json"
        try:
            return int(json.loads(config.read_text(encoding="utf-8"))["max_seq_length"])
        except (OSError, ValueError, TypeError, KeyError):
            return int(self._model.max_seq_length or 512)

    @cached_property
    def _model(self) -> Any:
        with self._lock, quiet_transformers():
            from sentence_transformers import SentenceTransformer

            try:
                model = SentenceTransformer(
                    str(self._folder), local_files_only=True, model_kwargs={"use_safetensors": True}
                )
            except Exception as error:
                raise ModelError(
                    f"cannot load the embedder {self.name!r}:"
                    f" {str(error).splitlines()[0] if str(error) else type(error).__name__}"
                ) from error
            model.eval()
            use_onednn(model)
            return model


def batches(tokens: NDArray[np.int64], budget: int) -> Iterator[NDArray[np.int64]]:
    """Rows of about equal length, longest first, whose padded size stays within `budget`.

    Args:
        tokens: (n,) length of each text.
        budget: the most tokens in a batch, padding included; one longer text is a batch.
    """
    order = np.argsort(-tokens, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, int(tokens[order[start]])))
        yield order[start : start + size]
        start += size


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length 1; a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    out = np.zeros_like(rows)
    np.divide(rows, norms, out=out, where=norms > 0)
    return out


def _is_weights(path: Path) -> bool:
    return path.suffix == ".safetensors"
