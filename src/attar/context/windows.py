"""Sentences into the windows that an encoder reads at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Window(NamedTuple):
    """Sentences `start` to `stop`; those from `context` to `start` are read, not scored."""

    context: int
    start: int
    stop: int


def pack(lengths: Sequence[int], groups: Sequence[int], room: int) -> list[Window]:
    """Cut a text into windows that hold whole sentences.

    A window that begins inside a paragraph reads the sentence before it again, so that what
    "it" stands for can be seen, unless the two are longer than half a window.

    Args:
        lengths: tokens of each sentence; longer ones than `room` are a window of their own.
        groups: the paragraph of each sentence.
        room: the most tokens in a window.
    """
    windows: list[Window] = []
    context = start = used = 0
    for i, length in enumerate(lengths):
        if i > start and used + length > room:
            windows.append(Window(context, start, i))
            again = groups[i] == groups[i - 1] and lengths[i - 1] + length <= room // 2
            context, start = (i - 1 if again else i), i
            used = lengths[i - 1] if again else 0
        used += length
    if len(lengths) > start:
        windows.append(Window(context, start, len(lengths)))
    return windows
