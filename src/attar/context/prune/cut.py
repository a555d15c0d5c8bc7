"""Units into the pieces of which some are kept."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context
from attar.context.prune.method import Method
from attar.context.units import Units


def cut(
    context: Context, read: NDArray[np.bool_], method: Method
) -> tuple[Units, NDArray[np.int64]]:
    """The units, those that were read cut into pieces, and the unit of each piece.

    What is protected, never kept in part, needed by other units or a heading stays whole.

    Args:
        context: units and their text.
        read: (n,) which units may be cut.
        method: says what a piece is.
    """
    units = context.units
    whole = ~read | units.protected | units.atomic | units.bound | (units.needs >= 0)
    for others in (units.needs, units.head):
        whole[others[others >= 0]] = True
    ranges = zip(units.start.tolist(), units.end.tolist(), strict=True)
    parts = [
        [] if whole[i] else method.cut(context.view.text[start:end])
        for i, (start, end) in enumerate(ranges)
    ]
    # Text without a word or a mark is one piece.
    parts = [
        cuts or [(0, length)]
        for cuts, length in zip(parts, (units.end - units.start).tolist(), strict=True)
    ]
    owner = np.repeat(np.arange(len(units), dtype=np.int64), [len(cuts) for cuts in parts])
    first = np.searchsorted(owner, np.arange(len(units), dtype=np.int64))
    inner = np.array([pair for cuts in parts for pair in cuts], dtype=np.int64).reshape(-1, 2)
    columns: dict[str, Any] = {
        field.name: column[owner]
        for field in fields(units)
        if isinstance(column := getattr(units, field.name), np.ndarray)
    }
    columns["start"] = units.start[owner] + inner[:, 0]
    columns["end"] = units.start[owner] + inner[:, 1]
    columns["needs"] = _moved(columns["needs"], first)
    # A heading was taken when its sentence was; a word does not bring it along.
    columns["head"] = np.where(whole[owner], _moved(columns["head"], first), -1)
    return replace(units, **columns), owner


def _moved(others: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of units as numbers of their first pieces; -1 stays."""
    return np.where(others >= 0, first[others], -1)
