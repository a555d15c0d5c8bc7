"""Files cut short, flipped and missing: the right answer or an error that names the file.

All of a file's damage is tried in one child whose memory is bounded, so that neither a crash nor
a greedy allocation can hide.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from attar.errors import PackError
from attar.pack import Pack

from .child import in_child, limit_memory
from .packs import everything, files_of, many

ROOM = 64 << 20  # for all that searching a pack of 100 kB takes
FILES = (
    "manifest.json",
    "codec-*",
    "segments/000001/text.blocks",
    "segments/000001/units.columns",
    "segments/000001/vectors.safetensors",
    "segments/000001/postings.bin",
    "segments/000001/deleted.*",
)


def check(folder: Path, path: Path, right: object) -> None:
    """Everything is as it was, or there is an error that names the file."""
    try:
        found = everything(folder)
    except PackError as error:
        said = str(error)
    else:
        assert found == right
        return
    assert path.name in said or path.name == "manifest.json", said


def tried(folder: Path, name: str, damaged: Iterator[bytes], right: object) -> None:
    """Check a pack with each of these in place of a file."""
    (path,) = folder.glob(name)
    good = path.read_bytes()

    def work() -> None:
        limit_memory(ROOM)
        for data in damaged:
            path.write_bytes(data)
            check(folder, path, right)

    outcome = in_child(work)
    assert outcome.signal == 0
    assert not outcome.failed, outcome.said
    path.write_bytes(good)


def test_the_list_of_files_is_complete(copy: Path) -> None:
    named = {path for name in FILES for path in copy.glob(name)}
    assert named == {p for p in files_of(copy) if p.parent.name != "000002"}


@pytest.mark.parametrize("name", FILES)
def test_flipped_bits(copy: Path, name: str) -> None:
    (path,) = copy.glob(name)
    good, chance = path.read_bytes(), random.Random(f"flips {name}")

    def flipped() -> Iterator[bytes]:
        for _ in range(many(25, 500)):
            data = bytearray(good)
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            yield bytes(data)

    tried(copy, name, flipped(), everything(copy))


@pytest.mark.parametrize("name", FILES)
def test_cut_and_stretched(copy: Path, name: str) -> None:
    (path,) = copy.glob(name)
    good, chance = path.read_bytes(), random.Random(f"cuts {name}")

    def cut() -> Iterator[bytes]:
        yield from (b"", good[:1], good[:-1], good + b"\0", good + good)
        for _ in range(many(10, 50)):
            yield good[: chance.randrange(len(good))]

    tried(copy, name, cut(), everything(copy))


@pytest.mark.parametrize("name", FILES)
def test_pages_of_zeros(copy: Path, name: str) -> None:
    # What a disk gives back for blocks that it lost.
    (path,) = copy.glob(name)
    good, chance = path.read_bytes(), random.Random(f"zeros {name}")

    def zeroed() -> Iterator[bytes]:
        for _ in range(many(5, 50)):
            start = chance.randrange(len(good))
            end = min(len(good), start + chance.choice([1, 16, 512, 4096]))
            yield good[:start] + bytes(end - start) + good[end:]

    tried(copy, name, zeroed(), everything(copy))


@pytest.mark.parametrize("name", FILES)
def test_verify_finds_what_was_flipped(copy: Path, name: str) -> None:
    if name == "manifest.json":
        return  # its white space means nothing
    (path,) = copy.glob(name)
    good, chance = path.read_bytes(), random.Random(f"verify {name}")
    for _ in range(many(10, 100)):
        data = bytearray(good)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        with pytest.raises(PackError, match=path.name):
            Pack.open(copy).verify()


@pytest.mark.parametrize("name", FILES)
def test_missing(copy: Path, name: str) -> None:
    (path,) = copy.glob(name)
    path.unlink()
    with pytest.raises(PackError, match=path.name):
        Pack.open(copy)


@pytest.mark.parametrize("name", FILES)
def test_something_else_in_its_place(copy: Path, name: str) -> None:
    (path,) = copy.glob(name)
    path.unlink()
    path.mkdir()
    with pytest.raises(PackError, match=path.name):
        Pack.open(copy)
