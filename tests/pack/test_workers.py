"""Packs built by several processes are the same, byte for byte, whatever befalls a worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from attar.errors import PackError, UsageError
from attar.pack import Document, Pack, Workers
from attar.pack import build as building
from attar.progress import Progress, silent

from .toy import HashEmbedder, some_documents


class Mortal(HashEmbedder):
    """Kills the process that embeds with it, as often as there are files in a folder."""

    def __init__(self, lives: Path) -> None:
        super().__init__()
        self.lives = lives

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        for life in self.lives.iterdir():
            try:
                life.unlink()
            except FileNotFoundError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(texts, progress=progress)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "SEGMENT_DOCUMENTS", 30)


def documents() -> list[Document]:
    found = some_documents(120)
    return [*found, *some_documents(3, seed=9, prefix="d")]  # three replace earlier ones


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("alone") / "p"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "SEGMENT_DOCUMENTS", 30)
        pack = Pack.create(folder, embedder=HashEmbedder())
        report = pack.add(documents())
    assert pack.info().segments > 3
    assert report.what.startswith("120 documents added")
    return files(folder)


def test_the_same_bytes_from_one_process_and_from_two(
    tmp_path: Path, alone: dict[str, bytes]
) -> None:
    told: list[int] = []

    def listen(step: str, done: int, total: int | None, /) -> None:
        if step == "embed":
            told.append(done)

    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    with Workers(2) as crew:
        report = pack.add(documents(), listen, crew=crew)
    assert files(tmp_path / "p") == alone
    assert report.what.startswith("120 documents added")
    assert told == sorted(told)
    pack.verify()


def test_a_worker_that_dies_is_replaced(tmp_path: Path, alone: dict[str, bytes]) -> None:
    lives = tmp_path / "lives"
    lives.mkdir()
    (lives / "1").touch()
    pack = Pack.create(tmp_path / "p", embedder=Mortal(lives))
    with Workers(2) as crew:
        pack.add(documents(), crew=crew)
    assert list(lives.iterdir()) == []
    assert files(tmp_path / "p") == alone


def test_one_that_always_dies_is_given_up(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    lives.mkdir()
    for i in range(20):
        (lives / str(i)).touch()
    pack = Pack.create(tmp_path / "p", embedder=Mortal(lives))
    before = files(tmp_path / "p")
    with pytest.raises(PackError, match="died 3 times"), Workers(1) as crew:
        pack.add(some_documents(5), crew=crew)
    assert files(tmp_path / "p") == before


def test_an_error_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    before = files(tmp_path / "p")
    bad: Any = [*some_documents(60), Document("a", "a", "x", metadata={"x": object()})]
    with pytest.raises(UsageError, match="not JSON"), Workers(1) as crew:
        pack.add(bad, crew=crew)
    assert files(tmp_path / "p") == before
    with pytest.raises(UsageError, match="1 worker"):
        Workers(0)
