"""A file that is read here and there, and of which nothing stays in memory."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from attar.errors import PackError


class Source:
    """An open file whose bytes are copied when they are asked for.

    A mapping would hold every page that was ever looked at, and pages around it, in the memory of
    the process; and reading a mapping that another program has cut short ends the process. The
    file may be unlinked while it is open. Safe to share between threads.

    Args:
        path: the file.

    Raises:
        PackError: if it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self.size = os.fstat(self._handle).st_size
        except OSError as error:
            raise self._unreadable(error) from error
        self._close = weakref.finalize(self, os.close, self._handle)

    def read(self, begin: int, end: int) -> bytes:
        """The bytes from `begin` to `end`; fewer where the file has become shorter."""
        parts = []
        try:
            while begin < end and (part := os.pread(self._handle, end - begin, begin)):
                parts.append(part)
                begin += len(part)
        except OSError as error:
            raise self._unreadable(error) from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Let the file go; nothing can be read afterwards."""
        self._close()
        self._handle = -1  # the number may soon be that of another file

    def _unreadable(self, error: OSError) -> PackError:
        return PackError(f"{self._path} cannot be read: {error.strerror or error}")
