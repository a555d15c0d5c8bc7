"""A pack of a few hundred units that each test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from attar.pack import Pack

from .toy import HashEmbedder, some_documents


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of two segments with a tombstone; not to be changed."""
    folder = tmp_path_factory.mktemp("made") / "p.attar"
    with Pack.create(folder, embedder=HashEmbedder()) as pack:
        pack.add(some_documents(60))
        pack.add(some_documents(20, seed=1, prefix="e"))
        pack.delete(["d7", "e3"])
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy of that pack."""
    return Path(shutil.copytree(made, tmp_path / "copy.attar"))
