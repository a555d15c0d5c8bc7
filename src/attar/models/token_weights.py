"""Sparse queries without a model: each token of a question has a weight from a table.

A learned sparse encoder may expand documents alone; questions then cost a look-up per token.
Source: Shen et al., "Exploring l0 Sparsification for Inference-free Sparse Retrievers", SIGIR
2025, and Geng et al., "Towards Competitive Search Relevance For Inference-Free Learned Sparse
Retrievers", 2024, who weigh by inverse document frequency.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from attar.errors import ModelError
from attar.models.tokenizers import HFTokenizer


@dataclass(frozen=True, eq=False)
class TokenWeights:
    """A tokenizer and its tokens' weights.

    Args:
        tokenizer: that of the encoder of the documents.
        weights: by token as the tokenizer spells it; tokens that are missing weigh nothing.
    """

    tokenizer: HFTokenizer
    weights: Mapping[str, float]

    @classmethod
    def open(cls, folder: Path) -> TokenWeights:
        """Read a folder with a `tokenizer.json` and an `idf.json`, which maps tokens to weights.

        Raises:
            ModelError: if either is missing or cannot be read.
        """
        try:
            read = json.loads((folder / "idf.json").read_text(encoding="utf-8"))
            weights = {str(token): float(weight) for token, weight in read.items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelError(f"{folder / 'idf.json'} is no table of token weights") from error
        if not all(0 <= weight < math.inf for weight in weights.values()):
            raise ModelError(f"{folder / 'idf.json'} has a weight that is negative or not finite")
        return cls(HFTokenizer.open(folder), weights)

    @classmethod
    def of(
        cls, tokenizer: HFTokenizer, frequencies: Iterable[tuple[str, int]], documents: int
    ) -> TokenWeights:
        """Weigh tokens by their inverse document frequency, as Lucene's BM25 has it.

        Args:
            tokenizer: that of the encoder of the documents.
            frequencies: tokens and the documents that hold them; an index's vocabulary.
            documents: how many there are.
        """
        weights = {
            token: math.log(1 + max(0.0, documents - df + 0.5) / (df + 0.5))
            for token, df in frequencies
        }
        return cls(tokenizer, weights)

    def encode(self, question: str) -> dict[str, float]:
        """The question's tokens and their weights; a token that is repeated counts once."""
        found = ((t, self.weights.get(t, 0.0)) for t in self.tokenizer.tokens(question))
        return {token: weight for token, weight in found if weight > 0}
