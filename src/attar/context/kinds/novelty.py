"""Which of many alike records say something new: rare shapes, rare values, numbers far out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import log2
from statistics import median
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from attar.context.kinds.templates import shapes_of

Path: TypeAlias = tuple[str, ...]
"""The keys on the way to a value."""
Feature: TypeAlias = tuple[Path, str]

_DEEPEST = 4
_LONGEST = 200
# So many times the median deviation from the median is far out.
_FAR = 6.0
# Standard deviations: what stands once or twice is so much above what stands often.
_RARE = 4.0
_SELDOM = 2
_AGAIN = 3.0
# A record that is twice as long as is usual costs as much as two others, up to a point.
_LONG = 1.0
_LONG_AT_MOST = 1.0
# What a new record has in common with others comes after all that is new, before repetitions.
_REST = -1.2


class New(NamedTuple):
    """What is new about a record.

    Args:
        wanted: how much that is wanted, in standard deviations of scores.
        fields: where it stands: keys of the record; none if the record is like others.
    """

    wanted: float
    fields: frozenset[str] = frozenset()

    @property
    def rest(self) -> float:
        """How much the other fields of the record are wanted."""
        return min(self.wanted, _REST + self.wanted / 10) if self.fields else self.wanted


def novelty(records: Sequence[Any], sizes: Sequence[int] = ()) -> list[New]:
    """What is new about each record of a list.

    A record is as new as its rarest feature: which fields it has, what its texts are with numbers
    masked, and whether a number lies far from the others. Fields that differ almost everywhere,
    such as names, say nothing. A record whose features were all seen before is wanted less, and
    of records that are as new the long ones less.

    Args:
        records: what they say.
        sizes: how long each one is, if that is to count.
    """
    if len(records) < 4:
        return [New(0.0)] * len(records)
    found = _features(records)
    counts = Counter(feature for features in found for feature in features)
    kinds = Counter(path for path, _ in counts)
    often = Counter(path for features in found for path in {path for path, _ in features})
    telling = {path for path, n in kinds.items() if n <= max(2, often[path] // 2)}
    usual = median(sizes) if sizes else 1
    news = []
    seen: Counter[frozenset[Feature]] = Counter()
    for number, features in enumerate(found):
        told = frozenset(f for f in features if f[0] in telling)
        shape = told | {(path, "") for path, _ in features}
        seen[shape] += 1
        rarest = min((counts[f] for f in told), default=len(records))
        first = 1 / seen[shape]
        wanted = _RARE * first * min(1.0, _SELDOM / rarest) - _AGAIN * (1 - first)
        if sizes and sizes[number] > usual:
            wanted -= min(_LONG_AT_MOST, _LONG * log2(sizes[number] / usual))
        new = {path[0] for path, value in told if path and counts[path, value] <= _SELDOM}
        news.append(New(wanted, frozenset(new)))
    return news


def _features(records: Sequence[Any]) -> list[frozenset[Feature]]:
    """What stands where in each record."""
    columns: dict[Path, list[tuple[int, Any]]] = {}
    for number, record in enumerate(records):
        for path, value in _leaves(record):
            columns.setdefault(path, []).append((number, value))
    found: list[list[Feature]] = [[] for _ in records]
    for path, column in columns.items():
        near = _near([float(value) for _, value in column if _number(value)])
        texts = iter(shapes_of([v[:_LONGEST] for _, v in column if isinstance(v, str)]))
        for number, value in column:
            shape = f"text {next(texts)}" if isinstance(value, str) else _shape(value, near)
            found[number].append((path, shape))
    return [frozenset(features) for features in found]


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and len(path) < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _near(numbers: Sequence[float]) -> tuple[float, float]:
    """Below and above which a number is far from the others."""
    if not numbers:
        return (0.0, 0.0)
    middle = float(np.median(numbers))
    spread = float(np.median(np.abs(np.array(numbers) - middle)))
    return (middle - _FAR * spread, middle + _FAR * spread)


def _shape(value: Any, near: tuple[float, float]) -> str:
    if _number(value):
        return "number" if near[0] <= value <= near[1] else f"far {value!r}"
    return repr(value) if value is None or isinstance(value, bool) else type(value).__name__
