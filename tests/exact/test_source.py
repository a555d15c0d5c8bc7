"""A file read here and there."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from attar.errors import DamagedPackError, PackError
from attar.exact import TextReader, write_text
from attar.exact.source import Source


def test_what_is_read_is_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    data = bytes(range(256)) * 9
    path.write_bytes(data)
    source = Source(path)
    path.unlink()
    assert source.size == len(data)
    for begin, end in ((0, 0), (0, 5), (100, 1000), (0, len(data)), (7, 7), (9, 3)):
        assert source.read(begin, end) == data[begin:end]
    assert source.read(len(data) - 3, len(data) + 10) == data[-3:]


def test_what_is_closed_reads_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    source = Source(tmp_path / "file")
    source.close()
    source.close()
    with (tmp_path / "file").open("rb"), pytest.raises(PackError, match="cannot be read"):
        source.read(0, 3)  # the new file may have got the old one's number


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="No such file"):
        Source(tmp_path / "none")


def test_nothing_stays_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    before = len(os.listdir("/proc/self/fd"))
    some = [Source(tmp_path / "file") for _ in range(20)]
    assert len(os.listdir("/proc/self/fd")) == before + 20
    del some
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("left", [0.0, 0.01, 0.5, 0.9])
def test_a_file_cut_short_while_it_is_open(tmp_path: Path, left: float) -> None:
    path = tmp_path / "texts"
    texts = [f"{i * i} lines of {i}" * 40 for i in range(300)]
    write_text(path, texts, primer=0)
    reader = TextReader(path)
    assert reader[0] == texts[0]
    with path.open("r+b") as file:
        file.truncate(int(left * path.stat().st_size))
    reader.let_go()
    with pytest.raises(DamagedPackError, match="texts has become shorter since it was opened"):
        reader[200]
