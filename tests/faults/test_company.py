"""Readers beside a writer: each sees one version, whole, for as long as it looks."""

from __future__ import annotations

import mmap
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from attar.errors import LockedPackError, PackError
from attar.pack import Document, Pack, segment
from attar.pack.lock import write_lock
from attar.pack.manifest import FileEntry
from tests.pack.toy import HashEmbedder, some_documents

from .packs import answers, many

READERS = 4
DOCUMENTS = 6


def version(number: int) -> Iterator[Document]:
    """A version is six documents which all say its number."""
    return (Document(f"v{i}", "v", f"gas version{number} document {i}") for i in range(DOCUMENTS))


def write_for(folder: Path, seconds: float) -> str:
    """Replace all documents again and again, by every kind of change."""
    pack, end, number = Pack.open(folder, HashEmbedder()), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        pack.add(version(number))
        if number % 3 == 0:
            pack.add(some_documents(2, seed=number, prefix="other"))
            pack.delete(["other0", "other1"])
        if number % 5 == 0 and hasattr(pack, "compact"):
            pack.compact()
    return f"{number}"


def read_for(folder: Path, seconds: float) -> str:
    """Open, ask, wait, ask again: a pack that is open never changes."""
    end, seen = time.monotonic() + seconds, set()
    while time.monotonic() < end:
        pack = Pack.open(folder, HashEmbedder())
        found = [h for h in pack.search("gas", k=20) if h.id.startswith("v")]
        said = {hit.text.split()[1] for hit in found}
        assert len(found) == DOCUMENTS, found
        assert len(said) == 1, said
        first = answers(pack)
        time.sleep(0.02)
        assert answers(pack) == first
        assert said == {d.text.split()[1] for d in pack.documents() if d.id.startswith("v")}
        pack.verify()
        seen |= said
    return f"{len(seen)}"


def test_four_readers_and_a_writer(copy: Path) -> None:
    seconds = many(4, 120)
    pack = Pack.open(copy, HashEmbedder())
    pack.delete([d.id for d in list(pack.documents())])
    pack.add(version(0))
    with get_context("fork").Pool(READERS + 1) as pool:
        writing = pool.apply_async(write_for, (copy, seconds))
        reading = [pool.apply_async(read_for, (copy, seconds)) for _ in range(READERS)]
        assert int(writing.get()) > 1
        assert max(int(r.get()) for r in reading) > 1


def test_an_open_pack_stays_as_it_was(copy: Path) -> None:
    reader = Pack.open(copy, HashEmbedder())
    expected, documents = answers(reader), list(reader.documents())
    late = Pack.open(copy, HashEmbedder())  # reads nothing until all has changed
    writer = Pack.open(copy, HashEmbedder())
    writer.delete(d.id for d in documents)
    writer.add(some_documents(9, seed=8, prefix="w"))
    for pack in (reader, late):
        assert answers(pack) == expected
        assert list(pack.documents()) == documents
        pack.verify()
    assert len(list(Pack.open(copy).documents())) == 9


def test_a_second_writer_is_told(copy: Path) -> None:
    with write_lock(copy), pytest.raises(LockedPackError, match="another process"):
        Pack.open(copy, HashEmbedder()).delete(["d1"])
    assert Pack.open(copy, HashEmbedder()).delete(["d1"]) == 1


def test_a_file_that_vanishes_while_it_is_opened(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each file is opened more than once; a writer may unlink it in between.
    really = segment.map_file

    def map_and_lose(path: Path, entry: FileEntry) -> mmap.mmap:
        mapped = really(path, entry)
        path.unlink()
        return mapped

    monkeypatch.setattr(segment, "map_file", map_and_lose)
    with pytest.raises(PackError, match=r"text\.blocks"):
        Pack.open(copy)
