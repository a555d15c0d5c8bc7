"""One query against coded rows that lie anywhere: all of them at a glance, a few in full."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from attar.codec import Fitted
from attar.codec.lines import LINE
from attar.codec.scan import Fine
from attar.errors import UsageError
from attar.kernel import kernel
from attar.vectors.parts import Part
from attar.vectors.progressive import prepare
from attar.vectors.rescore import reading, rescore
from attar.vectors.scan import KINDS, Beside
from attar.vectors.shuffle import block_sums

Floats = NDArray[np.float32]


class Glance:
    """Inner products of a query with the rows of parts: roughly for all, exactly for some.

    Of a recipe `a + b` the rough scores are those of `a`, by a scan of nibbles; of others they
    are exact, and take as long as scoring every row does.

    Args:
        fitted: the codec of all parts.
        query: (d,) values.

    Attributes:
        rough: whether `estimates` and `scores` differ.

    Raises:
        UsageError: if the query is not finite or of another width.
    """

    def __init__(self, fitted: Fitted, query: Floats) -> None:
        q = np.ascontiguousarray(query, np.float32)
        if q.shape != (fitted.dim,) or not bool(np.isfinite(q).all()):
            raise UsageError(f"a query of this codec is {fitted.dim} finite numbers, not {q.shape}")
        self._fitted, self._query = fitted, q
        plan = fitted.scan
        self._plan = plan
        self._reading = reading(fitted)
        self.rough = self._reading is not None
        if not self.rough or plan is None:
            return
        self._inner, self._constant = plan.queries(q[None])
        self._kind: Beside = "factor" if plan.unit else "nothing"
        nibbles = plan.nibbles
        self._tables = np.empty((1, nibbles.width, 2, 16), np.uint8)
        self._line = np.empty((1, 2), np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            prepare(
                self._inner, self._constant, nibbles.dims, nibbles.places, nibbles.terms,
                nibbles.still, self._tables, self._line,
            )  # fmt: skip
        self.rough = bool(np.isfinite(self._line).all())

    def estimates(self, part: Part) -> Floats:
        """(rows,) what the scanned term tells of every row's score."""
        if not self.rough:
            blocks = [self._fitted.score(self._query, codes)[0] for _, codes in part.blocks()]
            return np.concatenate([np.zeros(0, np.float32), *blocks])
        out = np.empty(len(part), np.float32)
        beside, _ = part.beside(self._fitted, self._kind)
        _estimate(
            cast("Any", part.lines), self._tables[0], self._line[0], beside,
            KINDS.index(self._kind), out,
        )  # fmt: skip
        return out

    def scores(self, part: Part, rows: NDArray[np.int64]) -> Floats:
        """(n,) the scores of the rows of these numbers."""
        if not self.rough or self._plan is None or self._reading is None:
            return np.asarray(self._fitted.score(self._query, part.take(rows))[0], np.float32)
        out = np.empty(len(rows), np.float32)
        column = cast("Fine", self._plan.fine).column
        rescore(
            rows, cast("Any", part.lines), part.columns[column], self._inner[0], self._constant[0],
            KINDS.index(self._kind), self._reading, out,
        )  # fmt: skip
        return out


@kernel(nogil=True, boundscheck=False)
def _estimate(
    lines: NDArray[np.uint8], tables: NDArray[np.uint8], line: Floats, beside: Floats, how: int,
    out: Floats,
) -> None:  # fmt: skip
    found = np.empty(LINE, np.uint16)
    step, low = line[0], line[1]
    for i in range(len(lines)):
        block_sums(lines[i], tables, found)
        at = i * LINE
        count = min(LINE, len(out) - at)
        if how == 1:
            for r in range(count):
                out[at + r] = (found[r] * step + low) * beside[at + r]
        else:
            for r in range(count):
                out[at + r] = found[r] * step + low
