"""What a posting is worth, in whole quanta.

Contributions are added as whole multiples of a power of two, so that their sum does not depend
on the order in which lists are read: a search that leaves blocks out gives bit for bit the
scores of one that reads everything.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel


class Curve(NamedTuple):
    """What a posting is worth before the weight of its term: every variant in one formula.

    A payload x in a document of length l is worth, with n = norm + slope * l,

        scale * (x + p * n) / (saturation * x + q * n + 1 - saturation) + shift

    which is a variant of BM25 where `saturation` is 1, and `scale * x` where it, `p`, `q` and
    `shift` are 0. More payload and less length are never worth less.
    """

    scale: float
    p: float
    q: float
    shift: float
    saturation: float
    norm: float
    slope: float


@kernel(inline="always")
def as_tuple(curve: NDArray[np.float64]) -> Any:
    """A curve's numbers, for registers to hold; as an array they pass quicker from Python."""
    return curve[0], curve[1], curve[2], curve[3], curve[4], curve[5], curve[6]


@kernel(inline="always")
def component(payload: int, length: int, curve: Any) -> Any:
    """What a posting is worth before the weight of its term.

    Args:
        payload: term frequency, or weight in steps.
        length: tokens of the document.
        curve: as `as_tuple` gives it.
    """
    scale, p, q, shift, saturation, norm, slope = curve
    n = norm + slope * length
    return scale * ((payload + p * n) / (saturation * payload + q * n + (1.0 - saturation))) + shift


@kernel(inline="always")
def contribution(payload: Any, length: int, weight: float, curve: Any) -> Any:
    """What a posting adds to its document's score, in quanta.

    Args:
        payload: term frequency, or weight in steps.
        length: tokens of the document.
        weight: the term's weight in quanta.
        curve: as `as_tuple` gives it.
    """
    return int(weight * component(payload, length, curve))


@kernel(inline="always")
def worth(
    payload: Any, kind: Any, weight: float, table: NDArray[np.float64],
    lengths: NDArray[np.int64], curve: Any,
) -> Any:  # fmt: skip
    """`contribution` in a document of the `kind`-th length, from the table where it reaches."""
    if payload <= len(table):
        return np.int64(weight * table[np.uint64(payload) - np.uint64(1), kind])
    return contribution(payload, lengths[kind], weight, curve)


@kernel()
def tabulate(lengths: NDArray[np.int64], rows: int, shape: NDArray[np.float64]) -> Any:
    """(rows, lengths) components of payloads from 1 to `rows` in documents of some lengths.

    A division for each posting would take as long as decoding it.
    """
    curve = as_tuple(shape)
    out = np.empty((rows, lengths.size), dtype=np.float64)
    for payload in range(rows):
        for i in range(lengths.size):
            out[payload, i] = component(payload + 1, lengths[i], curve)
    return out
