"""A recipe with what it learned: everything that turns rows into codes and back is here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec import storage
from attar.codec.arrays import Array, as_queries, as_rows, is_numpy, namespace, to_numpy
from attar.codec.base import Quantizer, Recipe
from attar.codec.chain import ends_in_floats
from attar.codec.columns import Column, Grouped, Ragged, Spec
from attar.codec.encoded import Encoded
from attar.codec.parse import parse
from attar.codec.scan import ScanPlan, scan_plan
from attar.codec.state import State
from attar.errors import DamagedPackError, UsageError

BLOCK_BYTES = 1 << 22
"""Float32 rows encoded at a time: what is needed beside the result stays a few times this."""

GPU_BLOCK_BYTES = 1 << 29
"""The same for torch: a GPU needs larger blocks to be busy."""


class Fitted:
    """A fitted codec: it owns its calibration, so codes and queries never part ways.

    Made by `recipe.fit(sample)` or `Fitted.load(path)`.

    Attributes:
        recipe: what was fitted.
        dim: width of the rows it takes.
    """

    def __init__(self, recipe: Recipe, dim: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.recipe = recipe
        self.dim = dim
        self._coder: Quantizer = ends_in_floats(recipe)
        self._state = State(dim, dict(arrays))

    def __repr__(self) -> str:
        return f"<{self.recipe!r} fitted to {self.dim} dimensions, {self.nbytes:,} bytes>"

    @property
    def coder(self) -> Quantizer:
        """The recipe as it is run."""
        return self._coder

    @property
    def state(self) -> State:
        """What was learned."""
        return self._state

    @property
    def nbytes(self) -> int:
        """Bytes of what was learned: shared by all rows, and counted once."""
        return sum(a.nbytes for a in self._state.arrays.values())

    def encode(self, x: Array) -> Encoded:
        """Write (n, d) values as codes.

        Large arrays (memory maps too) go through in blocks, so memory stays bounded.

        Raises:
            UsageError: if the values are not finite or of another width than was fitted.
        """
        if getattr(x, "ndim", 2) == 2 and hasattr(x, "shape") and x.shape[1] == self.dim:
            room = BLOCK_BYTES if is_numpy(x) else GPU_BLOCK_BYTES
            size = max(1, room // (4 * self.dim * self._coder.block)) * self._coder.block
            if x.shape[0] > size:
                parts = [self._encode(x[i : i + size]) for i in range(0, x.shape[0], size)]
                return Encoded.concat(parts)
        return self._encode(x)

    def _encode(self, x: Array) -> Encoded:
        x = as_rows(x, self.dim)
        return Encoded(self._coder.encode(self._state, x), int(x.shape[0]), self.dim)

    def decode(self, codes: Encoded) -> Array:
        """The (n, d) float32 rows that the codes stand for."""
        return self._coder.decode(self._state, self._own(codes).columns)

    def score(self, queries: Array, codes: Encoded) -> Array:
        """Inner products of float queries with coded rows, computed from the codes.

        Args:
            queries: (nq, d) or (d,).
            codes: n rows that this codec encoded.

        Returns:
            (nq, n) float32.
        """
        q = as_queries(queries, self.dim)
        return self._coder.score(self._state, q, self._own(codes).columns)

    @property
    def scan(self) -> ScanPlan | None:
        """How codes are scanned by tables of nibbles; None: this recipe's cannot be."""
        made: ScanPlan | None = self._state.memo(
            "scan", lambda: scan_plan(self._coder, self._state)
        )
        return made

    def square_norms(self, codes: Encoded) -> Array:
        """(n,) squared lengths of the rows as decoded, computed from the codes."""
        columns = self._own(codes).columns
        anchor = next((c for c in columns.values() if not isinstance(c, Ragged | Grouped)), None)
        zero: Array = np.zeros(self.dim, np.float32)
        if anchor is not None and not is_numpy(anchor):
            zero = namespace(anchor).asarray(zero, device=anchor.device)
        return self._coder.square_norms(self._state, columns, zero)

    def encoded(self, arrays: Mapping[str, NDArray[Any]]) -> Encoded:
        """Codes from the plain arrays of `Encoded.arrays`, checked against the recipe.

        Raises:
            DamagedPackError: if a name, type or shape is not what this codec writes.
        """
        columns: dict[str, Column] = {}
        for name, spec in self._coder.column_specs(self.dim).items():
            if spec.kind == "ragged":
                data, lengths = _named(arrays, f"{name}.data"), _named(arrays, f"{name}.lengths")
                _check(f"{name}.data", data, Spec(spec.dtype, (-1,)))
                _check(f"{name}.lengths", lengths, Spec(spec.lengths, (-1,)))
                if int(lengths.sum(dtype=np.int64)) != len(data):
                    raise DamagedPackError(f"the lengths of {name!r} do not add up to its bytes")
                columns[name] = Ragged(data, lengths)
            elif spec.kind == "grouped":
                values, runs = _named(arrays, f"{name}.values"), _named(arrays, f"{name}.runs")
                _check(f"{name}.values", values, Spec(spec.dtype, (-1, *spec.shape)))
                _check(f"{name}.runs", runs, Spec("uint32", (len(values),)))
                columns[name] = Grouped(values, runs)
            else:
                columns[name] = _named(arrays, name)
                _check(name, columns[name], Spec(spec.dtype, (-1, *spec.shape)))
        counts = {len(c) for c in columns.values()}
        if len(counts) != 1:
            raise DamagedPackError(f"the columns of the codes disagree on how many rows: {counts}")
        return Encoded(columns, counts.pop(), self.dim)

    def save(self, path: str | Path) -> None:
        """Write recipe and calibration to one safetensors file, atomically."""
        storage.write(path, dict(self._state.arrays), self.header())

    def header(self) -> dict[str, str]:
        """What a file's header says of this codec."""
        return {"recipe": repr(self.recipe), "dim": str(self.dim)}

    @classmethod
    def load(cls, path: str | Path) -> Fitted:
        """Read what `save` wrote; nothing in the file is executed.

        Raises:
            DamagedPackError: if the file is cut short, changed or not of this kind.
            NewerFormatError: if a later version wrote it.
        """
        file = storage.read(path)
        file.verify()
        return cls.from_parts(file.metadata, file.arrays)

    @classmethod
    def from_parts(cls, header: Mapping[str, str], arrays: Mapping[str, NDArray[Any]]) -> Fitted:
        """Put together what `header` and the state's arrays say, after checking them."""
        try:
            recipe, dim = parse(header["recipe"]), int(header["dim"])
            if not 0 < dim <= 1 << 24:
                raise DamagedPackError(f"the header gives an impossible width of {dim}")
            specs = ends_in_floats(recipe).state_specs(dim)
        except (KeyError, ValueError) as error:
            raise DamagedPackError(f"the header does not hold a usable recipe: {error}") from error
        for name, spec in specs.items():
            _check(name, _named(arrays, name), spec)
        return cls(recipe, dim, {name: np.asarray(arrays[name]) for name in specs})

    def _own(self, codes: Encoded) -> Encoded:
        if codes.dim != self.dim:
            raise UsageError(f"the codes are of {codes.dim} dimensions, the codec of {self.dim}")
        return codes


