"""One writer at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attar.errors import LockedPackError
from attar.pack.disk import writing

NAME = "lock"


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the pack's write lock.

    The lock is the kernel's (`flock`), so it ends with the process that holds it, however that
    process ends; the file stays and means nothing by itself.

    Raises:
        LockedPackError: at once, if another process or another `Pack` holds it.
        PackError: if the folder cannot be written to.
    """
    path = folder / NAME
    with writing(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedPackError(
                f"{folder} is being written to by another process: wait for it to end, then"
                " try again"
            ) from error
        yield
    finally:
        os.close(handle)
