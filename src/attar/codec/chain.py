"""`a >> b >> c`: transforms, then a quantizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from attar.codec.arrays import Array, namespace
from attar.codec.base import Columns, Quantizer, Recipe, Transform, Weights
from attar.codec.columns import Spec
from attar.codec.state import State, join, part
from attar.errors import UsageError


@dataclass(frozen=True, repr=False, eq=False)
class Chain(Quantizer):
    """Feeds each stage into the next.

    Args:
        transforms: the stages that change rows, in order.
        last: the stage that writes them.
    """

    transforms: tuple[Transform, ...]
    last: Quantizer

    def __repr__(self) -> str:
        from attar.codec.float import Float

        stages = [repr(t) for t in self.transforms]
        if self.last != Float():  # what `ends_in_floats` added is not written
            stages.append(repr(self.last))
        return " >> ".join(stages)

    @property
    def block(self) -> int:
        """Rows that must be encoded together."""
        return self.last.block

    def _dims(self, dim: int) -> list[int]:
        dims = [dim]
        for stage in self.transforms:
            dims.append(stage.width(dims[-1]))
        return dims

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Learn each stage from what the stages before it give."""
        learned: list[Mapping[str, NDArray[Any]]] = []
        for stage in self.transforms:
            stage.width(x.shape[1])
            learned.append(stage.learn(x, weights))
            state = State(x.shape[1], learned[-1])
            x, _ = stage.forward(state, x)
            weights = stage.carry(state, weights) if weights is not None else None
        learned.append(self.last.learn(x, weights))
        return join(learned)

    def encode(self, state: State, x: Array) -> Columns:
        """Through every stage; what a transform keeps is stored beside the codes."""
        kept: list[Mapping[str, Any]] = []
        dims = self._dims(state.dim)
        for i, stage in enumerate(self.transforms):
            x, columns = stage.forward(state.child(i, dims[i]), x)
            kept.append(columns)
        last = len(self.transforms)
        kept.append(self.last.encode(state.child(last, dims[last]), x))
        return join(kept)

    def decode(self, state: State, columns: Columns) -> Array:
        """Back through every stage."""
        dims = self._dims(state.dim)
        last = len(self.transforms)
        y = self.last.decode(state.child(last, dims[last]), part(columns, last))
        for i in reversed(range(last)):
            y = self.transforms[i].backward(state.child(i, dims[i]), y, part(columns, i))
        return y

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """Take the query through the transforms instead of taking the rows back."""
        return _Rest(self, state, columns, 0, self._dims(state.dim)).score(q)

    def square_norms(self, state: State, columns: Columns, shift: Array) -> Array:
        """Take the shift through the transforms instead of taking the rows back."""
        return _Rest(self, state, columns, 0, self._dims(state.dim)).square_norms(shift)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The state of every stage."""
        dims = self._dims(dim)
        return join([s.state_specs(d) for s, d in zip(self._stages(), dims, strict=True)])

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """The columns of every stage."""
        dims = self._dims(dim)
        return join([s.column_specs(d) for s, d in zip(self._stages(), dims, strict=True)])

    def _stages(self) -> list[Transform | Quantizer]:
        return [*self.transforms, self.last]


@dataclass(frozen=True, slots=True)
class _Rest:
    """A chain from one of its stages on."""

    chain: Chain
    state: State
    columns: Columns
    stage: int
    dims: list[int]

    def _at(self) -> tuple[State, Columns]:
        return self.state.child(self.stage, self.dims[self.stage]), part(self.columns, self.stage)

    def _next(self) -> _Rest:
        return _Rest(self.chain, self.state, self.columns, self.stage + 1, self.dims)

    def score(self, q: Array) -> Array:
        state, columns = self._at()
        if self.stage == len(self.chain.transforms):
            return self.chain.last.score(state, q, columns)
        return self.chain.transforms[self.stage].score(state, q, columns, self._next())

    def square_norms(self, shift: Array) -> Array:
        state, columns = self._at()
        if self.stage == len(self.chain.transforms):
            return self.chain.last.square_norms(state, columns, shift)
        stage = self.chain.transforms[self.stage]
        return stage.square_norms(state, columns, shift, self._next())

    def own_square_norms(self, beside: Array) -> Array:
        notes = getattr(self.columns, "notes", None)
        name = f"square norms {self.stage}"
        if notes is not None and name in notes:
            return notes[name]
        squares = self.square_norms(namespace(beside).zeros_like(beside))
        if notes is not None:
            notes[name] = squares
        return squares


@dataclass(frozen=True, repr=False, eq=False)
class Transforms(Recipe):
    """A chain that nothing ends yet: it becomes a `Chain` when a quantizer follows."""

    stages: tuple[Transform, ...]

    def __repr__(self) -> str:
        return " >> ".join(map(repr, self.stages))

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Learn as the chain that ends in floats does."""
        return ends_in_floats(self).learn(x, weights)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """Those of the chain that ends in floats."""
        return ends_in_floats(self).state_specs(dim)


def chain(a: Recipe, b: Recipe) -> Recipe:
    """What `a >> b` stands for.

    Raises:
        UsageError: if something follows a quantizer that cannot read its codes.
    """
    from attar.codec.entropy import Entropy
    from attar.codec.symbols import coded

    if not isinstance(b, Recipe):
        raise UsageError(f"a recipe cannot feed {type(b).__name__}: give a codec")
    if isinstance(b, Entropy):
        if isinstance(a, Chain):
            return Chain(a.transforms, coded(a.last, b))
        return coded(a, b)
    head: tuple[Transform, ...]
    if isinstance(a, Transforms):
        head = a.stages
    elif isinstance(a, Transform):
        head = (a,)
    else:
        raise UsageError(f"{a!r} already ends in a quantizer: only Entropy() can follow it")
    if isinstance(b, Chain):
        return Chain((*head, *b.transforms), b.last)
    if isinstance(b, Quantizer):
        return Chain(head, b)
    return Transforms((*head, *(b.stages if isinstance(b, Transforms) else (b,))))


def ends_in_floats(recipe: Recipe) -> Quantizer:
    """The recipe as a quantizer; transforms alone store what they give as float32."""
    from attar.codec.float import Float

    if isinstance(recipe, Quantizer):
        return recipe
    if isinstance(recipe, Transforms):
        return Chain(recipe.stages, Float())
    if isinstance(recipe, Transform):
        return Chain((recipe,), Float())
    raise UsageError(f"{recipe!r} cannot stand alone: let it follow a quantizer")
