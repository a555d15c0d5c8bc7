"""What is taken out can be put back, and what is worth taking out is."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.exact.repeats import LEAST, MOST, NEAR, WINDOW, take_out
from tests.exact.test_text import words


def taken(data: bytes, near: int = NEAR) -> tuple[bytes, list[tuple[int, int, int]]]:
    """What is kept, and the repeats; checked to make up the data again."""
    text = np.frombuffer(data, dtype=np.uint8).copy()
    size, rows = take_out(text, near)
    kept, found = text[:size].tobytes(), [(a, n, s) for a, n, s in rows.tolist()]
    again, at = b"", 0
    for begin, length, source in found:
        gap = begin - len(again)
        assert gap >= 0
        assert length >= LEAST
        again += kept[at : at + gap] + kept[source : source + length]
        assert source + length <= at + gap  # only what was kept before it
        at += gap
    assert again + kept[at:] == data
    return kept, found


@settings(max_examples=150, deadline=None)
@given(
    parts=st.lists(st.integers(0, 5), max_size=9),
    lengths=st.lists(st.integers(1, 700), min_size=6, max_size=6),
    letters=st.sampled_from(["ab", "abcdefgh ", "aé漢🌷", "x"]),
    near=st.sampled_from([0, 1, 100, 900]),
    seed=st.integers(0, 99),
)
def test_everything_is_put_back(
    parts: list[int], lengths: list[int], letters: str, near: int, seed: int
) -> None:
    chance = random.Random(seed)
    known = ["".join(chance.choices(letters, k=n)) for n in lengths]
    data = "|".join(known[i] for i in parts).encode()
    kept, found = taken(data, near)
    kept.decode("utf-8")  # whole characters
    for begin, length, source in found:
        data[begin : begin + length].decode("utf-8")
        kept[source : source + length].decode("utf-8")


@settings(max_examples=60, deadline=None)
@given(data=st.text(max_size=400).map(lambda t: t.encode() * 3))
def test_texts_of_every_script(data: bytes) -> None:
    taken(data, near=0)


def test_a_copied_document_is_taken_out_whole() -> None:
    licence, other = words(900, seed=1).encode(), words(9000, seed=2).encode()
    kept, found = taken(licence + other + licence + b"~", near=100)
    assert found == [(len(licence + other), len(licence), 0)]
    assert kept == licence + other + b"~"


def test_a_changed_word_costs_itself() -> None:
    text, other = words(900, seed=1).encode(), words(3000, seed=2).encode()
    middle = len(text) // 2
    changed = text[:middle] + b"#" + text[middle + 1 :]
    kept, found = taken(text + other + changed, near=100)
    assert kept == text + other + b"#"
    assert len(found) == 2


def test_short_and_near_repeats_stay() -> None:
    short, other = words(12, seed=1).encode()[: LEAST - 1], words(3000, seed=2).encode()
    assert taken(short + other + short, near=100)[1] == []
    near = words(100, seed=3).encode()
    assert taken(near + near, near=len(near) + 1)[1] == []
    assert len(taken(near + near, near=len(near))[1]) == 1


def test_every_repeat_that_holds_a_fingerprint_is_found() -> None:
    other = words(2000, seed=2).encode()
    for shift in range(WINDOW):
        run = words(60, seed=shift).encode()[: LEAST + 2 * WINDOW]
        _, found = taken(b"." * shift + run + other + run, near=100)
        assert sum(n for _, n, _ in found) >= len(run), shift


def test_one_letter_without_end() -> None:
    kept, found = taken(b"a" * 1_000_000)
    assert 1_000_000 / MOST <= len(kept) < 1_000_000 / MOST + 2 * NEAR
    assert len(found) < 100


def test_nothing_and_next_to_nothing() -> None:
    for data in (b"", b"a", b"ab" * 15):
        assert taken(data, near=0)[0] == data
