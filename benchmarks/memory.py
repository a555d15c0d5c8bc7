"""The most memory that this process and its children hold together."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

_EVERY = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watched:
    """Looks twenty times a second while it is entered.

    Pages that two processes share count twice.

    Attributes:
        most: bytes resident, the highest sum seen.
    """

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watched:
        self._looking.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while True:
            self.most = max(self.most, sum(map(resident, _family(os.getpid()))))
            if self._over.wait(_EVERY):
                return


def resident(process: int) -> int:
    """Bytes that a process holds in memory; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _family(process: int) -> list[int]:
    found = [process]
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in path.read_text().split()]
        except OSError:
            continue
        found += [one for child in children for one in _family(child)]
    return found
