"""Functions that make the question likely, and of these the blocks that do (LongCodeZip)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from attar.allocate import knapsack
from attar.context.context import Context, Task
from attar.context.prune.reading import TextReader
from attar.context.rank import standardised
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register

# Tokens without a question to make likely.
_ALONE = ""


@register(
    "longcodezip",
    target="context",
    needs=("language model",),
    paper="LongCodeZip (Shi et al., ASE 2025, arXiv 2510.00446)",
)
@dataclass(frozen=True, repr=False)
class LongCodeZip(Stage):
    """Keep blocks of the functions after which a language model finds the question likeliest.

    A group of units (a function, a class's own lines, a paragraph) is worth how much less
    surprising the question is after it. The best groups share the budget by their worth. Each is
    cut into blocks where a statement is more surprising than those around it, and a knapsack
    picks the blocks whose worth is greatest within the group's share. Signatures and whatever
    else a statement needs come along.

    Args:
        parts: "blocks", or "functions" to keep the best of these whole and read less.
        model: "default" (SmolLM2), a folder or a hub id; it must say how likely a text is.
        reach: how much is read, in budgets: the best groups by the scores of the stages before.
        wide: how much the groups that are cut into blocks hold, in budgets.
        jump: standard deviations by which a statement that begins a block surprises more.
        tilt: how much the share of a group depends on its worth; 0 gives all the same share.
        weight: of the scores of the stages before, beside what the model says.
    """

    parts: tuple[str, ...] = ("blocks",)
    model: str = "default"
    reach: float = 4.0
    wide: float = 2.0
    jump: float = 0.5
    tilt: float = 0.5
    weight: float = 0.5

    name: ClassVar[str] = "longcodezip"

    def __post_init__(self) -> None:
        self._knows(self.parts, "blocks", "functions")
        for name in ("reach", "wide"):
            if not getattr(self, name) > 0:
                raise UsageError(
                    f"{name} of longcodezip is a number above 0, not {getattr(self, name)!r}"
                )

    def apply(self, context: Context, task: Task) -> Context:
        """Keep units; their scores are what they are worth.

        Raises:
            UsageError: if there is no question.
            ModelError: if the model is not there, or behind HTTP.
        """
        question = task.asked("the stage 'longcodezip'")
        if not len(context.units):
            return context
        reader = TextReader(self.model)
        costs = task.costs(context)
        groups = _stretches(context.units.paragraph)
        prices = np.array([costs[a:b].sum() for a, b in groups])
        scored = np.where(np.isneginf(context.scores), 0.0, context.scores)
        hoped = np.array([scored[a:b].max() for a, b in groups])
        best = _within(hoped, prices, self.reach * task.limit)
        worth = np.full(len(groups), -np.inf)
        worth[best] = _worth(reader, [_text(context, *groups[g]) for g in best], question)
        worth[np.isinf(worth)] = worth[best].min()
        worth = standardised(worth) + self.weight * standardised(hoped)

        scores = np.repeat(worth, [b - a for a, b in groups]) + context.units.prior
        kept = np.zeros(len(costs), dtype=bool)
        if self.parts == ("functions",):
            return context.keep(kept).scored(scores)
        chosen = _within(worth, prices, self.wide * task.limit)
        rooms = shares(worth[chosen], prices[chosen], task.limit, self.tilt)
        blocks = [self._blocks(context, reader, *groups[g]) for g in chosen]
        told = iter(_worth(reader, [_text(context, a, b) for some in blocks for a, b in some],
                           question))  # fmt: skip
        for some, room in zip(blocks, rooms.tolist(), strict=True):
            values = np.array([next(told) for _ in some])
            sizes = np.array([costs[a:b].sum() for a, b in some])
            for (a, b), value, take in zip(
                some, standardised(values), picked(sizes, values, room), strict=True
            ):
                kept[a:b] = take
                scores[a:b] += value
        return context.keep(kept & ~context.units.bound).scored(scores)

    def _blocks(
        self, context: Context, reader: TextReader, start: int, stop: int
    ) -> list[tuple[int, int]]:
        """Units `start` to `stop` in blocks."""
        units = context.units
        begins = int(units.start[start])
        tokens = reader.surprisals([_text(context, start, stop)])[0]
        owner = np.searchsorted(units.start[start:stop] - begins, tokens.offsets[:, 0], "right") - 1
        total = np.bincount(owner, weights=tokens.values[:, 0], minlength=stop - start)
        count = np.bincount(owner, minlength=stop - start)
        return [
            (start + a, start + b)
            for a, b in pairwise(
                [0, *jumps(total / np.maximum(count, 1), self.jump).tolist(), stop - start]
            )
        ]


def jumps(surprise: NDArray[np.float64], least: float) -> NDArray[np.int64]:
    """Where values are greater than both neighbours by `least` standard deviations of all."""
    if len(surprise) < 3:
        return np.zeros(0, dtype=np.int64)
    margin = least * float(surprise.std())
    before = surprise[1:-1] > surprise[:-2] + margin
    after = surprise[1:-1] > surprise[2:] + margin
    return 1 + np.flatnonzero(before & after)


def shares(
    worth: NDArray[np.float64], sizes: NDArray[np.int64], limit: int, tilt: float
) -> NDArray[np.int64]:
    """What of each group may remain: more of what is worth more, none more than it has.

    Args:
        worth: (n,) what each group is worth.
        sizes: (n,) what each holds.
        limit: what all together may take.
        tilt: from 0, the same ratio for all, to 1.
    """
    low, high = float(worth.min(initial=0)), float(worth.max(initial=0))
    rank = (worth - low) / (high - low) if high > low else np.full(len(worth), 0.5)
    wanted = sizes * (1 + tilt * (2 * rank - 1))
    full = np.zeros(len(sizes), dtype=bool)
    room = wanted
    for _ in range(len(sizes) + 1):  # what one group cannot use goes to the others
        left = limit - sizes[full].sum()
        part = wanted[~full].sum()
        room = np.where(full, sizes, wanted * (max(left, 0) / part if part else 0))
        over = ~full & (room > sizes)
        if not over.any():
            break
        full |= over
    return np.minimum(np.floor(room), sizes).astype(np.int64)


def picked(sizes: NDArray[np.int64], values: NDArray[np.float64], room: int) -> NDArray[np.bool_]:
    """Which blocks to take: those of the greatest value in all that fit (0/1 knapsack)."""
    if not len(sizes):
        return np.zeros(0, dtype=bool)
    # Worth is a difference of losses and may be below 0; a block is still better than none.
    gains = values - values.min() + 0.1 * (np.ptp(values) or 1.0)
    levels = np.stack([np.zeros_like(sizes), sizes], axis=1)
    losses = np.stack([gains, np.zeros_like(gains)], axis=1)
    return knapsack(levels, losses, room).astype(np.bool_)


def _worth(reader: TextReader, texts: list[str], question: str) -> NDArray[np.float64]:
    """How much less surprising the question is after each text: approximate mutual information."""
    losses = reader.losses_after([_ALONE, *texts], "\n" + question)
    worth: NDArray[np.float64] = losses[0] - losses[1:]
    return worth


def _stretches(paragraph: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Runs of units of one group."""
    edges = [0, *(np.flatnonzero(np.diff(paragraph)) + 1).tolist(), len(paragraph)]
    return list(pairwise(edges))


def _within(
    scores: NDArray[np.float64], sizes: NDArray[np.int64], room: float
) -> NDArray[np.int64]:
    """The best, as many as reach the room, in the order of the text."""
    order = np.argsort(-scores, kind="stable")
    return np.sort(order[: 1 + int(np.searchsorted(np.cumsum(sizes[order]), room))])


def _text(context: Context, start: int, stop: int) -> str:
    units = context.units
    return context.view.text[int(units.start[start]) : int(units.end[stop - 1])]
