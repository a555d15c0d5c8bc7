"""Strings that are made when they are asked for are those of a list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.errors import DamagedPackError
from attar.exact.strings import Chosen, Joined, Numbered, Repeated, Strings

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=20)


def joined(values: list[str]) -> Joined:
    encoded = [value.encode() for value in values]
    return Joined(b"".join(encoded), np.array([len(e) for e in encoded], np.int64))


def check(found: Strings, values: list[str]) -> None:
    assert len(found) == len(values)
    assert list(found) == values
    assert found == values
    assert values == found
    assert found != [*values, "one more"]
    assert found[1:-1] == values[1:-1]
    assert found[::-2] == values[::-2]
    for i in range(-len(values), len(values)):
        assert found[i] == values[i]
    for i in (len(values), -len(values) - 1):
        with pytest.raises(IndexError, match="there is no string"):
            found[i]


@given(TEXTS)
def test_stretches_of_one_run(values: list[str]) -> None:
    check(joined(values), values)


@given(st.lists(st.integers(0, 10**18 - 1), max_size=20))
def test_numbers_between_two_ends(numbers: list[int]) -> None:
    found = Numbered("é-", np.array(numbers, np.int64), ".md")
    check(found, [f"é-{n}.md" for n in numbers])


@given(TEXTS.filter(bool), st.data())
def test_choices(distinct: list[str], data: st.DataObject) -> None:
    choice = data.draw(st.lists(st.integers(0, len(distinct) - 1), max_size=20))
    found = Chosen(joined(distinct), np.array(choice, np.int64))
    check(found, [distinct[i] for i in choice])


@given(st.text(max_size=5), st.integers(0, 20))
def test_the_same_again_and_again(value: str, count: int) -> None:
    check(Repeated(value, count), [value] * count)


@pytest.mark.parametrize(
    ("data", "lengths"), [("éa", [1, 1, 1]), ("éa", [1, 0, 2]), ("aé", [2, 1]), ("aé", [0, 2, 1])]
)
def test_strings_that_part_a_character_are_refused(data: str, lengths: list[int]) -> None:
    with pytest.raises(DamagedPackError, match="not UTF-8"):
        Joined(data.encode(), np.array(lengths))


def test_what_is_not_utf8_is_refused() -> None:
    with pytest.raises(DamagedPackError, match="not UTF-8"):
        Joined(b"a\xff", np.array([2]))


def test_a_million_names_take_little() -> None:
    numbers = np.arange(1_000_000)
    assert Numbered("doc-", numbers, ".txt").nbytes == 4_000_000
    assert Chosen(joined(["a", "b"]), numbers % 2).nbytes < 1_000_100
    assert joined(["name"] * 1000).nbytes < 4000 + 1001 + 150
