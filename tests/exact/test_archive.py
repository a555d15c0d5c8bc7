"""The archive tier: the same promises as the standard one, in fewer bytes."""

from __future__ import annotations

import builtins
import inspect
import os
import random
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import DamagedPackError, NewerFormatError, OldFormatError, UsageError
from attar.exact import TextReader, write_text
from attar.exact.archive import MAX_PRIMER, Archive, bits
from tests.exact.test_text import TEXTS, words


@settings(max_examples=40, deadline=None)
@given(texts=TEXTS, block=st.sampled_from([4, 17, 256, 16384]), primer=st.sampled_from([0, 600]))
def test_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], block: int, primer: int
) -> None:
    path = tmp_path_factory.mktemp("text") / "t"
    write_text(path, iter(texts), tier="archive", block=block, primer=primer)
    with TextReader(path) as reader:
        assert list(reader) == texts
        assert reader[-2:] == texts[-2:]
        assert reader.lengths.tolist() == [len(t) for t in texts]
        reader.verify()


@settings(max_examples=20, deadline=None)
@given(texts=TEXTS)
def test_titles_and_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("text") / "t"
    write_text(path, texts * 3, fields=3, tier="archive", block=64, primer=200)
    with TextReader(path) as reader:
        assert list(reader) == texts * 3


def test_it_is_smaller_than_the_standard_tier(tmp_path: Path) -> None:
    texts = [inspect.getdoc(vars(builtins)[name]) or "" for name in sorted(vars(builtins))]
    assert sum(map(len, texts)) > 20_000
    sizes = [
        write_text(tmp_path / tier, texts, tier=tier, primer=1 << 16).file_bytes
        for tier in ("standard", "archive")
    ]
    assert sizes[1] < 0.85 * sizes[0]


def test_small_and_random_texts_do_not_grow_beyond_the_frame(tmp_path: Path) -> None:
    noise = os.urandom(40_000).decode("latin-1")
    for number, text in enumerate(["", "a", "abc", noise]):
        written = write_text(tmp_path / str(number), [text], tier="archive")
        assert written.file_bytes <= written.raw_bytes + 220
        assert list(TextReader(tmp_path / str(number))) == [text]


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    texts = [words(2000, seed) for seed in range(4)]
    for name in "ab":
        write_text(tmp_path / name, texts, tier="archive", primer=1 << 15)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_unknown_tier_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no text tier 'tape': choose one of standard, archive"):
        write_text(tmp_path / "t", ["a"], tier="tape")
    assert not (tmp_path / "t").exists()


def test_threads_may_share_a_reader(tmp_path: Path) -> None:
    texts = [words(300, seed) for seed in range(40)]
    write_text(tmp_path / "t", texts, tier="archive", block=4096, primer=8192)
    reader = TextReader(tmp_path / "t")
    order = list(range(40)) * 2
    random.Random(3).shuffle(order)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(reader.__getitem__, order)) == [texts[i] for i in order]


@pytest.mark.parametrize("primer", [0, 1 << 13])
def test_no_flipped_bit_gives_wrong_text(tmp_path: Path, primer: int) -> None:
    texts = [words(200, seed) for seed in range(6)] + ["\0\r\n", "é" * 1000]
    path = tmp_path / "t"
    write_text(path, texts, tier="archive", block=2048, primer=primer)
    good = path.read_bytes()
    chance = random.Random(5)
    for _ in range(60):
        data = bytearray(good)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        _read_or_refuse(path, texts)


def test_no_cut_gives_wrong_text(tmp_path: Path) -> None:
    texts = [words(300, seed) for seed in range(4)]
    path = tmp_path / "t"
    write_text(path, texts, tier="archive", block=1024, primer=2048)
    good = path.read_bytes()
    for length in range(0, len(good), 97):
        path.write_bytes(good[:length])
        with pytest.raises(DamagedPackError, match=str(path)):
            list(TextReader(path))


def test_a_file_of_the_other_tier_is_damaged_not_misread(tmp_path: Path) -> None:
    texts = [words(900, seed) for seed in range(4)]
    for tier, other in (("standard", 5), ("archive", 3), ("archive", 1)):
        path = tmp_path / f"{tier}{other}"
        write_text(path, texts, tier=tier, block=1024, primer=2048)
        data = bytearray(path.read_bytes())
        data[8] = other
        path.write_bytes(data)
        with pytest.raises(DamagedPackError, match=str(path)):
            list(TextReader(path))


def test_an_endless_primer_is_refused_before_it_is_read() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    none = np.zeros(0, dtype=np.int64)
    with pytest.raises(DamagedPackError, match="impossibly long"):
        Archive().decoder(b"x", MAX_PRIMER + 1, none)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 14


def test_the_size_of_a_model_is_bounded() -> None:
    sizes = [bits(1 << k) for k in range(40)]
    assert sizes[0] == bits(0) == 10
    assert max(sizes) == 18
    assert sizes == sorted(sizes)


def test_a_file_of_the_fifth_format_is_read() -> None:
    with TextReader(Path(__file__).with_name("version-5.text")) as reader:
        assert list(reader) == drawn(160)
        reader.verify()


def drawn(count: int) -> list[str]:
    """Titles and texts of words that come back, as `version-5.text` holds them.

    It was written with `fields=2, tier="archive", block=8192, primer=20_000`.
    """
    parts = ("flow", "Wärme", "plate", "ing", "ström", "er", "au", "поток")
    texts, state = [], 1
    for i in range(count):
        chosen = []
        for _ in range(80):
            state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
            chosen.append(
                parts[state >> 16 & 7] + parts[state >> 20 & 3] + "." * (state >> 28 == 0)
            )
        texts += [f"Title {i}", " ".join(chosen)]
    return texts


def _read_or_refuse(path: Path, texts: list[str]) -> None:
    try:
        reader = TextReader(path)
    except (DamagedPackError, NewerFormatError, OldFormatError) as error:
        said = str(error)
        assert str(path) in said
        return
    for i, text in enumerate(texts):
        try:
            read = reader[i]
        except (DamagedPackError, NewerFormatError, OldFormatError) as error:
            said = str(error)
            assert str(path) in said
            continue
        assert read == text
