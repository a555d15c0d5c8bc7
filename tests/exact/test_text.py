"""Texts come back byte for byte, in any slice; small and incompressible ones do not grow."""

from __future__ import annotations

import base64
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import DamagedPackError, NewerFormatError, OldFormatError, UsageError
from attar.exact import TextReader, write_text

UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
AWKWARD = st.sampled_from(
    ["", "\r\n", "\0", "a\r\nb\rc\n", "\ufeff", "e\u0301", "👩‍👩‍👧", "x" * 5000]
)
TEXTS = st.lists(st.one_of(UNICODE, AWKWARD), max_size=12)


def words(count: int, seed: int = 0) -> str:
    chance = random.Random(seed)
    known = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(500)]
    return " ".join(chance.choices(known, k=count))


@settings(max_examples=60)
@given(texts=TEXTS, block=st.sampled_from([4, 17, 256, 16384]), primer=st.sampled_from([0, 600]))
def test_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], block: int, primer: int
) -> None:
    path = tmp_path_factory.mktemp("text") / "t"
    write_text(path, iter(texts), block=block, primer=primer)
    with TextReader(path) as reader:
        assert len(reader) == len(texts)
        assert list(reader) == texts
        assert reader[-2:] == texts[-2:]
        assert reader.lengths.tolist() == [len(t) for t in texts]
        reader.verify()


@settings(max_examples=60)
@given(texts=TEXTS.filter(bool), data=st.data())
def test_slices_are_slices_of_the_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("text") / "t"
    write_text(path, texts, block=32, primer=64)
    i = data.draw(st.integers(0, len(texts) - 1))
    end = data.draw(st.integers(0, len(texts[i])))
    start = data.draw(st.integers(0, end))
    with TextReader(path) as reader:
        assert reader.slice(i, start, end) == texts[i][start:end]
        with pytest.raises(IndexError):
            reader.slice(i, start, len(texts[i]) + 1)


def test_small_and_random_texts_do_not_grow_beyond_the_frame(tmp_path: Path) -> None:
    noise = os.urandom(100_000).decode("latin-1")
    for number, text in enumerate(["", "a", "abc", noise]):
        written = write_text(tmp_path / str(number), [text])
        assert written.raw_bytes == len(text.encode())
        assert written.file_bytes <= written.raw_bytes + 220
        assert (tmp_path / str(number)).stat().st_size == written.file_bytes


@pytest.mark.parametrize("tier", ["standard", "archive"])
def test_what_cannot_be_compressed_does_not_grow(tmp_path: Path, tier: str) -> None:
    coded = base64.b85encode(os.urandom(90_000)).decode()  # as dense as letters can be
    sets = {
        "coded": [coded],
        "coded in lines": [coded[i : i + 76] for i in range(0, len(coded), 76)],
        "tiny": ["yes"] * 999,
        "empty": [""] * 999,
        "tiny and different": [f"{i}" for i in range(999)],
    }
    for name, texts in sets.items():
        written = write_text(tmp_path / name, texts, tier=tier)
        assert written.file_bytes <= written.raw_bytes + 220, name
        assert list(TextReader(tmp_path / name)) == texts


def test_blocks_cost_little_more_than_the_whole(tmp_path: Path) -> None:
    import zstandard

    texts = [words(150, seed) + words(30, 1) for seed in range(600)]
    raw = "".join(texts).encode()
    whole = len(zstandard.ZstdCompressor(level=19).compress(raw))
    written = write_text(tmp_path / "t", texts, primer=1 << 17)
    assert written.file_bytes < 1.15 * whole


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    texts = [words(2000, seed) for seed in range(9)]
    for name in "ab":
        write_text(tmp_path / name, texts, primer=1 << 15)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_copies_are_stored_once_in_both_tiers(tmp_path: Path) -> None:
    licence = words(600, seed=1)
    texts = [words(500, seed=n) + licence * (n % 2) for n in range(2, 30)]
    kept = len("".join(texts[::2]).encode()) + len(licence.encode())
    for tier in ("standard", "archive"):
        path = tmp_path / tier
        written = write_text(path, texts * 2, tier=tier, block=2048, primer=4096)
        assert written.raw_bytes == 2 * len("".join(texts).encode())
        assert written.kept_bytes < 0.95 * written.raw_bytes / 2
        assert written.kept_bytes > kept / 2
        with TextReader(path) as reader:
            assert list(reader) == texts * 2
            assert reader.kept_bytes == written.kept_bytes
            for i in (1, 29, 55):
                assert reader.slice(i, 100, 2000) == (texts * 2)[i][100:2000]


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=8), data=st.data())
def test_texts_made_of_the_same_parts(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]], data: st.DataObject
) -> None:
    known = [words(40 + 9 * n, seed=n) + "é漢" * n for n in range(5)]
    texts = ["\n".join(known[i] for i in row) for row in parts] * 2
    path = tmp_path_factory.mktemp("text") / "t"
    write_text(path, texts, block=data.draw(st.sampled_from([64, 300])), primer=600)
    with TextReader(path) as reader:
        assert list(reader) == texts
        for i, text in enumerate(texts):
            start = data.draw(st.integers(0, len(text)))
            end = data.draw(st.integers(start, len(text)))
            assert reader.slice(i, start, end) == text[start:end]


