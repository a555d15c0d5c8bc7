"""A small pack that each test may ruin; all kernels compiled before any child is forked."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .commands import files
from .packs import MEMORY, build, everything


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A sound pack; not to be changed."""
    with _folder() as name:
        folder = Path(name, "p.attar")
        build(folder)
        everything(folder)
        files()
        yield folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """An empty folder."""
    with _folder() as name:
        yield Path(name)


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy of that pack."""
    return Path(shutil.copytree(made, tmp_path / "copy.attar"))


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=MEMORY)
