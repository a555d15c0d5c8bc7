"""What writers do to a pack, by the name of the command."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from unittest.mock import patch

from attar.pack import Pack, build
from tests.pack.toy import HashEmbedder, some_documents

from .packs import MEMORY


def add(folder: Path) -> None:
    """Several segments of new and of replaced documents, in one change."""
    pack = Pack.open(folder, HashEmbedder())
    with patch.object(build, "SEGMENT_DOCUMENTS", 10):
        pack.add(some_documents(20, seed=5, prefix="k") + some_documents(10, seed=6))


def delete(folder: Path) -> None:
    """Some of one segment, all of another."""
    pack = Pack.open(folder, HashEmbedder())
    pack.delete(["d1", "d2", *(f"e{i}" for i in range(15))])


def compact(folder: Path) -> None:
    """Two segments become one, without what was deleted."""
    Pack.open(folder, HashEmbedder()).compact()


def sync(folder: Path) -> None:
    """What files hold."""
    Pack.open(folder, HashEmbedder()).sync(files())


@cache
def files() -> Path:
    """A folder of text files."""
    folder = Path(HELD.name)
    for document in some_documents(6, seed=7, prefix="f"):
        (folder / document.source).write_text(document.text, encoding="utf-8")
    return folder


HELD = tempfile.TemporaryDirectory(dir=MEMORY)
COMMANDS: Mapping[str, Callable[[Path], None]] = {
    "add": add,
    "delete": delete,
    "compact": compact,
    "sync": sync,
}
