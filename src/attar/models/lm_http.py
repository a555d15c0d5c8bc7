"""Chat models behind an OpenAI-compatible API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.base import Message, Tokenizer
from attar.models.http import Endpoint
from attar.models.streaming import hold_back
from attar.models.tokenizers import Utf8Bound, well_formed


class HTTPLanguageModel:
    """A model behind `/v1/chat/completions`.

    Args:
        url: the API's base with the model after `#`, as in "http://host:8000/v1#model".
        context_tokens: the longest input it reads, if it is known.
        tokenizer: the model's tokenizer, if it is known.
        endpoint: in place of `url`, for other retries or timeouts.
    """

    def __init__(
        self,
        url: str = "",
        *,
        context_tokens: int | None = None,
        tokenizer: Tokenizer | None = None,
        endpoint: Endpoint | None = None,
    ) -> None:
        self._endpoint = endpoint or Endpoint.parse(url)
        self.name = self._endpoint.name
        self.context_tokens = context_tokens
        self.tokenizer: Tokenizer = tokenizer or Utf8Bound()

    def __repr__(self) -> str:
        return f"HTTPLanguageModel({self.name!r})"

    def generate(
        self,
        prompt: str | Sequence[Message],
        *,
        max_tokens: int = 256,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """Write on, piece by piece; plain text is sent as one turn of the user.

        Raises:
            ModelError: if the server cannot be reached, refuses, or breaks off.
        """
        turns = [Message(role="user", content=prompt)] if isinstance(prompt, str) else prompt
        payload = {
            "messages": [{**turn, "content": well_formed(turn["content"])} for turn in turns],
            "max_tokens": max_tokens,
            "temperature": temperature,
            "seed": seed,
        }
        # Stop strings are found here: servers allow few (OpenAI four) and differ about them.
        return hold_back(self._pieces(payload), stop)

    def log_likelihood(self, continuation: str, context: str = "") -> NDArray[np.float32]:
        """Not to be had over HTTP.

        Raises:
            ModelError: always.
        """
        raise ModelError(
            f"{self.name!r} cannot tell how likely a text is, as chat APIs do not say:"
            " use a local model, such as 'default'"
        )

    def _pieces(self, payload: dict[str, Any]) -> Iterator[str]:
        for event in self._endpoint.stream("/chat/completions", payload):
            try:
                if "error" in event:
                    said = event["error"]
                    said = said.get("message", said) if isinstance(said, dict) else said
                    raise ModelError(f"{self._endpoint.base} failed while writing: {said}")
                for choice in event["choices"]:
                    if text := choice["delta"].get("content"):
                        yield str(text)
            except (TypeError, KeyError, AttributeError) as error:
                raise ModelError(
                    f"{self._endpoint.base} streamed something else than chat completions"
                ) from error
