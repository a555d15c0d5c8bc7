"""Which of many alike records say something new: rare shapes, rare values, numbers far out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from attar.context.kinds.templates import masked

Feature: TypeAlias = tuple[str, str]

_DEEPEST = 4
_LONGEST = 200
# So many times the median deviation from the median is far out.
_FAR = 6.0
# Standard deviations: what stands once is so much above what stands often.
_RARE = 4.0
_AGAIN = 3.0


def novelty(records: Sequence[Any]) -> list[float]:
    """How much each record of a list is wanted, in standard deviations of scores.

    A record is as new as its rarest feature: which fields it has, what its texts are with numbers
    masked, and whether a number lies far from the others. Fields that differ almost everywhere,
    such as names, say nothing. A record whose features were all seen before is wanted less.
    """
    if len(records) < 4:
        return [0.0] * len(records)
    far = _far_out(records)
    found = [
        frozenset((path, _shape(value, far.get(path))) for path, value in _leaves(record))
        for record in records
    ]
    counts = Counter(feature for features in found for feature in features)
    kinds = Counter(path for path, _ in counts)
    fields = Counter(path for features in found for path in {path for path, _ in features})
    telling = {path for path, n in kinds.items() if n <= max(2, fields[path] // 2)}
    scores = []
    seen: Counter[frozenset[Feature]] = Counter()
    for features in found:
        told = frozenset(f for f in features if f[0] in telling)
        shape = frozenset((path, "") for path, _ in features)
        seen[told | shape] += 1
        again = 1 - 1 / seen[told | shape]
        rarest = min((counts[f] for f in told), default=len(records))
        scores.append(_RARE / rarest - _AGAIN * again)
    return scores


def _leaves(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}/{key}", depth + 1)
    else:
        yield path, value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _far_out(records: Sequence[Any]) -> dict[str, tuple[float, float]]:
    """For each path with numbers, below and above which one is far out."""
    numbers: dict[str, list[float]] = {}
    for record in records:
        for path, value in _leaves(record):
            if _number(value):
                numbers.setdefault(path, []).append(float(value))
    bounds = {}
    for path, values in numbers.items():
        middle = float(np.median(values))
        spread = float(np.median(np.abs(np.array(values) - middle)))
        bounds[path] = (middle - _FAR * spread, middle + _FAR * spread)
    return bounds


def _shape(value: Any, bounds: tuple[float, float] | None) -> str:
    if isinstance(value, str):
        return "text " + masked(value[:_LONGEST])
    if _number(value) and bounds is not None:
        return "number" if bounds[0] <= value <= bounds[1] else f"far {value!r}"
    return repr(value) if value is None or isinstance(value, bool) else type(value).__name__
