"""The pack that is mistreated, and what is asked of it afterwards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from attar.pack import Document, Hit, Pack
from tests.pack.toy import HashEmbedder, some_documents

LONG = os.environ.get("ATTAR_FAULTS") == "long"
QUESTIONS = ("heat shock", "boundary layer of a plate", "gas")
# In memory where there is such a place: writers wait for the disk after every file.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
State: TypeAlias = list[Document]


def many(short: int, long: int) -> int:
    """How many times to try: few in every test run, many with ATTAR_FAULTS=long."""
    return long if LONG else short


def build(folder: Path) -> None:
    """Write a pack of two segments, one with tombstones."""
    with Pack.create(folder, embedder=HashEmbedder()) as pack:
        pack.add(some_documents(40))
        pack.add(some_documents(15, seed=1, prefix="e"))
        pack.delete(["d7", "e3"])


def state(folder: Path) -> State:
    """All documents of a pack that must be sound."""
    pack = Pack.open(folder, HashEmbedder())
    pack.verify()
    return list(pack.documents())


def answers(pack: Pack) -> list[list[Hit]]:
    """What a pack finds in every mode."""
    return [pack.search(q, k=5, mode=m) for q in QUESTIONS for m in ("dense", "bm25", "hybrid")]


def everything(folder: Path) -> tuple[list[list[Hit]], State]:
    """All that can be asked of a pack, every byte compared at last."""
    pack = Pack.open(folder, HashEmbedder())
    found = answers(pack), list(pack.documents())
    pack.verify()
    return found


def files_of(folder: Path) -> list[Path]:
    """The files that hold something."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "lock")
