"""How a whole recipe is scanned: its transforms on the query, the nibbles of its last stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array
from attar.codec.base import Quantizer, Transform
from attar.codec.nibbles import Nibbles
from attar.codec.state import State
from attar.codec.unit import Unit

if TYPE_CHECKING:
    from attar.codec.encoded import Encoded

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ScanPlan:
    """What a scan needs to know of a fitted recipe.

    Args:
        column: the codes that are scanned.
        nibbles: what they stand for.
        unit: whether rows are scaled to length 1 (`Unit`) after what the nibbles tell.
        whole: whether they tell the whole score; if not (`a + b`), that of the first term.
        stages: the transforms that a query passes, with their states.
        inner: what follows `Unit`, with its state and the number that its columns begin with.
    """

    column: str
    nibbles: Nibbles
    unit: bool
    whole: bool
    stages: tuple[tuple[Transform, State], ...]
    inner: tuple[Quantizer, State, int]

    def queries(self, q: Floats) -> tuple[Floats, Floats]:
        """Queries as they come to the nibbles, and (nq,) what each adds to every score."""
        probe = _Probe(self.stages)
        constant = probe.score(q)[:, 0]
        return np.ascontiguousarray(probe.last, np.float32), constant.astype(np.float32)

    def lengths(self, codes: Encoded) -> Floats:
        """(n,) lengths of rows as the codes tell them, before `Unit` scales them to 1."""
        coder, state, number = self.inner
        columns: Mapping[str, Any] = codes.columns
        if number:
            columns = _later(columns, number)
        zero = np.zeros(state.dim, np.float32)
        squares = np.maximum(coder.square_norms(state, columns, zero), 0)
        lengths: Floats = np.sqrt(squares).astype(np.float32)
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
    column = "codes"
    if isinstance(coder, Chain):
        column, own = f"{len(transforms)}.codes", state.child(len(transforms), dim)
    else:
        own = state
    whole = not isinstance(last, Residual)
    first: Quantizer = last
    if isinstance(last, Residual):
        first, own = last.terms[0], own.child(0, dim)
        column = column.removesuffix("codes") + "0.codes"
    nibbles = first.nibbles(own)
    if nibbles is None:
        return None
    inner: tuple[Quantizer, State, int] = (coder, state, 0)
    if unit and isinstance(coder, Chain):
        arrays = _later(state.arrays, 1)
        rest = Chain(coder.transforms[1:], coder.last)
        inner = (rest, State(state.dim, arrays), 1)
    return ScanPlan(column, nibbles, unit, whole, tuple(stages), inner)


def _later(joined: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The names of a chain's stages from `number` on, counted from 0 again."""
    split = (name.partition(".") for name in joined)
    return {
        f"{int(stage) - number}.{rest}": joined[f"{stage}.{rest}"]
        for stage, _, rest in split
        if int(stage) >= number
    }


class _Probe:
    """Stands for the rows of a chain: notes with what they would be scored."""

    def __init__(self, stages: tuple[tuple[Transform, State], ...]) -> None:
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
        raise NotImplementedError  # pragma: no cover - linear transforms never ask

    def own_square_norms(self, beside: Array) -> Array:
        raise NotImplementedError  # pragma: no cover