def test_a_text_of_one_letter_is_read_back(tmp_path: Path) -> None:
    text = "a" * 3_000_000
    written = write_text(tmp_path / "t", [text])
    assert written.file_bytes < 2000
    assert TextReader(tmp_path / "t")[0] == text


def test_a_file_has_the_lowest_version_that_can_say_it(tmp_path: Path) -> None:
    text = words(2000, seed=1)
    for name, texts, tier, version in (
        ("one", [text], "standard", 1),
        ("copies", [text, text], "standard", 3),
        ("archive", [text], "archive", 5),
    ):
        write_text(tmp_path / name, texts, tier=tier, block=1024)
        assert (tmp_path / name).read_bytes()[8] == version


def test_a_file_of_the_first_format_is_read() -> None:
    texts = []
    for i in range(24):
        body = " ".join(f"word{i * j * 7 % 97} flows" for j in range(30))
        texts += [f"Title {i}", body + (" Größe\u2028" if i % 5 == 0 else "")]
    with TextReader(Path(__file__).with_name("version-1.text")) as reader:
        assert list(reader) == texts
        reader.verify()


def test_fields_must_come_out_even(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="3 texts"):
        write_text(tmp_path / "t", ["a", "b", "c"], fields=2)


def test_a_lone_surrogate_is_refused_by_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"text 1 .*U\+D800 at character 2"):
        write_text(tmp_path / "t", ["fine", "no\ud800"])


def test_a_newer_format_is_said_to_be_newer(tmp_path: Path) -> None:
    path = tmp_path / "t"
    write_text(path, ["a"])
    data = bytearray(path.read_bytes())
    data[8] = 99
    path.write_bytes(data)
    with pytest.raises(NewerFormatError, match="text format 99"):
        TextReader(path)


@pytest.mark.parametrize("primer", [0, 1 << 13])
def test_no_flipped_bit_gives_wrong_text(tmp_path: Path, primer: int) -> None:
    texts = [words(400, seed) for seed in range(8)] + ["\0\r\n", "é" * 3000]
    path = tmp_path / "t"
    write_text(path, texts, block=2048, primer=primer)
    good = path.read_bytes()
    chance = random.Random(5)
    for _ in range(300):
        data = bytearray(good)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        _read_or_refuse(path, texts)


def test_no_cut_gives_wrong_text(tmp_path: Path) -> None:
    texts = [words(300, seed) for seed in range(4)]
    path = tmp_path / "t"
    write_text(path, texts, block=1024, primer=2048)
    good = path.read_bytes()
    for length in range(0, len(good), 37):
        path.write_bytes(good[:length])
        with pytest.raises(DamagedPackError, match=str(path)):
            list(TextReader(path))


def test_damage_names_the_block(tmp_path: Path) -> None:
    path = tmp_path / "t"
    write_text(path, [words(3000)], block=1024, primer=0)
    data = bytearray(path.read_bytes())
    data[40] ^= 255
    path.write_bytes(data)
    reader = TextReader(path)
    with pytest.raises(DamagedPackError, match="block 0"):
        reader.verify()
    # What lies in other blocks is still there.
    assert reader.slice(0, 5000, 5100) == words(3000)[5000:5100]


def test_the_file_may_be_unlinked_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t"
    write_text(path, ["still here"])
    reader = TextReader(path)
    path.unlink()
    assert reader[0] == "still here"


def _read_or_refuse(path: Path, texts: list[str]) -> None:
    for i, text in enumerate(texts):
        try:
            read = TextReader(path)[i]
        except (DamagedPackError, NewerFormatError, OldFormatError) as error:
            said = str(error)
            assert str(path) in said  # either outcome is right
            continue
        assert read == text
