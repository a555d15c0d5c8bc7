"""SPLADE: texts to sparse vectors over a vocabulary, by a masked language model.

Source: Formal, Lassance, Piwowarski and Clinchant, "SPLADE v2", 2021 (max pooling).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.embed_local import batches
from attar.models.names import find, need_extra
from attar.models.quiet import quiet_transformers
from attar.models.tokenizers import HFTokenizer, well_formed
from attar.progress import Progress, silent

_BATCH_TOKENS = 1024
"""A token's logits over the vocabulary take 120 KB with BERT's; more tokens leave the caches."""


class Splade:
    """A folder with a masked language model; its weights are read when it first encodes.

    The weight of a vocabulary token in a text is log(1 + max(0, logit)), the greatest over the
    text's tokens. Terms are the tokenizer's tokens as it spells them ("##ing").

    Args:
        folder: a transformers folder with a `tokenizer.json` and safetensors weights.
        name: what reopens it.
    """

    def __init__(self, folder: Path, *, name: str = "") -> None:
        self.name = name or str(folder)
        self._folder = folder
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"Splade({self.name!r})"

    @classmethod
    def open(cls, name: str) -> Splade:
        """Open a folder or a model of the hub by its name.

        Raises:
            MissingExtraError: if the packages of the extra `llm` are not installed.
            ModelError: if there is no such model.
        """
        need_extra("A SPLADE encoder", "torch", "transformers")
        return cls(find(name), name=name)

    @cached_property
    def tokenizer(self) -> HFTokenizer:
        """Its tokenizer, read without torch."""
        return HFTokenizer.open(self._folder, name=str(self._folder))

    def encode(
        self, texts: Sequence[str], *, progress: Progress = silent
    ) -> list[dict[str, float]]:
        """Terms and their weights, above 0, for each text.

        A text is read up to the model's limit of tokens.
        """
        import torch

        model, tokenizer, terms = self._model
        texts = [well_formed(text) for text in texts]
        sizes = np.minimum(self.tokenizer.count_many(texts) + self.tokenizer.frame, self._limit)
        rows: list[dict[str, float]] = [{} for _ in texts]
        done = 0
        progress("encode", 0, len(texts))
        for batch in batches(sizes, _BATCH_TOKENS):
            with self._lock, torch.inference_mode():
                inputs = tokenizer(
                    [texts[i] for i in batch],
                    padding=True,
                    truncation=True,
                    max_length=self._limit,
                    return_tensors="pt",
                ).to(model.device)
                logits = model(**inputs).logits
                # Padding sees no text: it must never be the greatest.
                logits.masked_fill_(inputs["attention_mask"].unsqueeze(-1) == 0, 0.0)
                weights = logits.amax(1).clamp_(min=0).log1p_().float().cpu().numpy()
            for i, row in zip(batch.tolist(), weights, strict=True):
                rows[i] = _sparse(row, terms)
            done += len(batch)
            progress("encode", done, len(texts))
        return rows

    @cached_property
    def _limit(self) -> int:
        model, tokenizer, _ = self._model
        positions = getattr(model.config, "max_position_embeddings", None) or 512
        return min(int(positions), int(tokenizer.model_max_length))

    @cached_property
    def _model(self) -> tuple[Any, Any, list[str]]:
        with self._lock, quiet_transformers():
            from transformers import AutoModelForMaskedLM, AutoTokenizer

            try:
                tokenizer = AutoTokenizer.from_pretrained(self._folder, local_files_only=True)
                model: Any = AutoModelForMaskedLM.from_pretrained(
                    self._folder, local_files_only=True, use_safetensors=True
                )
            except Exception as error:
                raise ModelError(
                    f"cannot load the sparse encoder {self.name!r}:"
                    f" {str(error).splitlines()[0] if str(error) else type(error).__name__}"
                ) from error
            model.eval()
            size = int(model.config.vocab_size)
            return model, tokenizer, [str(t) for t in tokenizer.convert_ids_to_tokens(range(size))]


def _sparse(row: NDArray[np.float32], terms: Sequence[str]) -> dict[str, float]:
    used = np.flatnonzero(row)
    return dict(zip((terms[i] for i in used.tolist()), row[used].tolist(), strict=True))
