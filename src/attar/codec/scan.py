"""How a whole recipe is scanned: its transforms on the query, the nibbles of its last stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array
from attar.codec.base import Quantizer, Transform
from attar.codec.nibbles import Nibbles
from attar.codec.paths import Ring
from attar.codec.state import State
from attar.codec.unit import Unit

if TYPE_CHECKING:
    from attar.codec.encoded import Encoded

Floats = NDArray[np.float32]
Stages: TypeAlias = tuple[tuple[Transform, State], ...]

WIDEST = 1024
"""Rows up to this width pass their transforms as one matrix."""


@dataclass(frozen=True, slots=True, eq=False)
class Fine:
    """The second term of `a + b`, as compiled code reads it row by row.

    Args:
        column: its codes.
        nibbles: what they stand for, if they lie in nibbles.
        ring: what they stand for, if they are rings; one of the two is given.
    """

    column: str
    nibbles: Nibbles | None
    ring: Ring | None


@dataclass(frozen=True, slots=True, eq=False)
class ScanPlan:
    """What a scan needs to know of a fitted recipe.

    A row's score is the inner product of the query, as it leaves the transforms, with what its
    codes stand for, and a constant of the query. Its squared length is that of what its codes
    stand for, moved by `shift`, and `outside`.

    Args:
        column: the codes that are scanned.
        nibbles: what they stand for.
        unit: whether rows are scaled to length 1 (`Unit`) after what the nibbles tell.
        whole: whether they tell the whole score; if not (`a + b`), that of the first term.
        fine: the second term where two tell the whole score, and compiled code can read it.
        stages: the transforms that a query passes, with their states.
        term: what writes the scanned column, with its state.
        shift: (d,) of the rows' lengths, d wide as the scanned term is.
        outside: of the rows' squared lengths.
        turn: (queries' width, d + 1) all transforms as one matrix, with what they add to every
            score as its last column; None: there are none, or rows are so wide that the matrix
            would be slower.
    """

    column: str
    nibbles: Nibbles
    unit: bool
    whole: bool
    fine: Fine | None
    stages: Stages
    term: tuple[Quantizer, State]
    shift: Floats
    outside: float
    turn: Floats | None = None

    def queries(self, q: Floats) -> tuple[Floats, Floats]:
        """Queries as they come to the nibbles, and (nq,) what each adds to every score."""
        if self.turn is not None:
            turned = q @ self.turn
            return np.ascontiguousarray(turned[:, :-1]), np.ascontiguousarray(turned[:, -1])
        return _through(self.stages, q)

    def lengths(self, codes: Encoded) -> Floats:
        """(n,) lengths of rows as the scanned column tells them, before `Unit` makes them 1."""
        coder, state = self.term
        prefix = self.column.removesuffix("codes")
        columns = {
            k.removeprefix(prefix): c for k, c in codes.columns.items() if k.startswith(prefix)
        }
        squares = coder.square_norms(state, columns, self.shift) + np.float32(self.outside)
        lengths: Floats = np.sqrt(np.maximum(squares, 0)).astype(np.float32)
        return lengths


def scan_plan(coder: Quantizer, state: State) -> ScanPlan | None:
    """The plan of a recipe; None: its codes are not such that nibbles tell the score."""
    from attar.codec.chain import Chain
    from attar.codec.residual import Residual

    transforms: tuple[Transform, ...] = coder.transforms if isinstance(coder, Chain) else ()
    last = coder.last if isinstance(coder, Chain) else coder
    unit = bool(transforms) and transforms[0] == Unit()
    dim = state.dim
    stages = []
    for i, stage in enumerate(transforms):
        if stage.column_specs(dim) or (isinstance(stage, Unit) and i):
            return None
        if not isinstance(stage, Unit):
            stages.append((stage, state.child(i, dim)))
        dim = stage.width(dim)
    prefix, own = "", state
    if isinstance(coder, Chain):
        prefix, own = f"{len(transforms)}.", state.child(len(transforms), dim)
    first, fine = last, None
    if isinstance(last, Residual):
        if len(last.terms) == 2:
            fine = _fine(f"{prefix}1.codes", last.terms[1], own.child(1, dim))
        first, own, prefix = last.terms[0], own.child(0, dim), f"{prefix}0."
    nibbles = first.nibbles(own)
    if nibbles is None:
        return None
    lengths = _Probe(tuple(stages))
    outside = lengths.square_norms(np.zeros(stages[0][1].dim if stages else dim, np.float32))
    return ScanPlan(
        column=f"{prefix}codes",
        nibbles=nibbles,
        unit=unit,
        whole=not isinstance(last, Residual),
        fine=fine,
        stages=tuple(stages),
        term=(first, own),
        shift=np.ascontiguousarray(lengths.last, np.float32),
        outside=float(outside[0]),
        turn=_as_matrix(tuple(stages)),
    )


def _through(stages: Stages, q: Floats) -> tuple[Floats, Floats]:
    probe = _Probe(stages)
    constant = probe.score(q)[:, 0]
    return np.ascontiguousarray(probe.last, np.float32), constant.astype(np.float32)


def _as_matrix(stages: Stages) -> Floats | None:
    if not stages or stages[0][1].dim > WIDEST:
        return None
    turned, constant = _through(stages, np.eye(stages[0][1].dim, dtype=np.float32))
    return np.concatenate([turned, constant[:, None]], axis=1)


def _fine(column: str, term: Quantizer, state: State) -> Fine | None:
    if set(term.column_specs(state.dim)) != {"codes"}:
        return None
    nibbles, ring = term.nibbles(state), term.ring(state)
    return None if nibbles is None and ring is None else Fine(column, nibbles, ring)


class _Probe:
    """Stands for the rows of a chain: notes with what they would be scored or moved."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self.last: Array = np.zeros((0, 0), np.float32)

    def score(self, q: Array) -> Array:
        if not self._stages:
            self.last = q
            return np.zeros((len(q), 1), np.float32)
        stage, state = self._stages[0]
        following = _Probe(self._stages[1:])
        constant = stage.score(state, q, {}, following)
        self.last = following.last
        return constant

    def square_norms(self, shift: Array) -> Array:
        if not self._stages:
            self.last = shift
            return np.zeros(1, np.float32)
        stage, state = self._stages[0]
        following = _Probe(self._stages[1:])
        constant = stage.square_norms(state, {}, shift, following)
        self.last = following.last
        return constant

    def own_square_norms(self, beside: Array) -> Array:
        raise NotImplementedError  # pragma: no cover - linear transforms never ask
