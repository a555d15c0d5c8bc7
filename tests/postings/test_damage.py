"""Whatever a file holds, reading it gives the right answer or a clear error."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import DamagedPackError, NewerFormatError, PackError
from attar.postings import PostingsReader, Statistics, write_tokens
from attar.postings.container import PAGE, Container, write_container

from .test_reader import random_documents

QUERY = ["w0", "w2", "w60", "w299"]


def answers(path: Path) -> list[object]:
    reader = PostingsReader(path)
    statistics = Statistics.gather([reader], QUERY)
    found, scores = reader.search(QUERY, statistics, 10)
    return [statistics, found.tolist(), scores.tolist(), list(reader.vocabulary())]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[object]]:
    path = tmp_path_factory.mktemp("sound") / "p"
    write_tokens(path, random_documents(6, 2000, 300, 35))
    assert path.stat().st_size > 2 * PAGE
    return path.read_bytes(), answers(path)


def check(path: Path, data: bytes, right: list[object]) -> None:
    path.write_bytes(data)
    try:
        answer = answers(path)
    except (DamagedPackError, NewerFormatError) as error:
        message = str(error)
    else:
        assert answer == right
        return
    assert str(path) in message


def test_flipped_bits(tmp_path: Path, sound: tuple[bytes, list[object]]) -> None:
    data, right = sound
    rng = np.random.default_rng(7)
    # The frame is small and matters most; the rest is sampled.
    places = [*range(200), *range(len(data) - 40, len(data)), *rng.integers(0, len(data), 250)]
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << int(rng.integers(8))
        check(tmp_path / "p", bytes(flipped), right)
        with pytest.raises((DamagedPackError, NewerFormatError)):
            PostingsReader(tmp_path / "p").verify()


def test_cut_files(tmp_path: Path, sound: tuple[bytes, list[object]]) -> None:
    data, _ = sound
    rng = np.random.default_rng(8)
    for length in [0, 1, 7, 8, 15, 16, 100, *rng.integers(0, len(data), 50)]:
        (tmp_path / "p").write_bytes(data[:length])
        with pytest.raises(DamagedPackError, match="damaged"):
            PostingsReader(tmp_path / "p")


def forge(path: Path, data: bytes, name: str, change: bytes) -> None:
    """Write the file anew with another section, all checksums right."""
    (path.parent / "old").write_bytes(data)
    old = Container(path.parent / "old")
    sections = {n: old.section(n).tobytes() for n in old.sizes() if n != "frame"}
    sections[name] = change
    path.unlink(missing_ok=True)
    write_container(path, sections)


def survive(path: Path) -> None:
    """Any answer will do, and so will an error, but not a crash."""
    try:
        answers(path)
        PostingsReader(path).scores(QUERY, Statistics(10, 100, dict.fromkeys(QUERY, 1)))
    except DamagedPackError:
        pass


@settings(max_examples=150, deadline=None)
@given(
    section=st.sampled_from(["lists", "terms", "index", "codes", "lengths"]),
    seed=st.integers(0, 1 << 30),
    share=st.sampled_from([0.0002, 0.01, 1.0]),
)
def test_forged_sections_do_not_crash(
    tmp_path_factory: pytest.TempPathFactory,
    sound: tuple[bytes, list[object]],
    section: str,
    seed: int,
    share: float,
) -> None:
    data, _ = sound
    path = tmp_path_factory.mktemp("forged") / "p"
    (path.parent / "sound").write_bytes(data)
    bits = Container(path.parent / "sound").section(section).copy()
    rng = np.random.default_rng(seed)
    hit = rng.random(bits.size) < max(share, 1 / bits.size)
    bits[hit] = rng.choice([rng.integers(256), 0, 255], size=int(hit.sum()))
    if seed % 3 == 0:
        bits = bits[: rng.integers(bits.size) // 8 * 8]
    forge(path, data, section, bits.tobytes())
    survive(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("documents", 1 << 40),
        ("documents", 3),
        ("documents", -1),
        ("documents", "many"),
        ("terms", 1 << 40),
        ("terms", 0),
        ("index_widths", [0, 0]),
        ("index_widths", [48, 48]),
        ("index_widths", [1]),
        ("analyzer", 7),
        ("total_length", None),
        ("step", "x"),
        ("step", -1.0),
    ],
)
def test_forged_counts_do_not_crash(
    tmp_path: Path, sound: tuple[bytes, list[object]], key: str, value: object
) -> None:
    data, _ = sound
    (tmp_path / "sound").write_bytes(data)
    meta = json.loads(Container(tmp_path / "sound").section("meta").tobytes())
    forge(tmp_path / "p", data, "meta", json.dumps({**meta, key: value}).encode())
    survive(tmp_path / "p")


def test_forged_section_tables_are_refused(tmp_path: Path) -> None:
    write_container(tmp_path / "p", {"meta": b"{}", "lists": b"12345678"})
    data = (tmp_path / "p").read_bytes()
    for offset, size in ((1 << 60, 8), (64, 1 << 60), (0, 8), (65, 1)):
        table = struct.pack("<8sQQ8sQQ", b"meta", offset, size, b"lists", 72, 8)
        body = bytearray(data[: -4 - 16])
        body[12:16] = struct.pack("<I", zlib.crc32(table))
        body[16 : 16 + len(table)] = table
        sums = struct.pack("<I", zlib.crc32(body))
        footer = struct.pack("<QI", len(body), zlib.crc32(sums))
        whole = bytes(body) + sums + footer + struct.pack("<I", zlib.crc32(footer))
        (tmp_path / "q").write_bytes(whole)
        with pytest.raises(DamagedPackError, match="outside"):
            Container(tmp_path / "q")


def test_missing_and_existing_files(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be read"):
        PostingsReader(tmp_path / "none")
    write_tokens(tmp_path / "p", [["a"]])
    with pytest.raises(PackError, match="cannot be written"):
        write_tokens(tmp_path / "p", [["a"]])


def test_later_versions_are_named(tmp_path: Path) -> None:
    write_tokens(tmp_path / "p", [["a"]])
    data = bytearray((tmp_path / "p").read_bytes())
    data[8] = 200
    (tmp_path / "p").write_bytes(data)
    with pytest.raises(NewerFormatError, match="version 200"):
        PostingsReader(tmp_path / "p")
