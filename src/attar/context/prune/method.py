"""What a method of pruning says: how much paragraphs and tokens are wanted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.context.protect import Range
from attar.context.prune.pieces import words

Values: TypeAlias = NDArray[np.float64]


class Tokens(NamedTuple):
    """What a method found about the tokens of one text.

    Args:
        offsets: (n, 2) where each lies, in characters of the text, in order.
        values: (n, k) one or more figures for each; what they mean is the method's own.
    """

    offsets: NDArray[np.int64]
    values: Values


class Method(ABC):
    """One way to prune, made for one text: `make(model, task)`.

    The stage asks in this order: `rank` (once, if no stage before it has ranked), `weigh`, and
    `places` for each text that was weighed, or for all of them together.
    """

    everywhere: ClassVar[bool] = False
    """Whether pieces of all texts compete; otherwise each text keeps its own share."""

    def rank(self, paragraphs: Sequence[str]) -> Values | None:
        """How much each paragraph is wanted, (n,), or None to read all of them."""
        return None

    def cut(self, text: str) -> list[Range]:
        """What is kept or dropped at once: words, unless a method says otherwise."""
        return words(text)

    @abstractmethod
    def weigh(self, texts: Sequence[str]) -> list[Tokens]:
        """Figures for the tokens of each text."""

    def changes(self, n: int) -> Values:
        """What is added to the share kept of each of `n` texts, the most wanted first."""
        return np.zeros(n)

    def places(self, values: Values, costs: Values, share: float, number: float) -> Values:
        """At which share of the text each piece is taken, from 0 (first) to 1 (last).

        Args:
            values: (pieces, k) means over the tokens of each piece.
            costs: (pieces,) tokens of each piece.
            share: how much of this text is to be kept.
            number: this text's place among all, from 0 (the most wanted) to 1.
        """
        return descending(values[:, 0], costs)


def descending(values: Values, costs: Values) -> Values:
    """The share of all costs that stands before the middle of each piece, highest value first."""
    order = np.argsort(-values, kind="stable")
    ordered = costs[order]
    total = max(float(ordered.sum()), 1.0)
    places = np.empty(len(values))
    places[order] = (np.cumsum(ordered) - ordered / 2) / total
    return places


def slope(n: int, steepness: float) -> Values:
    """`n` numbers that fall evenly from `steepness` to minus it; their mean is 0."""
    return np.linspace(steepness, -steepness, n) if n > 1 else np.zeros(n)
