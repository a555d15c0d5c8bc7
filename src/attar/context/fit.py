"""The budget, exactly: what is kept is counted as a whole, then trimmed or filled up.

Tokens are not additive: two stretches side by side may take fewer or more tokens than the sum.
Stages therefore work with estimates, and every chain ends here, where the text itself is counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from attar.context.context import Context, Task
from attar.context.fill import fill
from attar.context.protect import Range
from attar.errors import BudgetError
from attar.segmentation.graphemes import cluster_ends
from attar.segmentation.scripts import unspaced

# A result that uses this share of its budget is not filled up with parts of sentences. Promised
# are 95%, also of a share of the input that is no whole number of tokens.
ENOUGH = 0.96
# From this budget on the share is promised, if need be by a cut inside a word.
PROMISED_FROM = 200
_TRIALS = 24


def fit(context: Context, task: Task) -> Context:
    """Keep as much as the budget allows and never more, best scores first.

    Raises:
        BudgetError: if the protected text alone is longer than the budget.
    """
    context = _trim(context, task)
    context = _frame(context, task)
    context = _add_units(context, task)
    return _add_parts(context, task)


def _trim(context: Context, task: Task) -> Context:
    """Drop the least wanted units until the rest fits."""
    costs = task.costs(context)
    while (over := task.count(context) - task.limit) > 0:
        units = context.units
        fixed = units.completed(np.zeros(len(units), dtype=bool)) | units.bound
        free = np.flatnonzero(context.kept & ~fixed)
        if not len(free):
            if context.extra:
                context = context.keep(context.kept)
                continue
            unit = task.counter.unit
            raise BudgetError(
                f"the protected text alone takes {over + task.limit} {unit},"
                f" but the budget allows {task.limit}: protect less or allow more",
                needed=over + task.limit,
                allowed=task.limit,
            )
        worst = free[np.argsort(context.scores[free], kind="stable")]
        enough = int(np.searchsorted(np.cumsum(costs[worst]), over)) + 1
        kept = context.kept.copy()
        kept[worst[:enough]] = False
        context = context.keep(units.standing(kept))
    return context


def _frame(context: Context, task: Task) -> Context:
    """Of what must stay whole, such as JSON, at least its brackets, where the estimates forbade."""
    opening = np.flatnonzero(context.units.atomic & ~context.units.bound)
    if context.kept.any() or not len(opening):
        return context
    kept = context.kept.copy()
    kept[opening[0]] = True
    framed = context.keep(kept)
    return framed if task.count(framed) <= task.limit else context


def _add_units(context: Context, task: Task) -> Context:
    """Add whole units where trimming or the estimates left room for them."""
    costs = task.costs(context)
    for _ in range(_TRIALS):
        used = task.count(context)
        if used >= ENOUGH * task.limit:
            break
        order = _wanted(context)
        picks = fill(order, costs, task.limit - used, context.units, context.kept, task.limit)
        while len(picks):
            kept = context.kept.copy()
            kept[picks] = True
            # What was picked last may be gone while what it needed is still there.
            wider = context.keep(context.units.standing(kept))
            over = task.count(wider) - task.limit
            if over <= 0:
                context = wider
                break
            tail = np.cumsum(costs[picks[::-1]])
            picks = picks[: -(int(np.searchsorted(tail, over)) + 1)]
        if not len(picks):
            break
    return context


def _add_parts(context: Context, task: Task) -> Context:
    """Use what is left for the beginnings of the best units that are still out."""
    promised = task.limit >= PROMISED_FROM
    levels: list[Callable[[str], list[int]]] = [_word_ends]
    if promised or not context.kept.any():
        levels += [cluster_ends, _character_ends]
    used = task.count(context)
    for ends in levels:
        failed = 0
        for start, end in _candidates(context, white=ends is not _word_ends):
            if used >= ENOUGH * task.limit or failed >= _TRIALS:
                break
            if context.extra and not promised:  # one sentence cut short is enough
                return context
            wider = _longest(context, task, start, ends(context.view.text[start:end]))
            if wider is None:
                failed += 1
                continue
            context, used = wider, task.count(wider)
    return context


def _longest(context: Context, task: Task, start: int, ends: list[int]) -> Context | None:
    """With the longest beginning of a range that fits, cut at one of `ends`; None if none fits."""
    fitting: Context | None = None

    def exceeds(end: int) -> bool:
        nonlocal fitting
        wider = replace(context, extra=_with(context.extra, (start, start + end)))
        if task.count(wider) > task.limit:
            return True
        fitting = wider
        return False

    bisect_left(ends, True, key=exceeds)
    return fitting


def _with(extra: tuple[Range, ...], part: Range) -> tuple[Range, ...]:
    """The ranges and one more; it takes the place of a shorter one from the same start."""
    return (*(r for r in extra if r[0] != part[0]), part)


def _wanted(context: Context) -> np.ndarray:
    """Units that are out and not ruled out, best first."""
    out = np.flatnonzero(~context.kept & ~np.isneginf(context.scores))
    return out[np.argsort(-context.scores[out], kind="stable")]


def _candidates(context: Context, white: bool) -> Iterator[Range]:
    """Ranges that may be added in part: units that are out, best first, then white space."""
    units = context.units
    for i in _wanted(context):
        if not units.atomic[i] and (units.needs[i] < 0 or context.kept[units.needs[i]]):
            yield int(units.start[i]), int(units.end[i])
    if white and not np.isneginf(context.scores).any():
        starts = [0, *units.end.tolist()]
        ends = [*units.start.tolist(), len(context.view.text)]
        strict = [False, *units.atomic.tolist(), False]
        for gap in range(len(starts)):
            if starts[gap] < ends[gap] and not (strict[gap] or strict[gap + 1]):
                yield starts[gap], ends[gap]


def _word_ends(text: str) -> list[int]:
    """Where a word ends; between the characters of scripts without spaces, where a cluster does."""
    clusters = cluster_ends(text)
    return [
        end
        for end in clusters
        if end == len(text)
        or (text[end].isspace() and not text[end - 1].isspace())
        or unspaced(text[end - 1])
        or unspaced(text[end])
    ]


def _character_ends(text: str) -> list[int]:
    return list(range(1, len(text) + 1))
