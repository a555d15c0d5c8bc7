from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.answer.repeats import until_repeated

ONE = "The wing of an aircraft makes lift. "
TWO = "Its drag grows with the square of speed. "


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_loop_ends_where_it_begins(size: int) -> None:
    text = ONE + TWO + ONE + TWO + ONE
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert "".join(until_repeated(pieces)).strip() == (ONE + TWO).strip()


def test_a_loop_that_is_cut_by_the_limit() -> None:
    assert "".join(until_repeated([ONE, ONE[:30]])).strip() == ONE.strip()


def test_nothing_is_read_after_the_repetition() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield ONE

    assert "".join(until_repeated(endless())) == ONE


def test_what_only_begins_alike_is_kept() -> None:
    text = ONE + "The wing of an aircraft makes drag too. "
    assert "".join(until_repeated(iter(text))) == text


def test_short_sentences_may_be_repeated() -> None:
    assert "".join(until_repeated(["Yes. ", "Yes. ", "Yes."])) == "Yes. Yes. Yes."


@given(st.lists(st.text(max_size=40), max_size=8))
def test_what_comes_out_is_a_beginning_of_what_went_in(pieces: list[str]) -> None:
    whole = "".join(pieces)
    out = "".join(until_repeated(pieces))
    assert whole.startswith(out)


@given(st.lists(st.integers(), min_size=1, max_size=8, unique=True))
def test_text_without_repetition_comes_out_whole(numbers: list[int]) -> None:
    pieces = [f"The number that was drawn is {n}. " for n in numbers]
    assert "".join(until_repeated(pieces)) == "".join(pieces)
