"""What the operating system refuses becomes one sentence, and old contents stay."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from attar.errors import PackError
from attar.pack.disk import bytes_below, write_whole, writing


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "no room left to write p"),
        (errno.EDQUOT, "no room left to write p"),
        (errno.EROFS, "cannot write p: Read-only file system"),
    ],
)
def test_errors_say_what_to_do(number: int, said: str) -> None:
    with pytest.raises(PackError, match=f"{said}.*as it was before"), writing(Path("p")):
        raise OSError(number, os.strerror(number))


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    write_whole(path, b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert bytes_below(tmp_path) == {"f": 3}
