"""Units of messages tied to each other, so that groups of messages stay or go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attar.context.messages.groups import Group
from attar.context.units import Units


def linked(
    units: Units, message: NDArray[np.int64], groups: Sequence[Group]
) -> tuple[Units, NDArray[np.int64]]:
    """Each message that stays keeps its first unit at least, and so do all of its group.

    The first unit of each message needs that of the message before it in the group, the first
    message that of the group which its own needs; whatever else is said needs the last of these.
    So whoever is kept brings one unit of each message along.

    Args:
        units: what may be kept.
        message: (n,) the message of each unit.
        groups: all messages.

    Returns:
        The units, and for each group the unit that brings it, -1 where it has none.
    """
    needs, bound, atomic = units.needs.copy(), units.bound.copy(), units.atomic.copy()
    protected, ruled = units.protected.copy(), units.ruled.copy()
    brings = np.full(len(groups), -1, dtype=np.int64)
    last = np.full(len(groups), -1, dtype=np.int64)  # as `brings`, or that of what it needs
    for number, (group, own) in enumerate(zip(groups, _by_group(message, groups), strict=True)):
        before = int(last[group.needs]) if group.needs >= 0 else -1
        first = own[np.unique(message[own], return_index=True)[1]]
        roots = []
        for unit in first.tolist():
            roots.append(_root(needs, unit))
            needs[roots[-1]] = before
            before = unit
        bound[first[:-1]] = True
        bound[first[-1:]] = False
        atomic[roots] = True
        if group.kept:
            ruled[first] |= ~protected[first]
            protected[first] = True
        others = own[(needs[own] < 0) & ~np.isin(own, roots)]
        needs[others] = before
        brings[number] = before if len(first) else -1
        last[number] = before
    found = replace(
        units, needs=needs, bound=bound, atomic=atomic, protected=protected, ruled=ruled
    )
    return found, brings


def _root(needs: NDArray[np.int64], unit: int) -> int:
    """What a unit needs in the end, itself if nothing."""
    while needs[unit] >= 0:
        unit = int(needs[unit])
    return unit


def _by_group(message: NDArray[np.int64], groups: Sequence[Group]) -> list[NDArray[np.int64]]:
    """The units of each group, in order."""
    sizes = [len(group.members) for group in groups]
    number = np.zeros(sum(sizes), dtype=np.int64)
    number[[m for group in groups for m in group.members]] = np.repeat(
        np.arange(len(groups)), sizes
    )
    own = number[message]
    order = np.argsort(own, kind="stable")
    return np.split(order, np.searchsorted(own[order], np.arange(1, len(groups))))
