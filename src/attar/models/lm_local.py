"""Transformers language models on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.base import Message
from attar.models.chat import chat_ids
from attar.models.onednn import use_onednn
from attar.models.quiet import quiet_transformers
from attar.models.streaming import hold_back
from attar.models.tokenizers import HFTokenizer, well_formed

if TYPE_CHECKING:
    import torch

_CHUNK = 512
"""Tokens read at once: bounds the logits held (512 x 49,152 floats are 100 MB)."""


class LocalLanguageModel:
    """A causal language model of transformers, in float32 on a CPU and 16 bits on a GPU.

    Attributes:
        name: what reopens it.
        tokenizer: counts as the model reads, without special tokens.
        context_tokens: the longest input it reads, in tokens; None if its config does not say.
        module: the `transformers` model, for rooms that work on its insides.
        hf_tokenizer: the `transformers` tokenizer.
    """

    def __init__(self, module: Any, hf_tokenizer: Any, tokenizer: HFTokenizer, name: str) -> None:
        self.name = name
        self.module = module
        self.hf_tokenizer = hf_tokenizer
        self.tokenizer = tokenizer
        limit = getattr(module.config, "max_position_embeddings", None)
        self.context_tokens: int | None = int(limit) if limit else None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"LocalLanguageModel({self.name!r})"

    @classmethod
    def open(cls, folder: Path, *, name: str = "") -> LocalLanguageModel:
        """Load a transformers folder with safetensors weights and a `tokenizer.json`.

        Raises:
            ModelError: if the folder does not hold such a model.
        """
        import torch

        tokenizer = HFTokenizer.open(folder, name=name or str(folder))
        cuda = torch.cuda.is_available()
        # bfloat16 halves the memory but is slower than float32 on CPUs without instructions for it,
        # and answers should not depend on the processor; `surprisal` uses it where it is faster.
        half = torch.bfloat16 if cuda and torch.cuda.is_bf16_supported() else torch.float16
        with quiet_transformers():
            from transformers import AutoModelForCausalLM, AutoTokenizer

            try:
                module = AutoModelForCausalLM.from_pretrained(
                    folder,
                    dtype=half if cuda else torch.float32,
                    use_safetensors=True,
                    local_files_only=True,
                    trust_remote_code=False,  # left open, it would ask on the terminal
                )
                hf_tokenizer = AutoTokenizer.from_pretrained(
                    folder, local_files_only=True, trust_remote_code=False
                )
            except Exception as error:
                raise ModelError(
                    f"cannot load the language model {name or str(folder)!r}:"
                    f" {str(error).splitlines()[0] if str(error) else type(error).__name__}"
                ) from error
        module.eval()
        if cuda:
            module.to("cuda")
        use_onednn(module)
        return cls(module, hf_tokenizer, tokenizer, name or str(folder))

    @property
    def accelerated(self) -> bool:
        """Whether it is not on the CPU, and many short inputs are best read at once."""
        return str(self.module.device.type) != "cpu"

    def prompt_ids(self, prompt: str | Sequence[Message]) -> list[int]:
        """The ids that the model is given: text with its start token, or the chat template's.

        Raises:
            ModelError: if it is a chat and the model has no template for one.
        """
        if isinstance(prompt, str):
            return self._start(well_formed(prompt))
        if not self.hf_tokenizer.chat_template:
            raise ModelError(
                f"{self.name!r} has no chat template: give it plain text, or an instruct model"
            )
        return chat_ids(self.hf_tokenizer, self.tokenizer, prompt)

    def generate(
        self,
        prompt: str | Sequence[Message],
        *,
        max_tokens: int = 256,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """Write on, piece by piece; see `LanguageModel.generate`.

        Raises:
            ModelError: if the prompt and one token more do not fit into the context window.
        """
        ids = self.prompt_ids(prompt)
        self._check_fits(len(ids) + 1, f"the prompt has {len(ids):,} tokens")
        room = max_tokens if self.context_tokens is None else self.context_tokens - len(ids)
        return hold_back(self._pieces(ids, min(max_tokens, room), temperature, seed), stop)

    def log_likelihood(self, continuation: str, context: str = "") -> NDArray[np.float32]:
        """Natural-log probability of each token of `continuation` after `context`.

        The two are tokenized apart, so there are `tokenizer.count(continuation)` values.

        Raises:
            ModelError: if both together do not fit into the context window.
        """
        return self.log_likelihoods([(continuation, context)])[0]

    def log_likelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[NDArray[np.float32]]:
        """`log_likelihood` of many (continuation, context) pairs, in the order given.

        A context that many pairs share is read once.

        Raises:
            ModelError: if a pair does not fit into the context window.
        """
        from attar.models.likelihood import score

        encoded = []
        for continuation, context in pairs:
            start = self._start(well_formed(context))
            tail = self.tokenizer.ids(continuation)
            self._check_fits(len(start) + len(tail), f"the text has {len(start) + len(tail):,}"
                             " tokens with its context")  # fmt: skip
            encoded.append((start, tail))
        return score(self.module, encoded, chunk=_CHUNK, together=self.accelerated)

    def logits(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """What the model gives after each token: (n, vocabulary) float32, not normalised.

        Raises:
            ModelError: if there are more ids than the context window holds.
        """
        import torch

        self._check_fits(len(ids), f"there are {len(ids):,} tokens")
        if not ids:
            return np.zeros((0, int(self.module.config.vocab_size)), np.float32)
        with torch.inference_mode():
            out = self.module(self._tensor(ids), use_cache=False)
        return np.asarray(out.logits[0].float().cpu().numpy(), np.float32)

    def attentions(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Attention weights: (layers, heads, n, n) float32; each row sums to 1.

        Memory grows with the square of the length: 1,000 tokens of SmolLM2 take 1 GB.

        Raises:
            ModelError: if there are more ids than the context window holds, or none.
        """
        import torch

        self._check_fits(len(ids), f"there are {len(ids):,} tokens")
        if not ids:
            raise ModelError("there is no attention over no tokens: give at least one")
        with torch.inference_mode(), self._eager():
            out = self.module(self._tensor(ids), use_cache=False, output_attentions=True)
        return np.stack([layer[0].float().cpu().numpy() for layer in out.attentions])

    def last_attentions(
        self, ids: Sequence[int], last: int = 1, depth: int | None = None
    ) -> NDArray[np.float32]:
        """Attention weights of the last tokens only: (layers, heads, last, n) float32.

        Args:
            ids: the prompt; more than `last`.
            last: tokens at the end whose attention is wanted.
            depth: how many layers are run; None for all.

        Raises:
            ModelError: if there are more ids than the context window holds, or too few.
        """
        from attar.models.probe import last_attentions

        self._check_fits(len(ids), f"there are {len(ids):,} tokens")
        if not 0 < last < len(ids):
            raise ModelError(f"{last} of {len(ids)} tokens cannot look back: give a longer text")
        layers = int(self.module.config.num_hidden_layers)
        with self._lock:
            return last_attentions(self.module, ids, last, min(depth or layers, layers), _CHUNK)

    def _start(self, text: str) -> list[int]:
        """`text` with whatever the model expects before it, and never nothing."""
        ids: list[int] = list(self.hf_tokenizer(text, verbose=False)["input_ids"])
        eos, bos = self.hf_tokenizer.eos_token_id, self.hf_tokenizer.bos_token_id
        if ids and ids[-1] == eos and not text.endswith(self.hf_tokenizer.eos_token):
            ids.pop()  # some tokenizers close every input, which would end what is to go on
        if not ids:
            first = bos if bos is not None else eos
            if first is None:
                raise ModelError(f"{self.name!r} has no start token: give it a prompt or context")
            ids = [int(first)]
        return ids

    def _pieces(self, ids: list[int], room: int, temperature: float, seed: int) -> Iterator[str]:
        """Text as it becomes certain: a token may end inside a character."""
        from attar.models.sampling import sample

        written: list[int] = []
        shown = ""
        for token in sample(self.module, ids, room, temperature, seed, self._ends(), _CHUNK):
            written.append(token)
            text = self._decode(written)
            if text.endswith("\ufffd"):
                continue
            if len(text) > len(shown):
                yield text[len(shown) :]
                shown = text
        text = self._decode(written)
        if len(text) > len(shown):
            yield text[len(shown) :]

    def _decode(self, ids: list[int]) -> str:
        # Cleaning up would change characters that have been given out already.
        text: str = self.hf_tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _ends(self) -> frozenset[int]:
        ends = self.module.generation_config.eos_token_id
        ids = ends if isinstance(ends, list) else [ends, self.hf_tokenizer.eos_token_id]
        return frozenset(int(i) for i in ids if i is not None)

    def _check_fits(self, tokens: int, what: str) -> None:
        if self.context_tokens is not None and tokens > self.context_tokens:
            raise ModelError(
                f"{what}, and {self.name!r} reads {self.context_tokens:,}: shorten it,"
                " or use a model with a longer context window"
            )

    def _tensor(self, ids: Sequence[int]) -> torch.Tensor:
        import torch

        return torch.tensor([list(ids)], device=self.module.device)

    @contextmanager
    def _eager(self) -> Iterator[None]:
        """The attention code that gives its weights away; the fast ones never hold them."""
        with self._lock:
            usual = self.module.config._attn_implementation
            self.module.set_attn_implementation("eager")
            try:
                yield
            finally:
                self.module.set_attn_implementation(usual)
