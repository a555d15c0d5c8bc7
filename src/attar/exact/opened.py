"""The blocks opened last: texts are mostly read in order, and share what they repeat."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TypeAlias

Key: TypeAlias = tuple[object, int]
"""Whose block it is, and its number."""


class Opened:
    """Blocks of one file or of several, those not used for longest given up first.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._blocks: OrderedDict[Key, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> str | None:
        """A block, if it is there."""
        with self._lock:
            if key in self._blocks:
                self._blocks.move_to_end(key)
            return self._blocks.get(key)

    def put(self, key: Key, text: str, most: int) -> None:
        """Keep a block, and `most` altogether."""
        with self._lock:
            self._blocks[key] = text
            while len(self._blocks) > most:
                self._blocks.popitem(last=False)
