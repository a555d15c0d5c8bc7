"""Where a small model starts to go round in circles, its answer ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_END = re.compile(r"[.!?…]+[\"')\]]*\s+|[。！？]|\n+")


def until_repeated(pieces: Iterable[str], least: int = 24) -> Iterator[str]:
    """Pass text on until a sentence is said a second time; the repetition is not let out.

    A model of 135 million parameters that takes the likeliest token each time falls into such
    loops readily, and writes them to its limit.

    Args:
        pieces: text as it is written; no longer read once a sentence is repeated.
        least: characters of the shortest sentence that counts; "Yes." may be said twice.
    """
    said: set[str] = set()
    text = ""
    start = shown = 0  # where the current sentence begins, and how much was passed on
    for piece in pieces:
        text += piece
        while (end := _END.search(text, start)) is not None:
            sentence = _plain(text[start : end.end()])
            if len(sentence) >= least:
                if sentence in said:
                    if start > shown:
                        yield text[shown:start]
                    return
                said.add(sentence)
            start = end.end()
        sentence = _plain(text[start:])
        held = bool(sentence) and any(s.startswith(sentence) for s in said)
        until = start if held else len(text)
        if until > shown:
            yield text[shown:until]
            shown = until
    rest = _plain(text[start:])
    if len(text) > shown and (len(rest) < least or not any(s.startswith(rest) for s in said)):
        yield text[shown:]


def _plain(sentence: str) -> str:
    return " ".join(sentence.split()).rstrip(".!?…\"')]。！？").lower()
