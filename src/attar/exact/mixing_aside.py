"""Reading with a model what it then forgets: a block that follows the primer, and the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, no_type_check

import numpy as np
from numpy.typing import NDArray

from attar.exact.mixing_model import CONTEXTS, Model
from attar.kernel import LEAF, kernel


class Journal(NamedTuple):
    """What buckets held before they were used, to give it back to them.

    Args:
        uses: (1,), how often one was used.
        place: which one, in words of eight bytes.
        held: (most, 2), the words.
    """

    uses: NDArray[np.int64]
    place: NDArray[np.uint32]
    held: NDArray[np.uint64]

    @classmethod
    def of(cls, size: int) -> Journal:
        """Room for what the reading of so many bytes uses; of none, nothing is noted."""
        most = 2 * CONTEXTS * size
        return cls(np.zeros(1, np.int64), np.empty(most, np.uint32), np.empty((most, 2), np.uint64))


class Aside:
    """A model that may read something and forget it, one thing at a time.

    Most of a model are its buckets, of which a block uses few: they are given back what they held.
    Everything else is copied.

    Args:
        model: not to be used by anybody else.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._spare: Model | None = None

    @property
    def nbytes(self) -> int:
        """Bytes that it holds, with the copy of all but the buckets."""
        model = self._model
        return model.slots.nbytes + 2 * sum(array.nbytes for array in _others(model))

    @contextmanager
    def reading(self, size: int) -> Iterator[tuple[Model, Journal]]:
        """The model for so many bytes, with the journal that must be kept of it."""
        mine = self._model
        if self._spare is None:
            self._spare = Model(mine.slots, *(np.empty_like(array) for array in _others(mine)))
        for spare, array in zip(_others(self._spare), _others(mine), strict=True):
            np.copyto(spare, array)
        journal = Journal.of(size)
        try:
            yield self._spare, journal
        finally:
            _give_back(mine.slots.view(np.uint64), journal)


def _others(model: Model) -> tuple[NDArray[np.generic], ...]:
    """All but the buckets."""
    return model.maps, model.weights, model.final, model.curves, model.seen


@kernel(nogil=True, **LEAF)
@no_type_check
def _give_back(words, journal):
    uses, place, held = journal
    for i in range(uses[0] - 1, -1, -1):
        at = np.int64(place[i])
        words[at], words[at + 1] = held[i, 0], held[i, 1]
