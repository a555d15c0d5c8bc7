"""Where the rows of a set come from: an array, or a stream of arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np

from attar.codec import Fitted, Recipe, parse
from attar.codec.arrays import Array, to_numpy
from attar.errors import UsageError

SAMPLE = 20_000
"""Rows of the source from which a recipe learns, unless it is fitted already."""


def learned(
    source: Array | Iterable[Array], codec: str | Recipe | Fitted
) -> tuple[Fitted, Iterator[Array]]:
    """Fit a codec, unless it is fitted.

    Args:
        source: an (n, d) array, from which rows are drawn evenly, or a stream of such arrays, of
            which the first are drawn from.
        codec: a recipe, its text, or a fitted codec.

    Returns:
        The fitted codec, and all arrays of the source.

    Raises:
        UsageError: if a stream gives no rows to learn from.
    """
    if isinstance(source, list | tuple) and source and not hasattr(source[0], "ndim"):
        source = np.asarray(source, np.float32)
    if hasattr(source, "ndim"):
        rows: Any = source
        if not isinstance(codec, Fitted):
            codec = parse(codec).fit(rows[:: max(1, len(rows) // SAMPLE)])
        return codec, iter([rows])
    stream = iter(source)
    if isinstance(codec, Fitted):
        return codec, stream
    head: list[Array] = []
    while sum(map(len, head)) < SAMPLE and (piece := next(stream, None)) is not None:
        head.append(to_numpy(piece))
    if not head:
        raise UsageError("the stream gave no rows to learn from")
    return parse(codec).fit(np.concatenate(head)), chain(_each(head), stream)


def _each(held: list[Array]) -> Iterator[Array]:
    """Each of some arrays, which is then let go."""
    while held:
        yield held.pop(0)
