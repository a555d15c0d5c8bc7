"""A pack made to do harm: nothing outside of it is read or removed, and little memory is taken.

Whoever forges a file can forge its checksums, so these come right.
"""

from __future__ import annotations

import json
import shutil
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

from attar.codec import storage
from attar.errors import AttarError, DamagedPackError, PackError
from attar.exact import TextReader, write_text
from attar.exact.columns import decode_ints, decode_strings, encode_ints
from attar.exact.copies import Copies
from attar.exact.layout import FOOTER, HEADER, MAGIC, MAX_BLOCK, Written
from attar.pack import Document, Pack
from attar.pack import manifest as manifests
from tests.pack.toy import HashEmbedder

from .packs import answers, state

LAST = Document("last", "last", "The last one.")


def forge(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a manifest and make its checksum right."""
    path = folder / manifests.NAME
    said = json.loads(path.read_text("utf-8"))
    said.pop("crc32")
    change(said)
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps({**said, "crc32": zlib.crc32(canonical.encode())}), "utf-8")


def put(folder: Path, name: str, data: bytes) -> None:
    """Put a file in the place of one of segment 1, with the size and checksum it should have."""
    (folder / "segments/000001" / name).write_bytes(data)
    entry = {"size": len(data), "crc32": zlib.crc32(data)}
    forge(folder, lambda said: said["segments"][0]["files"].update({name: entry}))


def peak(work: Callable[[], object]) -> int:
    """Most bytes that a piece of work held at once."""
    tracemalloc.start()
    try:
        work()
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is none of the pack's business."""
    folder = tmp_path / "outside"
    for name in ("photos", "000009", ".000009.new"):
        (folder / name).mkdir(parents=True)
        (folder / name / "deleted.1").write_text("mine")
    (folder / "deleted.7").write_text("mine")
    return folder


def listing(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_segments_that_are_a_link(copy: Path, outside: Path) -> None:
    there = listing(outside)
    for path in (copy / "segments").iterdir():
        shutil.move(path, outside / path.name)
    (copy / "segments").rmdir()
    (copy / "segments").symlink_to(outside)
    there = listing(outside)
    with pytest.raises(PackError):
        Pack.open(copy, HashEmbedder()).add([LAST])
    assert listing(outside) == there


def test_a_segment_that_is_a_link(copy: Path, outside: Path) -> None:
    shutil.move(copy / "segments/000001", outside / "000001")
    (copy / "segments/000001").symlink_to(outside / "000001")
    (outside / "000001/deleted.99").write_text("mine")
    there = listing(outside)
    with pytest.raises(PackError):
        Pack.open(copy, HashEmbedder()).add([LAST])
    assert listing(outside) == there


def test_links_in_a_circle(copy: Path) -> None:
    shutil.rmtree(copy / "segments")
    (copy / "segments").symlink_to(copy)
    with pytest.raises(PackError):
        Pack.open(copy, HashEmbedder())


def test_files_that_are_links(copy: Path, outside: Path) -> None:
    for path in copy.glob("segments/000001/*"):
        kept = outside / path.name
        shutil.copy(path, kept)
        path.unlink()
        path.symlink_to(kept)
        with pytest.raises(PackError, match=path.name):
            Pack.open(copy)
        path.unlink()
        shutil.copy(kept, path)


def test_what_is_not_a_packs_own_stays(copy: Path) -> None:
    kept = [copy / "notes.txt", copy / "segments/backup/notes.txt", copy / "segments/000001/my.txt"]
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    before = state(copy)
    Pack.open(copy, HashEmbedder()).add([LAST])
    assert state(copy) == [*before, LAST]
    assert all(path.read_text() == "mine" for path in kept)


@pytest.mark.parametrize("key", ["generation", "next_segment"])
def test_counts_that_cannot_grow(copy: Path, key: str) -> None:
    forge(copy, lambda said: said.update({key: (1 << 62) - 1}))
    before = state(copy)
    with pytest.raises(PackError, match="as often as its format can count"):
        Pack.open(copy, HashEmbedder()).add([LAST])
    assert state(copy) == before


@pytest.mark.parametrize("count", [1 << 31, (1 << 48) - 1, (1 << 62) - 1])
def test_counts_of_nothing(copy: Path, count: int) -> None:
    # The postings agree with the manifest that there are so many units.
    def change(said: dict[str, Any]) -> None:
        said["segments"][0].update(units=count, deleted=None)

    from attar.postings.container import Container, write_container

    container = Container(copy / "segments/000001/postings.bin")
    sections = {n: container.section(n).tobytes() for n in container.sizes() if n != "frame"}
    meta = json.loads(sections["meta"])
    sections["meta"] = json.dumps({**meta, "documents": count}).encode()
    write_container(copy / "forged", sections)
    put(copy, "postings.bin", (copy / "forged").read_bytes())
    forge(copy, change)

    def work() -> None:
        with pytest.raises(DamagedPackError):
            answers(Pack.open(copy, HashEmbedder()))

    assert peak(work) < 16 << 20


@pytest.mark.parametrize("opening", [b"[", b'{"format":1,"a":', b'{"a":'])
def test_a_manifest_nested_deeply(copy: Path, opening: bytes) -> None:
    for depth in [*range(300, 1100, 7), 100_000]:
        (copy / manifests.NAME).write_bytes(opening * depth)
        with pytest.raises(DamagedPackError):
            Pack.open(copy)
        closing = {b"[": b"]"}.get(opening, b"1" + b"}" * depth)
        (copy / manifests.NAME).write_bytes(opening * depth + closing * (len(closing) > 1 or depth))
        with pytest.raises(DamagedPackError):
            Pack.open(copy)


def test_a_manifest_of_a_gigabyte(copy: Path) -> None:
    with (copy / manifests.NAME).open("wb") as file:
        file.truncate(1 << 30)

    def work() -> None:
        with pytest.raises(DamagedPackError, match="too long"):
            Pack.open(copy)

    assert peak(work) < 256 << 20


def test_text_that_opens_to_far_more(tmp_path: Path) -> None:
    # One block that is a gigabyte of zeros, told as one of 128 KiB, of 1 GB, and of what it is.
    frame = zstandard.ZstdCompressor(level=19, write_content_size=False).compress(bytes(1 << 26))
    sized = zstandard.ZstdCompressor(level=19).compress(bytes(1 << 26))
    for block in (frame, sized):
        for claimed in (MAX_BLOCK, 1 << 26, 1 << 40):
            index = struct.pack("<I", 1) + b"".join(
                encode_ints([n]) for n in (claimed, claimed, claimed, len(block), 0)
            )
            footer = FOOTER.pack(0, 0, len(index), zlib.crc32(index), 1, MAGIC)
            path = tmp_path / "text.blocks"
            path.write_bytes(HEADER.pack(MAGIC, 1) + block + index + footer)

            def work(path: Path = path) -> None:
                with pytest.raises(DamagedPackError), TextReader(path) as reader:
                    reader[0]

            assert peak(work) < 2 << 20


def test_a_text_of_impossibly_many_repeats(tmp_path: Path) -> None:
    frame = zstandard.ZstdCompressor(level=19, write_content_size=False).compress(bytes(MAX_BLOCK))
    copies = Copies(*(np.full(4000, n, dtype=np.int64) for n in (0, MAX_BLOCK, 0)))
    one = np.array([MAX_BLOCK], dtype=np.int64)
    lengths = np.array([[MAX_BLOCK * 4001]], dtype=np.int64)
    index = Written(lengths, copies, one, one, [], [len(frame)], [0]).encode()
    footer = FOOTER.pack(0, 0, len(index), zlib.crc32(index), 1, MAGIC)
    path = tmp_path / "text.blocks"
    path.write_bytes(HEADER.pack(MAGIC, 3) + frame + index + footer)

    def work() -> None:
        with pytest.raises(DamagedPackError, match="impossibly long"), TextReader(path) as reader:
            reader[0]

    assert peak(work) < 2 << 20


def test_columns_that_open_to_far_more() -> None:
    # The most that a column of numbers may claim: 16 zero bits for each of its bits.
    size = 1 << 14
    frame = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(16 * size))
    header = struct.pack("<BBQqI", 2, 1, 16 * size * 8, 0, size)
    column = header + frame.ljust(size, b"\0")
    assert peak(lambda: decode_ints(column)) < 1300 * size
    with pytest.raises(DamagedPackError):
        decode_ints(struct.pack("<BBQqI", 2, 1, 32 * size * 8, 0, size) + column[22:])


def test_lengths_whose_sum_wraps_around() -> None:
    body = b"x" * 1000
    lengths = [1000, *([2**63 - 1001, 2**63 - 1, 2] * 3)]
    column = b"p" + encode_ints(np.array(lengths, np.int64)) + struct.pack("<I", 1000) + body
    with pytest.raises(DamagedPackError):
        decode_strings(column)


@pytest.mark.parametrize(
    "header",
    [
        b"[]", b"{}", b"1", b'{"__metadata__":[]}', b"[" * 5000,
        b'{"__metadata__":{"attar.format":"1"},"a":1}',
        b'{"__metadata__":{"attar.format":"1"},"a":{"dtype":"U8","shape":[1e999],"data_offsets":[0,1]}}',
        b'{"__metadata__":{"attar.format":"1"},"a":{"dtype":"U8","shape":[0,%d],"data_offsets":[0,0]}}'
        % 10**40,
        b'{"__metadata__":{"attar.format":"1"},"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}',
        b'{"__metadata__":{"attar.format":"1"},"a":{"dtype":"U8","shape":%s,"data_offsets":[0,1]}}'
        % str([1] * 100).encode(),
    ],
)  # fmt: skip
def test_headers_of_arrays(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0")
    with pytest.raises(DamagedPackError):
        storage.read(path)


@pytest.mark.parametrize(
    "recipe",
    ["(" * 2000, "pca(8) >> " * 500 + "sign", "+" * 3000, "sign(" * 800, "1" * 4000, "x" * 5000,
     "__import__('os').system('true')", "waterfill(bits=1e999)", "uniform(bits=2, group=10**9)"],
)  # fmt: skip
def test_recipes_of_codecs(copy: Path, recipe: str) -> None:
    (path,) = copy.glob("codec-*")
    file = storage.read(path)
    storage.write(path, file.arrays, {**file.metadata, "recipe": recipe})
    data = path.read_bytes()
    entry = {"size": len(data), "crc32": zlib.crc32(data)}
    forge(copy, lambda said: said["codecs"][path.name].update(file=entry))
    with pytest.raises(AttarError):
        answers(Pack.open(copy, HashEmbedder()))


def test_a_codec_of_another_width(copy: Path) -> None:
    forge(copy, lambda said: said["embedder"].update(dim=1 << 40))
    with pytest.raises(AttarError):
        answers(Pack.open(copy, HashEmbedder()))
    with pytest.raises(DamagedPackError):
        Pack.open(copy).verify()


def test_text_of_other_documents(copy: Path, tmp_path: Path) -> None:
    write_text(tmp_path / "t", ["", "x"] * 40, fields=2)
    put(copy, "text.blocks", (tmp_path / "t").read_bytes())
    with pytest.raises(DamagedPackError, match=r"units\.columns"):
        answers(Pack.open(copy, HashEmbedder()))
