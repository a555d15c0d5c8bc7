"""How much of a language model's attention each unit draws while it is asked the question.

The text is read in windows of whole units, each followed by the question. Every window begins with
a few words of its own: the first tokens draw attention whatever they say (the attention sink).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context, Task
from attar.context.units import Units
from attar.context.windows import pack
from attar.errors import ModelError
from attar.models.lm_local import LocalLanguageModel

WINDOW = 2048
"""Tokens of text in a window; that of attention is quadratic in it."""
_OPENING = "Read the text.\n\n"


@lru_cache(maxsize=1)
def local_model(name: str) -> LocalLanguageModel:
    """The language model of that name, whose insides can be read.

    Raises:
        ModelError: if it is not there, or behind HTTP.
    """
    from attar import models

    model = models.language_model(name)
    if not isinstance(model, LocalLanguageModel):
        raise ModelError(
            f"where {name!r} looks cannot be seen: take a local language model, such as 'default'"
        )
    return model


def layers_of(name: str) -> int:
    """How many layers the language model of that name has.

    Raises:
        ModelError: if it is not there, or behind HTTP.
    """
    return int(local_model(name).module.config.num_hidden_layers)


def attended(
    context: Context, task: Task, model: str, *, depth: int | None = None, asking: int | None = 1
) -> NDArray[np.float32]:
    """Attention that falls on each unit, by layer and head.

    Args:
        context: its units are read, all of them.
        task: holds the question.
        model: name of a local language model.
        depth: how many layers are run; None for all.
        asking: tokens at the end of the prompt whose attention is averaged; None takes all of
            the question's.

    Returns:
        (units, layers, heads) float32: shares of the attention of those tokens, a token of the
        unit on average; 0 for a unit without a token.

    Raises:
        UsageError: if there is no question.
        ModelError: if the model is not there, or behind HTTP.
    """
    question = task.asked("a stage that reads attention")
    reader = local_model(model)
    opening: list[int] = reader.tokenizer.ids(_OPENING)
    asked: list[int] = reader.tokenizer.ids(f"\n\nQuestion: {question}\nAnswer:")
    room = WINDOW if reader.context_tokens is None else min(WINDOW, reader.context_tokens)
    room = max(1, room - len(opening) - len(asked))
    units = context.units
    ids: list[int] = reader.tokenizer.ids(context.view.text)
    owner = _owners(units, reader.tokenizer.offsets(context.view.text))
    counts = np.bincount(owner[owner >= 0], minlength=len(units))
    found: NDArray[np.float32] | None = None
    for window in pack(np.minimum(counts, room).tolist(), units.paragraph.tolist(), room):
        inside = np.flatnonzero((owner >= window.context) & (owner < window.stop))
        if not len(inside):
            continue
        inside = np.arange(inside[0], inside[-1] + 1)[:room]
        prompt = [*opening, *(ids[i] for i in inside), *asked]
        last = len(asked) if asking is None else min(asking, len(asked))
        rows: NDArray[np.float32] = reader.last_attentions(prompt, last, depth).mean(axis=2)
        if found is None:
            found = np.zeros((len(units), *rows.shape[:2]), np.float32)
        drawn = rows[:, :, len(opening) : len(opening) + len(inside)]
        for unit in range(window.start, window.stop):
            mine = owner[inside] == unit
            if mine.any():
                found[unit] = drawn[:, :, mine].mean(axis=2)
    return found if found is not None else np.zeros((len(units), 1, 1), np.float32)


def _owners(units: Units, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The unit in which each token ends, or -1 for white space between units."""
    ends = np.maximum(offsets[:, 1] - 1, 0)
    owner = np.searchsorted(units.start, ends, side="right") - 1
    outside = (owner < 0) | (ends >= units.end[np.maximum(owner, 0)])
    return np.where(outside, -1, owner)
