"""What writers do to a pack, by the name of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from attar.pack import Pack, build
from pack.toy import HashEmbedder, some_documents


def add(folder: Path) -> None:
    """Several segments of new and of replaced documents, in one change."""
    build.SEGMENT_UNITS = 10
    pack = Pack.open(folder, HashEmbedder())
    pack.add(some_documents(20, seed=5, prefix="k") + some_documents(10, seed=6))


def delete(folder: Path) -> None:
    """Some of one segment, all of another."""
    pack = Pack.open(folder, HashEmbedder())
    pack.delete(["d1", "d2", *(f"e{i}" for i in range(15))])


def compact(folder: Path) -> None:
    """Two segments become one, without what was deleted."""
    Pack.open(folder, HashEmbedder()).compact()


COMMANDS: Mapping[str, Callable[[Path], None]] = {
    "add": add,
    "delete": delete,
    "compact": compact,
}
