"""Writing so that a crash, a full disk or a pulled plug leaves what was there before."""

from __future__ import annotations

import errno
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attar.errors import DamagedPackError, PackError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PIECE = 1 << 20


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into one sentence.

    Raises:
        PackError: in place of any OSError within.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise PackError(
                f"there is no room left to write {path}: free some space and try again;"
                " the pack is as it was before"
            ) from error
        raise PackError(
            f"cannot write {path}: {error.strerror or error}; the pack is as it was before"
        ) from error


def damaged(path: Path, why: str) -> DamagedPackError:
    """The error to raise when a file is not what was written."""
    return DamagedPackError(
        f"{path} is damaged ({why}): restore the pack from a copy, or build it again"
    )


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the folder's names are on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write or replace a file: afterwards, whatever happens, it holds the old or the new bytes."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def crc32_of(path: Path) -> int:
    """CRC-32 of a whole file, read piece by piece."""
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            crc = zlib.crc32(piece, crc)
    return crc


def bytes_below(folder: Path) -> dict[str, int]:
    """Size of every file below a folder, by its path within, in order of path.

    A link counts for itself, not for what it points to, which lies elsewhere.
    """
    return {
        path.relative_to(folder).as_posix(): path.lstat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
