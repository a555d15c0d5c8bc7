"""What the rest of Attar asks of a model: the fewest methods that serve.

Anything with these methods is a tokenizer, an embedder or a language model here: a local
model, an HTTP endpoint, or a few lines in a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, TypedDict, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from attar.progress import Progress, silent


class Message(TypedDict):
    """One turn of a chat, in the layout of OpenAI's chat completions."""

    role: Literal["system", "user", "assistant"]
    content: str


@runtime_checkable
class Tokenizer(Protocol):
    """Counts what a model is billed for."""

    @property
    def name(self) -> str:
        """What reopens it."""

    def count(self, text: str) -> int:
        """Tokens in `text`, without the special tokens that frame a whole input."""

    def offsets(self, text: str) -> NDArray[np.int64]:
        """Where each token lies: (n, 2) start and end in characters of `text`, in order.

        Tokens that split one character all carry that character's start and end. Characters that
        the tokenizer drops (white space, for some) belong to no token.
        """


@runtime_checkable
class Embedder(Protocol):
    """Texts to unit vectors."""

    @property
    def name(self) -> str:
        """What reopens it: a path, a hub name, a URL, or "default"."""

    @property
    def digest(self) -> str:
        """Hex digest that changes when the vectors would: weights, pooling, length limit."""

    @property
    def dim(self) -> int:
        """Width of a vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens of its own tokenizer that it reads; what follows is ignored."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Its tokenizer, or a conservative bound where there is none to be had."""

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        """Embed texts as (n, dim) float32 rows of unit length, in the order given.

        The same texts give the same vectors whatever their company in the call.
        """


@runtime_checkable
class LanguageModel(Protocol):
    """Writes text, and says how likely a text is."""

    @property
    def name(self) -> str:
        """What reopens it: a path, a hub name, a URL, or "default"."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Its tokenizer, or a conservative bound where there is none to be had."""

    @property
    def context_tokens(self) -> int | None:
        """The longest input it reads, in tokens; None if unknown."""

    def generate(
        self,
        prompt: str | Sequence[Message],
        *,
        max_tokens: int = 256,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """Write on, piece by piece; the pieces joined are the whole answer.

        Args:
            prompt: plain text to continue, or the turns of a chat.
            max_tokens: the most that is written.
            temperature: 0 takes the likeliest token each time.
            seed: fixes what is drawn when `temperature` is above 0.
            stop: texts that end the answer; they are not part of it.
        """

    def log_likelihood(self, continuation: str, context: str = "") -> NDArray[np.float32]:
        """Natural-log probability of each token of `continuation` after `context`.

        Raises:
            ModelError: if this model cannot tell (most HTTP endpoints).
        """
