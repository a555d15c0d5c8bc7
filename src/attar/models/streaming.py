"""Text that arrives in pieces, cut at stop strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def hold_back(pieces: Iterable[str], stop: Sequence[str]) -> Iterator[str]:
    """Pass pieces on until a stop string appears; no part of it is ever let out.

    Args:
        pieces: text as it is written; no longer read once a stop string is complete.
        stop: texts that end the whole; where several match, the earliest start wins. Empty
            ones are ignored.
    """
    stops = [s for s in stop if s]
    held = ""
    for piece in pieces:
        held += piece
        found = [at for s in stops if (at := held.find(s)) >= 0]
        if found:
            # Nothing that starts earlier can still complete: `safe` held its start back too.
            if at := min(found):
                yield held[:at]
            return
        safe = len(held) - max((_overlap(held, s) for s in stops), default=0)
        if safe:
            yield held[:safe]
            held = held[safe:]
    if held:
        yield held


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that could grow into `stop`."""
    for size in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:size]):
            return size
    return 0