def fit(recipe: Recipe, sample: Array, weights: Array | None) -> Fitted:
    """Learn from a sample; see `Recipe.fit`."""
    coder = ends_in_floats(recipe)
    x = as_rows(sample, what="the sample")
    if x.shape[0] == 0:
        raise UsageError("the sample has no rows: give at least one to learn from")
    w = None
    if weights is not None:
        w = to_numpy(weights).astype(np.float32)
        d = x.shape[1]
        if w.shape not in ((d,), (d, d)) or not np.isfinite(w).all():
            raise UsageError(f"weights must be finite, of shape ({d},) or ({d}, {d})")
        if w.ndim == 1 and (w < 0).any():
            raise UsageError("weights cannot be negative")
    return Fitted(recipe, int(x.shape[1]), dict(coder.learn(x, w)))


def _named(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    try:
        return arrays[name]
    except KeyError:
        raise DamagedPackError(f"the array {name!r} is missing") from None


def _check(name: str, array: NDArray[Any], spec: Spec) -> None:
    fits = len(array.shape) == len(spec.shape) and all(
        want in (-1, have) for have, want in zip(array.shape, spec.shape, strict=True)
    )
    if not fits or array.dtype.name != spec.dtype:
        raise DamagedPackError(
            f"the array {name!r} is {array.dtype.name}{list(array.shape)} where"
            f" {spec.dtype}{list(spec.shape)} was expected"
        )
