"""Words are spelled in fewer bytes, and read again."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import DamagedPackError
from attar.exact.alphabet import LONGEST, Alphabet
from tests.exact.test_text import words

TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(["flow of the boundary layer ", "größe ", "漢字の漢字 ", "Flow\n"]),
    ),
    max_size=30,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, repeats=st.integers(1, 12), data=st.data())
def test_what_was_spelled_is_read(text: str, repeats: int, data: st.DataObject) -> None:
    raw = text.encode() * repeats
    known = Alphabet.of([raw])
    characters = data.draw(st.lists(st.integers(0, len(text)), max_size=4).map(sorted))
    cuts = [len(text[:n].encode()) for n in characters]
    spelled = known.spell(raw, cuts)
    assert known.read(spelled) == raw
    assert len(spelled) <= len(raw)
    again = Alphabet.decode(known.encode())
    assert (again.free, again.words) == (known.free, known.words)
    assert sum(_sizes(known, spelled)) == len(raw)


def _sizes(known: Alphabet, spelled: bytes) -> list[int]:
    """What a coder counts, byte by byte."""
    kinds, _, _, sizes = known.sizes
    found, at = [], 0
    while at < len(spelled):
        width = 2 if kinds[spelled[at]] == 2 else 1
        code = int.from_bytes(spelled[at : at + width], "big")
        found.append(int(sizes[code]) if kinds[spelled[at]] else 1)
        at += width
    return found


def test_common_words_take_a_byte_or_two() -> None:
    raw = words(4000, seed=1).encode()
    known = Alphabet.of([raw])
    assert len(known.spell(raw)) < 0.7 * len(raw)
    assert len(known.encode()) < 0.1 * len(raw)


def test_no_word_goes_over_a_cut() -> None:
    known = Alphabet.of([b"flow flow flow boundary " * 20])
    assert known.spell(b"flow") != b"flow"
    assert known.spell(b"flow", [2]) == b"flow"
    assert known.spell(b"flow", [0, 4]) == known.spell(b"flow")


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_as_something(data: bytes) -> None:
    raw = words(300, seed=2).encode() * 3
    known = Alphabet.of([raw])
    codes = {known.spell(word): word for word in known.words}
    kinds = known.sizes.kinds
    expected, at = b"", 0
    while at < len(data):
        code = data[at : at + (2 if kinds[data[at]] == 2 else 1)]
        expected += codes.get(code, code)
        at += len(code)
    assert known.read(data) == expected


def test_few_free_bytes_are_enough_for_many_words() -> None:
    used = bytes(b for b in range(256) if b not in b"\0\1\2\3\4").replace(b"a", b" ")
    names = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(600)]
    raw = used + b" " + " ".join(names * 6).encode("ascii")
    known = Alphabet.of([raw])
    assert known.free == b"\0\1\2\3\4"
    assert len(known.words) == 600
    assert known.read(known.spell(raw)) == raw


def test_a_text_that_uses_every_byte_has_no_words() -> None:
    assert Alphabet.of([bytes(range(256)) * 20, b"flow " * 90]).words == ()
    assert Alphabet.of([]).words == ()
    noise = os.urandom(2000)
    assert Alphabet.plain().read(Alphabet.plain().spell(noise)) == noise


FREE = bytes(24) + b"\xff" * 8


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FREE[:31],
        FREE + b"ab",
        FREE + b"\0ab\3c",
        FREE + b"\0a",
        FREE + b"\0" + b"a" * (LONGEST + 1),
        FREE + b"\1ab",
        bytes(31) + b"\3\0ab",  # nowhere to stand
        bytes(31) + b"\x1f" + b"\0ab" * 1026,
    ],
)
def test_damaged_alphabets(data: bytes) -> None:
    with pytest.raises(DamagedPackError):
        Alphabet.decode(data)
