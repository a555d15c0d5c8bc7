"""A causal language model reads the texts of one prompt, and none of them twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from attar.context.prune.method import Tokens, Values
from attar.errors import ModelError
from attar.models.lm_local import LocalLanguageModel
from attar.models.surprisal import SurprisalReader

_WINDOW = 512
"""Tokens read at once. Surprisal hardly falls with more, and attention grows with the square."""
_OVERLAP = 64
"""Tokens of the window before that are read again, so that no token lacks a context."""
_MOST_KEPT = 32_768
"""Tokens whose states are kept: 38 MB for SmolLM2 in bfloat16."""


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
        self._known: dict[tuple[str, str], Values] = {}
        self._states: dict[tuple[int, ...], Any] = {}
        self._kept = 0

    def surprisals(self, texts: Sequence[str], before: str = "") -> list[Tokens]:
        """Negative log-likelihood of each token of each text after `before`: values (n, 1)."""
        new = [text for text in dict.fromkeys(texts) if (before, text) not in self._known]
        for text, values in zip(new, self._measured(new, before), strict=True):
            self._known[before, text] = values
        return [Tokens(self._tokenizer.offsets(t), self._known[before, t]) for t in texts]

    def losses_after(self, texts: Sequence[str], asked: str) -> Values:
        """Mean negative log-likelihood of `asked` after each text, (n,); of a long one, the least.

        What is read of the texts here is not read again by `surprisals`, up to a bound of memory.
        """
        tail = self._tokenizer.ids(asked)
        rows: list[list[int]] = []
        owners: list[int] = []
        for number, text in enumerate(texts):
            own = self._tokenizer.ids(text)
            for context, _, stop in _windows(len(own)) or [(0, 0, 0)]:
                rows.append([*self._start, *own[context:stop], *tail])
                owners.append(number)
        losses = np.full(len(texts), np.inf)
        for row, states in self._reader.read(rows):
            first = len(rows[row]) - len(tail)
            if self._kept + first <= _MOST_KEPT:
                self._states[tuple(rows[row][:first])] = states[:first].clone()
                self._kept += first
            loss = float(self._reader.surprisal(states[first - 1 : -1], tail).mean())
            losses[owners[row]] = min(losses[owners[row]], loss)
        return losses

    def _measured(self, texts: Sequence[str], before: str) -> list[Values]:
        head = [*self._start, *self._tokenizer.ids(before)]
        ids = [self._tokenizer.ids(text) for text in texts]
        found = [np.zeros((len(own), 1)) for own in ids]
        windows = [(number, *w) for number, own in enumerate(ids) for w in _windows(len(own))]
        rows = [[*head, *ids[number][context:stop]] for number, context, _, stop in windows]
        for row, states in self._read(rows):
            number, context, start, stop = windows[row]
            first = len(head) - 1 - context
            surprisal = self._reader.surprisal(
                states[first + start : first + stop], ids[number][start:stop]
            )
            found[number][start:stop, 0] = surprisal
        return found

    def _read(self, rows: Sequence[Sequence[int]]) -> Iterator[tuple[int, Any]]:
        """As the model reads them, but what is known already is not read."""
        new = []
        for number, row in enumerate(rows):
            if (states := self._states.get(tuple(row))) is None:
                new.append(number)
            else:
                yield number, states
        for number, states in self._reader.read([rows[number] for number in new]):
            yield new[number], states


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
