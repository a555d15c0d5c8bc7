"""Token classifiers: for each token of a text, how likely each label is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.names import find, need_extra
from attar.models.onednn import use_onednn
from attar.models.quiet import quiet_transformers
from attar.models.tokenizers import HFTokenizer

_BATCH_TOKENS = 4096
_LONGEST = 512


class TokenClassifier:
    """A transformers model for token classification, with safetensors weights.

    Args:
        module: the model.
        tokenizer: its tokenizer.
        frame: ids that stand before and after a text ([CLS] and [SEP]).
        name: what reopens it.
    """

    def __init__(
        self, module: Any, tokenizer: HFTokenizer, frame: tuple[list[int], list[int]], name: str
    ) -> None:
        self.name = name
        self.labels = int(module.config.num_labels)
        self._module = module
        self._tokenizer = tokenizer
        self._before, self._after = frame
        limit = getattr(module.config, "max_position_embeddings", _LONGEST)
        # RoBERTa counts positions from 2.
        self._room = min(_LONGEST, int(limit) - 2) - len(self._before) - len(self._after)

    @classmethod
    def open(cls, name: str) -> TokenClassifier:
        """Load a folder or hub id.

        Raises:
            ModelError: if it is not there, or is no token classifier.
            MissingExtraError: if the packages that run it are not installed.
        """
        need_extra("A token classifier", "torch", "transformers")
        import torch

        folder = find(name)
        tokenizer = HFTokenizer.open(folder, name=name)
        with quiet_transformers():
            from transformers import AutoModelForTokenClassification, AutoTokenizer

            try:
                module, about = AutoModelForTokenClassification.from_pretrained(
                    folder,
                    dtype=torch.float32,
                    use_safetensors=True,
                    local_files_only=True,
                    trust_remote_code=False,
                    output_loading_info=True,
                )
                whole = AutoTokenizer.from_pretrained(
                    folder, local_files_only=True, trust_remote_code=False
                )
            except Exception as error:
                said = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise ModelError(f"cannot load the token classifier {name!r}: {said}") from error
        if any("classifier" in key for key in about["missing_keys"]):
            raise ModelError(f"{name!r} is no token classifier: its weights have no head")
        module.eval()
        use_onednn(module)
        return cls(module, tokenizer, _frame(whole), name)

    def chances(self, texts: Sequence[str]) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Where each token of each text lies, (n, 2), and how likely each label is, (n, labels).

        A text that is longer than the model reads is read in parts.
        """
        import torch

        from attar.models.embed_local import batches

        ids = [self._tokenizer.ids(text) for text in texts]
        parts = [
            (number, start, own[start : start + self._room])
            for number, own in enumerate(ids)
            for start in range(0, len(own), self._room)
        ]
        found = [np.zeros((len(own), self.labels)) for own in ids]
        extra = len(self._before) + len(self._after)
        lengths = np.array([len(part) for _, _, part in parts], np.int64) + extra
        first = len(self._before)
        with torch.inference_mode():
            for some in batches(lengths, _BATCH_TOKENS):
                width = int(lengths[some[0]])
                tokens = torch.zeros((len(some), width), dtype=torch.long)
                mask = torch.zeros_like(tokens)
                for k, row in enumerate(some):
                    whole = [*self._before, *parts[row][2], *self._after]
                    tokens[k, : len(whole)] = torch.tensor(whole)
                    mask[k, : len(whole)] = 1
                logits = self._module(input_ids=tokens, attention_mask=mask).logits
                chances = logits.float().softmax(-1).double().numpy()
                for k, row in enumerate(some):
                    number, start, part = parts[row]
                    stop = start + len(part)
                    found[number][start:stop] = chances[k, first : first + len(part)]
        offsets = [self._tokenizer.offsets(text) for text in texts]
        return list(zip(offsets, found, strict=True))


def _frame(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The ids that stand before and after a text."""
    framed = tokenizer("a", return_special_tokens_mask=True)
    ids, added = framed["input_ids"], framed["special_tokens_mask"]
    first, last = added.index(0), len(added) - added[::-1].index(0)
    return list(ids[:first]), list(ids[last:])
