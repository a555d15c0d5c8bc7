"""Inputs from file systems that fsspec knows."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from attar.errors import UsageError
from attar.pack import Pack, read
from attar.pack.remote import fetched

from .toy import HashEmbedder


@pytest.fixture
def bucket() -> str:
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pipe("/bucket/docs/a.txt", b"One.\r\n")
    memory.pipe("/bucket/docs/deep/b.md", b"# Two\n")
    return "memory://bucket/docs"


def test_a_folder_elsewhere_is_read_as_one_here(bucket: str, tmp_path: Path) -> None:
    with fetched([bucket]) as local:
        assert {d.id: d.text for d in read(local)} == {"a.txt": "One.\r\n", "deep/b.md": "# Two\n"}
    assert not local[0].exists()
    with fetched([f"{bucket}/a.txt", str(tmp_path)]) as local:
        assert [p.name for p in local] == ["a.txt", tmp_path.name]
        assert [d.text for d in read(local[0])] == ["One.\r\n"]


def test_nothing_is_embedded_again(bucket: str, tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    for added in (2, 0):
        with fetched([bucket]) as local:
            assert pack.sync(local).added == added
    fsspec.filesystem("memory").rm("/bucket/docs/a.txt")
    with fetched([bucket]) as local:
        assert pack.sync(local).deleted == 1


@pytest.mark.parametrize("url", ["memory://nowhere/docs", "nosuch://bucket/docs"])
def test_what_is_not_there_is_said(url: str) -> None:
    with pytest.raises(UsageError, match=url.partition(":")[0]), fetched([url]):
        pass
