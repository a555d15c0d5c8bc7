"""A causal language model reads the texts of one prompt, and none of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.context.prune.method import Tokens
from attar.errors import ModelError
from attar.models.lm_local import LocalLanguageModel
from attar.models.surprisal import SurprisalReader

_WINDOW = 512
"""Tokens read at once. Surprisal hardly falls with more, and attention grows with the square."""
_OVERLAP = 64
"""Tokens of the window before that are read again, so that no token lacks a context."""


class TextReader:
    """Surprisals under a local language model, one pass over each text.

    Args:
        name: the language model's.

    Raises:
        ModelError: if it is not there, or behind HTTP, where tokens have no likelihood.
    """

    def __init__(self, name: str) -> None:
        model, self._reader = _opened(name)
        self._tokenizer = model.tokenizer
        self._start = model.prompt_ids("")
        self._known: dict[tuple[int, ...], Any] = {}

    def surprisals(self, texts: Sequence[str], before: str = "") -> list[Tokens]:
        """Negative log-likelihood of each token of each text after `before`: values (n, 1)."""
        head = [*self._start, *self._tokenizer.ids(before)]
        ids = [self._tokenizer.ids(text) for text in texts]
        windows = [_windows(len(i)) for i in ids]
        rows = [
            [*head, *own[context:stop]]
            for own, some in zip(ids, windows, strict=True)
            for context, _, stop in some
        ]
        states = iter(self._states(rows))
        found = []
        for text, own, some in zip(texts, ids, windows, strict=True):
            values = [np.zeros(0, np.float32)]
            for context, start, stop in some:
                first = len(head) + start - context - 1
                last = len(head) + stop - context - 1
                values.append(self._reader.surprisal(next(states)[first:last], own[start:stop]))
            figures = np.concatenate(values).astype(np.float64)[:, None]
            found.append(Tokens(self._tokenizer.offsets(text), figures))
        return found

    def losses_after(self, texts: Sequence[str], asked: str) -> NDArray[np.float64]:
        """Mean negative log-likelihood of `asked` after each text, (n,); of a long one, the least.

        What is read of the texts here is not read again by `surprisals`.
        """
        tail = self._tokenizer.ids(asked)
        ids = [self._tokenizer.ids(text) for text in texts]
        windows = [_windows(len(i)) or [(0, 0, 0)] for i in ids]
        rows = [
            [*self._start, *own[context:stop], *tail]
            for own, some in zip(ids, windows, strict=True)
            for context, _, stop in some
        ]
        states = self._reader.states(rows)
        losses = []
        for row, state in zip(rows, states, strict=True):
            whole = len(row) - len(tail)
            self._known[tuple(row[:whole])] = state[:whole]
            losses.append(float(self._reader.surprisal(state[whole - 1 : -1], tail).mean()))
        ends = np.cumsum([len(some) for some in windows])
        return np.array([min(losses[a:b]) for a, b in zip([0, *ends], ends, strict=False)])

    def _states(self, rows: Sequence[Sequence[int]]) -> list[Any]:
        keys = [tuple(row) for row in rows]
        new = list(dict.fromkeys(key for key in keys if key not in self._known))
        self._known.update(zip(new, self._reader.states(new), strict=True))
        return [self._known[key] for key in keys]


@lru_cache(maxsize=1)
def _opened(name: str) -> tuple[LocalLanguageModel, SurprisalReader]:
    from attar.models import language_model

    model = language_model(name)
    if not isinstance(model, LocalLanguageModel):
        raise ModelError(
            f"{name!r} cannot tell how surprising words are: prune with a local model,"
            " such as 'default'"
        )
    return model, SurprisalReader(model.module)


def _windows(length: int) -> list[tuple[int, int, int]]:
    """Where each window's context, and what it adds, begin, and where it ends."""
    found = []
    start = 0
    while start < length:
        context = max(0, start - _OVERLAP)
        stop = min(length, context + _WINDOW)
        found.append((context, start, stop))
        start = stop
    return found
