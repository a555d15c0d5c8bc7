"""`a + b`: what `a` leaves over is encoded with `b`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm
from typing import Any

from numpy.typing import NDArray

from attar.codec.arrays import Array
from attar.codec.base import Columns, Quantizer, Recipe, Weights
from attar.codec.columns import Spec
from attar.codec.state import State, join, part
from attar.errors import UsageError


@dataclass(frozen=True, repr=False, eq=False)
class Residual(Quantizer):
    """A progressive sum: reading the first terms alone gives a coarser answer.

    Args:
        terms: the quantizers, coarse to fine.
    """

    terms: tuple[Quantizer, ...]

    def __repr__(self) -> str:
        from attar.codec.chain import Chain

        return " + ".join(f"({t!r})" if isinstance(t, Chain) else repr(t) for t in self.terms)

    @property
    def block(self) -> int:
        """Rows that must be encoded together."""
        return lcm(*(t.block for t in self.terms))

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Learn each term from what the terms before it leave over."""
        learned: list[Mapping[str, NDArray[Any]]] = []
        for i, term in enumerate(self.terms):
            learned.append(term.learn(x, weights))
            if i + 1 < len(self.terms):
                state = State(x.shape[1], learned[-1])
                x = x - term.decode(state, term.encode(state, x))
        return join(learned)

    def encode(self, state: State, x: Array) -> Columns:
        """Each term encodes what is left."""
        columns: list[Columns] = []
        for i, term in enumerate(self.terms):
            child = state.child(i, state.dim)
            columns.append(term.encode(child, x))
            if i + 1 < len(self.terms):
                x = x - term.decode(child, columns[-1])
        return join(list(columns))

    def decode(self, state: State, columns: Columns) -> Array:
        """The sum of the terms."""
        return sum(
            term.decode(state.child(i, state.dim), part(columns, i))
            for i, term in enumerate(self.terms)
        )

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """The sum of the terms' scores."""
        return sum(
            term.score(state.child(i, state.dim), q, part(columns, i))
            for i, term in enumerate(self.terms)
        )

    def coarse(self, state: State, q: Array, columns: Columns) -> Array:
        """(nq, n) scores from the first term alone."""
        return self.terms[0].score(state.child(0, state.dim), q, part(columns, 0))

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The state of every term."""
        return join([t.state_specs(dim) for t in self.terms])

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """The columns of every term."""
        return join([t.column_specs(dim) for t in self.terms])


def add(a: Recipe, b: Recipe) -> Residual:
    """What `a + b` stands for.

    Raises:
        UsageError: if one of the two does not write codes.
    """
    terms: list[Quantizer] = []
    for recipe in (a, b):
        if not isinstance(recipe, Quantizer):
            raise UsageError(f"{recipe!r} writes no codes, so there is nothing to add to")
        terms += recipe.terms if isinstance(recipe, Residual) else (recipe,)
    return Residual(tuple(terms))
