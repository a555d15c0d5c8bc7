"""What was opened last stays open, up to so many bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol

from attar.exact.opened import Opened

LIMIT = 96 << 20
"""Bytes of tables and primers that the segments of a pack hold together, in the long run.

Those of a million short units take 66 MB. Where they do not fit, a search reads again what it needs
of the segments of its hits: of a gigabyte of text, 120 MB in 50 segments, a hybrid search takes
16 ms with 128 MB, 30 with 96, 43 with 64.
"""


class Holder(Protocol):
    """Something that keeps what it has read, and can read it again."""

    @property
    def held(self) -> int:
        """Bytes that it keeps."""

    def let_go(self) -> None:
        """Keep nothing. Whoever is using it goes on undisturbed."""


class Recent:
    """Holders in the order of their last use; those not used for longest are asked to let go.

    A holder reads after it said that it is used; its bytes count when the next one is. Safe to use
    from several threads.

    Args:
        limit: bytes that all but the one used last may keep together.

    Attributes:
        opened: blocks of text, of all holders together; few, and not counted.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.opened = Opened()
        self._limit = limit
        self._total = 0
        self._sizes: OrderedDict[Holder, int] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, holder: Holder) -> None:
        """Tell that a holder is about to be used."""
        with self._lock:
            if self._sizes:
                last = next(reversed(self._sizes))
                self._count(last, last.held)
            self._count(holder, holder.held)
            self._sizes.move_to_end(holder)
            while self._total > self._limit and len(self._sizes) > 1:
                oldest = next(iter(self._sizes))
                self._count(oldest, 0)
                del self._sizes[oldest]
                oldest.let_go()

    def _count(self, holder: Holder, size: int) -> None:
        self._total += size - self._sizes.get(holder, 0)
        self._sizes[holder] = size
